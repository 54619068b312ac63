#include "fhir_model/identity/identity.h"

#include <algorithm>
#include <array>
#include <cstdint>
#include <string>

namespace passerelle::identity {
namespace {

constexpr std::array kInsRoots = {
    InsRoot{"1.2.250.1.213.1.4.8", InsKind::Nir, "INS-NIR", "official", false},
    InsRoot{"1.2.250.1.213.1.4.9", InsKind::Nia, "INS-NIA", "temp", false},
    InsRoot{"1.2.250.1.213.1.4.10", InsKind::TestNir, "INS-NIR-TEST", "official", true},
    InsRoot{"1.2.250.1.213.1.4.11", InsKind::DemoNir, "INS-NIR-DEMO", "official", true},
};
constexpr std::array kProfessionalKinds = {
    NationalIdKind{'0', "ADELI", "https://adeli.esante.gouv.fr"},
    NationalIdKind{'8', "RPPS", "https://rpps.esante.gouv.fr"},
};
constexpr std::array kStructureKinds = {
    NationalIdKind{'1', "FINESS", "https://finess.esante.gouv.fr"},
    NationalIdKind{'2', "SIREN", "https://sirene.fr"},
    NationalIdKind{'3', "SIRET", "https://sirene.fr"},
};

bool Digits(std::string_view s) {
  return !s.empty() && std::all_of(s.begin(), s.end(), [](char c) { return c >= '0' && c <= '9'; });
}

bool Luhn(std::string_view s, std::size_t size) {
  if (s.size() != size || !Digits(s)) return false;
  int sum = 0;
  bool twice = false;
  for (std::size_t i = s.size(); i-- > 0; twice = !twice) {
    int digit = s[i] - '0';
    if (twice) digit = digit * 2 > 9 ? digit * 2 - 9 : digit * 2;
    sum += digit;
  }
  return sum % 10 == 0;
}

const NationalIdKind* FindKind(const auto& kinds, char digit) {
  for (const auto& kind : kinds)
    if (kind.digit == digit) return &kind;
  return nullptr;
}

// The department stands in characters 6 and 7 of a matricule, in 1 and 2 of a FINESS number.
std::string CorsicaAsDigits(std::string_view value, std::size_t at, std::string_view for_2a, std::string_view for_2b) {
  std::string digits(value);
  if (value.substr(at, 2) == "2A") digits.replace(at, 2, for_2a);
  if (value.substr(at, 2) == "2B") digits.replace(at, 2, for_2b);
  return digits;
}

}  // namespace

const InsRoot* FindInsRoot(std::string_view oid) {
  if (oid.starts_with("urn:oid:")) oid.remove_prefix(8);
  for (const auto& root : kInsRoots)
    if (root.oid == oid) return &root;
  return nullptr;
}

bool IsInsForm(std::string_view value) {
  return value.size() == 15 && Digits(CorsicaAsDigits(value, 5, "19", "18"));
}

bool InsKeyAgrees(std::string_view value) {
  if (!IsInsForm(value)) return false;
  std::string digits = CorsicaAsDigits(value, 5, "19", "18");
  std::int64_t number = std::stoll(digits.substr(0, 13));
  return 97 - number % 97 == std::stoi(digits.substr(13));
}

bool IsRpps(std::string_view value) { return Luhn(value, 11); }
bool IsSiren(std::string_view value) { return Luhn(value, 9); }
bool IsSiret(std::string_view value) { return Luhn(value, 14); }
bool IsFiness(std::string_view value) {
  return value.size() == 9 && Luhn(CorsicaAsDigits(value, 0, "20", "20"), 9);
}

const NationalIdKind* FindProfessionalIdKind(char digit) { return FindKind(kProfessionalKinds, digit); }
const NationalIdKind* FindStructureIdKind(char digit) { return FindKind(kStructureKinds, digit); }

}  // namespace passerelle::identity
