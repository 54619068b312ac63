// The catalogue of all sentences: none of the house is missing, and what was stored is said in the reader's
// language.

#include <catch2/catch.hpp>
#include <filesystem>
#include <fstream>
#include <iterator>

#include "fhir_model/json/json.h"
#include "gateway/api/sayings.h"
#include "gateway/app/catalogue.h"
#include "gateway/pipeline/pipeline.h"
#include "gateway/targets/errors.h"
#include "mappers/convert/rules.h"
#include "profiles/validator/rules.h"

namespace passerelle::app {
namespace {

std::size_t RowsIn(const std::string& file_name, const std::string& macro) {
  std::size_t rows = 0;
  for (const char* room : {"fhir_model", "mappers", "profiles", "gateway"})
    for (const auto& entry : std::filesystem::recursive_directory_iterator(room)) {
      if (entry.path().filename() != file_name) continue;
      std::ifstream in(entry.path());
      std::string text("\n");
      text.append(std::istreambuf_iterator<char>(in), {});
      for (auto at = text.find("\n" + macro + "("); at != text.npos;
           at = text.find("\n" + macro + "(", at + 1))
        ++rows;
    }
  return rows;
}

}  // namespace

TEST_CASE("the catalogue has every rule and every error of the house") {
  auto all = AllSentences();
  CHECK(all.rules().size() == RowsIn("rules.def", "RULE"));
  CHECK(all.errors().size() == RowsIn("errors.def", "ERROR"));
}

TEST_CASE("findings are stored by rule and arguments, and said in either language") {
  auto all = AllSentences();
  Issues issues;
  issues.Add(rules::ValueUnfit, {"PID-7", 2, 9}, {"date"});
  auto stored = pipeline::FindingsJson(issues);
  CHECK(stored.find("\"text\"") == stored.npos);
  auto english = api::Sayings(all, Language::English).Findings(stored, api::Quotes::Shown);
  auto french = api::Sayings(all, Language::French).Findings(stored, api::Quotes::Shown);
  CHECK(english ==
        R"([{"severity":"warning","rule":"convert.value.unfit","place":"PID-7","line":2,"column":9,)"
        R"("text":"The value is none that the type date of FHIR takes."}])");
  CHECK(french.find("La valeur n'est pas de celles qu'admet le type date de FHIR.") != french.npos);
}

TEST_CASE("findings of an older store have an English sentence, and are said in French all the same") {
  auto all = AllSentences();
  api::Sayings french(all, Language::French);
  std::string older = R"([{"severity":"error","rule":"value.date","place":"Patient.birthDate",)"
                      R"("text":"'19809999' is no valid date."}])";
  CHECK(french.Findings(older, api::Quotes::Shown).find("« 19809999 » n'est pas un date valide.") !=
        std::string::npos);
  // A rule that is no more, or whose words have changed: as it was said then.
  std::string gone =
      R"([{"severity":"error","rule":"value.gone","place":"","text":"Said then of KANARIE."}])";
  CHECK(french.Findings(gone, api::Quotes::Shown).find("Said then of KANARIE.") != std::string::npos);
  CHECK(french.Findings(gone, api::Quotes::Masked).find("KANARIE") == std::string::npos);
  CHECK(french.Findings("", api::Quotes::Shown) == "[]");
}

TEST_CASE("what a sentence quotes is masked in both languages") {  // safety rule 18
  auto all = AllSentences();
  Issues issues;
  issues.Add(validator::rules::DateMalformed, {"Patient.birthDate"}, {"KANARIE", "date"});
  auto stored = pipeline::FindingsJson(issues);
  for (auto language : {Language::English, Language::French}) {
    auto said = api::Sayings(all, language).Findings(stored, api::Quotes::Masked);
    CHECK(said.find("KANARIE") == said.npos);
    CHECK(said.find("date") != said.npos);
  }
}

TEST_CASE("causes are said in the reader's language, whatever stands before and after them") {
  auto all = AllSentences();
  api::Sayings french(all, Language::French);
  std::string refused = Error(errors::TargetRefused, "HTTP 422").Text();
  CHECK(french.Cause(refused) == "La cible a refusé le contenu. (HTTP 422)");
  CHECK(french.Cause("dpi: " + refused) == "dpi: La cible a refusé le contenu. (HTTP 422)");
  CHECK(french.Cause("gate.opposition") == "Le patient s'oppose à l'alimentation du dossier.");
  CHECK(french.Cause("record.acknowledges 17") == "Il acquitte le message 17.");
  CHECK(french.Cause(
            "3202 PatientUnclear: The patient of this message cannot be told from others with certainty. "
            "(record.identifier-taken) at MRG-1") ==
        "Le patient de ce message ne peut être identifié avec certitude. "
        "Le nouvel identifiant est déjà celui d'un autre patient : une personne doit trancher.");
  CHECK(french.Cause("9999 Unheard: of") == "9999 Unheard: of");
  CHECK(french.Cause("") == "");
}

}  // namespace passerelle::app
