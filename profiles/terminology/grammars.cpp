#include "profiles/terminology/grammars.h"

#include <algorithm>

#include "fhir_model/identity/code_form.h"
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

// Whether a code is one only the content of SNOMED CT or LOINC can tell, but not every text can be.
Answer Snomed(std::string_view code) {
  return identity::MayBeSnomed(code) ? Answer::CannotTell : Answer::Out;
}
Answer Loinc(std::string_view code) {
  return identity::MayBeLoinc(code) ? Answer::CannotTell : Answer::Out;
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
