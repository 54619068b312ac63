#include "profiles/terminology/grammars.h"

#include <algorithm>

#include "fhir_model/ucum/ucum.h"
#include "profiles/terminology/registers.h"

namespace passerelle::terminology {
namespace {

bool IsDigit(char c) { return c >= '0' && c <= '9'; }
bool IsLetter(char c) { return (c | 0x20) >= 'a' && (c | 0x20) <= 'z'; }
bool IsAlphanumeric(char c) { return IsDigit(c) || IsLetter(c); }

template <class Test>
bool All(std::string_view text, Test test) {
  return std::all_of(text.begin(), text.end(), test);
}

bool Lists(std::string_view codes, std::string_view code) {
  if (code.empty()) return false;
  for (auto at = codes.find(code); at != codes.npos; at = codes.find(code, at + 1))
    if (codes[at - 1] == ' ' && codes[at + code.size()] == ' ') return true;
  return false;
}

// RFC 5646, 2.1: a language of two, three or five to eight letters, or a private tag, then subtags.
Answer Language(std::string_view code) {
  auto dash = code.find('-');
  std::string_view primary = code.substr(0, dash);
  bool language = primary.size() >= 2 && primary.size() <= 8 && primary.size() != 4 && All(primary, IsLetter);
  bool special = primary == "x" || primary == "i" || primary == "X" || primary == "I";
  if (!language && !(special && dash != code.npos)) return Answer::Out;
  while (dash != code.npos) {
    code.remove_prefix(dash + 1);
    dash = code.find('-');
    std::string_view part = code.substr(0, dash);
    if (part.empty() || part.size() > 8 || !All(part, IsAlphanumeric)) return Answer::Out;
  }
  return Answer::In;
}

// RFC 2045, 5.1: type "/" subtype, then parameters; or a FHIR format by its short name (R4,
// http.html#mime-type).
Answer MediaType(std::string_view code) {
  if (Lists(" xml json ttl none ", code)) return Answer::In;
  auto token = [](std::string_view text) {
    constexpr std::string_view kSpecials = "()<>@,;:\\\"/[]?=";
    return !text.empty() &&
           All(text, [&](char c) { return c > ' ' && c < 0x7F && kSpecials.find(c) == kSpecials.npos; });
  };
  std::string_view name = code.substr(0, code.find(';'));
  while (!name.empty() && name.back() == ' ') name.remove_suffix(1);
  auto slash = name.find('/');
  if (slash == name.npos || !token(name.substr(0, slash)) || !token(name.substr(slash + 1)))
    return Answer::Out;
  return Answer::In;
}

Answer Currency(std::string_view code) {
  return code.size() == 3 && Lists(kCurrencies, code) ? Answer::In : Answer::Out;
}

// The two-letter codes are listed; of the others only the form is known.
Answer Country(std::string_view code) {
  if (code.size() == 2) return Lists(kCountries, code) ? Answer::In : Answer::Out;
  bool form =
      code.size() == 3 && (All(code, IsDigit) || All(code, [](char c) { return c >= 'A' && c <= 'Z'; }));
  return form ? Answer::CannotTell : Answer::Out;
}

Answer TimeZone(std::string_view code) {
  bool form = !code.empty() && IsLetter(code[0]) && All(code, [](char c) {
    return IsAlphanumeric(c) || c == '/' || c == '_' || c == '-' || c == '+';
  });
  if (!form) return Answer::Out;
  return code == "UTC" || code == "Europe/Paris" ? Answer::In : Answer::CannotTell;
}

Answer Uri(std::string_view code) {
  auto colon = code.find(':');
  bool form = colon != code.npos && colon > 0 && code.find(' ') == code.npos;
  return form ? Answer::In : Answer::Out;
}

Answer Unit(std::string_view code) { return ucum::IsUnit(code) ? Answer::In : Answer::Out; }

// The check digit that ends a SNOMED CT identifier: Verhoeff's (SNOMED CT Release File Specifications, 5.5).
bool HasVerhoeffDigit(std::string_view digits) {
  constexpr std::string_view kTimes[] = {"0123456789", "1234067895", "2340178956", "3401289567",
                                         "4012395678", "5987604321", "6598710432", "7659821043",
                                         "8765932104", "9876543210"};
  constexpr std::string_view kTurned[] = {"0123456789", "1576283094", "5803796142", "8916043527",
                                          "9453126870", "4286573901", "2793806415", "7046913258"};
  int sum = 0;
  for (std::size_t i = 0; i < digits.size(); ++i) {
    int digit = kTurned[i % 8][static_cast<std::size_t>(digits[digits.size() - 1 - i] - '0')] - '0';
    sum = kTimes[sum][static_cast<std::size_t>(digit)] - '0';
  }
  return sum == 0;
}

// Whether a code is a concept only SNOMED CT's content can tell, but not every text can be one: an identifier
// of 6 to 18 digits, with the partition of concepts, that ends in its check digit. Expressions have signs.
Answer Snomed(std::string_view code) {
  if (code.find_first_of(" :+=,{}()|<") != code.npos) return Answer::CannotTell;
  bool form = code.size() >= 6 && code.size() <= 18 && code[0] != '0' && All(code, IsDigit);
  if (!form) return Answer::Out;
  std::string_view partition = code.substr(code.size() - 3, 2);
  bool is_concept = partition == "00" || partition == "10";
  return is_concept && HasVerhoeffDigit(code) ? Answer::CannotTell : Answer::Out;
}

// LOINC numbers end in a check digit modulo 10. Parts, lists, answers and provisional codes have letters.
Answer Loinc(std::string_view code) {
  auto dash = code.rfind('-');
  if (code.starts_with("MTHU")) return Answer::CannotTell;
  if (dash == code.npos || dash == 0 || code.find(' ') != code.npos) return Answer::Out;
  if (!All(code.substr(0, dash), IsDigit)) return Answer::CannotTell;
  if (dash > 7 || dash + 2 != code.size() || !IsDigit(code.back())) return Answer::Out;
  int sum = 0;
  for (std::size_t i = 0; i < dash; ++i) {
    int digit = code[dash - 1 - i] - '0';
    int weighted = i % 2 == 0 ? digit * 2 : digit;
    sum += weighted / 10 + weighted % 10;
  }
  return (10 - sum % 10) % 10 == code.back() - '0' ? Answer::CannotTell : Answer::Out;
}

struct Row {
  std::string_view system;
  Grammar grammar;
};
constexpr Row kGrammars[] = {{"urn:ietf:bcp:47", Language},
                             {"urn:ietf:bcp:13", MediaType},
                             {"http://unitsofmeasure.org", Unit},
                             {"urn:ietf:rfc:3986", Uri},
                             {"http://snomed.info/sct", Snomed},
                             {"http://loinc.org", Loinc},
                             {"urn:iso:std:iso:4217", Currency},
                             {"urn:iso:std:iso:3166", Country},
                             {"https://www.iana.org/time-zones", TimeZone}};

}  // namespace

Grammar FindGrammar(std::string_view system) {
  for (const auto& row : kGrammars)
    if (row.system == system) return row.grammar;
  return nullptr;
}

}  // namespace passerelle::terminology
