// What a finding says is said in French too: every phrase of the tables has its row.

#include "gateway/labelling/words.h"

#include <algorithm>
#include <catch2/catch.hpp>
#include <set>
#include <sstream>

#include "gateway/labelling/rule_words.h"
#include "profiles/validator/rules.h"

using namespace passerelle;
using namespace passerelle::labelling;

namespace {

// Codes, paths and names are the same in every language; these words are not.
bool IsEnglish(const std::string& phrase) {
  static const std::set<std::string> kWords = {"a",   "an",   "the", "of",   "or",   "and", "no",  "not",
                                               "one", "with", "at",  "what", "when", "who", "that"};
  std::istringstream words(phrase);
  for (std::string word; words >> word;)
    if (kWords.contains(word)) return true;
  return false;
}

}  // namespace

TEST_CASE("what is expected, and what it takes to decide, has its French words") {
  auto catalogue = requirements::Catalogue::Shipped();
  REQUIRE(catalogue);
  for (const auto& requirement : catalogue->requirements()) {
    INFO(requirement.id);
    for (const auto& check : requirement.checks)
      for (const auto* literals : {&check.phrases, &check.found_phrases})
        for (const auto& literal : *literals) {
          INFO(literal);
          CHECK((!IsEnglish(literal) || InLanguage(literal, Language::French) != literal));
        }
    if (requirement.means == requirements::Means::Automatic) continue;
    INFO(requirement.reason);
    CHECK(InLanguage(requirement.reason, Language::French) != requirement.reason);
  }
}

TEST_CASE("a row has as many places for what is within in French as in English") {
  for (const auto& file : ShippedWords()) {
    std::istringstream lines(file.text);
    for (std::string line; std::getline(lines, line);) {
      auto bar = line.find(" | ");
      if (line.empty() || line[0] == '#') continue;
      INFO(file.name << ": " << line);
      REQUIRE(bar != line.npos);
      CHECK(std::count(line.begin(), line.begin() + static_cast<std::ptrdiff_t>(bar), '*') ==
            std::count(line.begin() + static_cast<std::ptrdiff_t>(bar), line.end(), '*'));
    }
  }
}

TEST_CASE("a phrase with something within is said around it; what has no row stays") {
  CHECK(InLanguage("missing: value set JDV_J07", Language::French) ==
        "il manque : le jeu de valeurs JDV_J07");
  CHECK(InLanguage("missing: value set JDV_J07", Language::English) == "missing: value set JDV_J07");
  CHECK(InLanguage("Element '{urn:hl7-org:v3}code': This element is not expected. Expected is one of ( "
                   "{urn:hl7-org:v3}a, "
                   "{urn:hl7-org:v3}b ).",
                   Language::French) ==
        "Élément « {urn:hl7-org:v3}code » : il n'est pas attendu ici. Attendu : l'un de ( {urn:hl7-org:v3}a, "
        "{urn:hl7-org:v3}b ).");
  CHECK(InLanguage("Element 'x', attribute 'y': 'v' is not a valid value of the atomic type 'cs'.",
                   Language::French) ==
        "Élément « x », attribut « y » : « v » n'est pas une valeur du type « cs ».");
  CHECK(CampaignInLanguage("3 of 12 candidates", Language::French) == "3 sur 12 candidats");
  CHECK(CampaignInLanguage("of candidates", Language::French) == "of candidates");
  CHECK(InLanguage("2.5.1", Language::French) == "2.5.1");
  CHECK(InLanguage("", Language::French).empty());
}

TEST_CASE("a heading of the campaign is no word of a verdict") {
  CHECK(CampaignInLanguage("Mark", Language::French) == "Marque");
  CHECK(InLanguage("Mark", Language::French) == "Mark");
}

TEST_CASE("what the validator found is said in French, around what the sender wrote") {
  CHECK(RuleInFrench("The element 'bogus' is not defined here. [structure.unknown]") ==
        "L'élément « bogus » n'est pas défini ici. [structure.unknown]");
  CHECK(
      RuleInFrench(
          "'a' is not in the value set http://x|4.0.1, from which a code is required. [binding.required]") ==
      "« a » n'est pas dans le jeu de valeurs http://x|4.0.1, dont un code est requis. [binding.required]");
  // What is no rule's, was cut, or only looks like one stays as it is.
  for (auto other : {"The element 'bogus' is not def...", "The element is here. [structure.unknown]",
                     "[structure.unknown]", "The element 'x' is not defined here. [nothing]", ""})
    CHECK(!RuleInFrench(other));
}

TEST_CASE("each sentence of the validator is found again by its rule") {
#define RULE(name, ...) &validator::rules::name,
  constexpr const RuleInfo* kRules[] = {
#include "profiles/validator/rules.def"
  };
#undef RULE
  const std::vector<std::string> arguments = {"eins", "zwei", "drei", "vier", "fünf", "sechs"};
  for (const auto* rule : kRules) {
    INFO(rule->id);
    auto behind = " [" + std::string(rule->id) + "]";
    CHECK(RuleInFrench(Fill(rule->en, arguments) + behind) == Fill(rule->fr, arguments) + behind);
  }
}
