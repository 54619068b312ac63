#include "fhir_model/identity/code_form.h"

#include <algorithm>

namespace passerelle::identity {
namespace {

bool IsDigit(char c) { return c >= '0' && c <= '9'; }
bool AreDigits(std::string_view text) { return std::all_of(text.begin(), text.end(), IsDigit); }

// Verhoeff's: over the digits with the check digit the sum is nothing.
bool HasVerhoeffDigit(std::string_view digits) {
  constexpr std::string_view kTimes[] = {"0123456789", "1234067895", "2340178956", "3401289567", "4012395678",
                                         "5987604321", "6598710432", "7659821043", "8765932104", "9876543210"};
  constexpr std::string_view kTurned[] = {"0123456789", "1576283094", "5803796142", "8916043527",
                                          "9453126870", "4286573901", "2793806415", "7046913258"};
  int sum = 0;
  for (std::size_t i = 0; i < digits.size(); ++i) {
    int digit = kTurned[i % 8][static_cast<std::size_t>(digits[digits.size() - 1 - i] - '0')] - '0';
    sum = kTimes[sum][static_cast<std::size_t>(digit)] - '0';
  }
  return sum == 0;
}

}  // namespace

bool MayBeSnomed(std::string_view code) {
  if (code.find_first_of(" :+=,{}()|<") != code.npos) return true;  // an expression
  if (code.size() < 6 || code.size() > 18 || code[0] == '0' || !AreDigits(code)) return false;
  std::string_view partition = code.substr(code.size() - 3, 2);
  return (partition == "00" || partition == "10") && HasVerhoeffDigit(code);
}

bool LoincKeyAgrees(std::string_view code) {
  auto dash = code.find('-');
  if (dash == code.npos || dash == 0 || dash > 7 || dash + 2 != code.size()) return false;
  if (!AreDigits(code.substr(0, dash)) || !IsDigit(code.back())) return false;
  int sum = 0;
  for (std::size_t i = 0; i < dash; ++i) {
    int digit = code[dash - 1 - i] - '0';
    int weighted = i % 2 == 0 ? digit * 2 : digit;
    sum += weighted / 10 + weighted % 10;
  }
  return (10 - sum % 10) % 10 == code.back() - '0';
}

bool MayBeLoinc(std::string_view code) {
  if (code.starts_with("MTHU")) return true;
  auto dash = code.rfind('-');
  if (dash == code.npos || dash == 0 || code.find(' ') != code.npos) return false;
  return !AreDigits(code.substr(0, dash)) || LoincKeyAgrees(code);
}

bool MayBeCodeOf(std::string_view system, std::string_view code) {
  struct Form {
    std::string_view system;
    bool (*may_be)(std::string_view code);
  };
  static constexpr Form kForms[] = {{"http://loinc.org", MayBeLoinc}, {"http://snomed.info/sct", MayBeSnomed}};
  auto form = std::find_if(std::begin(kForms), std::end(kForms), [&](const Form& f) { return f.system == system; });
  return form == std::end(kForms) || form->may_be(code);
}

}  // namespace passerelle::identity
