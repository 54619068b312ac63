// Profiles, slices, extensions and invariants on what the pinned packages define.

#include <catch2/catch.hpp>

#include "tests/support/validate.h"

namespace passerelle::validator {
namespace {

using tests::Findings;

bool Has(const std::vector<std::string>& found, std::string_view wanted) {
  return std::find(found.begin(), found.end(), wanted) != found.end();
}

std::string Weight(const std::string& category, const std::string& value) {
  return R"({"resourceType":"Observation","meta":{"profile":["http://hl7.org/fhir/StructureDefinition/bodyweight"]},
    "status":"final","category":[{"coding":[{"system":"http://terminology.hl7.org/CodeSystem/observation-category",
    "code":")" +
         category + R"("}]}],"code":{"coding":[{"system":"http://loinc.org","code":"29463-7"}]},
    "subject":{"reference":"Patient/1"},"effectiveDateTime":"2026-01-01",)" +
         value + "}";
}
const std::string kKilos =
    R"("valueQuantity":{"value":72,"unit":"kg","system":"http://unitsofmeasure.org","code":"kg"})";

TEST_CASE("a resource that keeps the profile it claims", "[validator]") {
  auto found = Findings(Weight("vital-signs", kKilos));
  found.erase(std::remove_if(found.begin(), found.end(),
                             [](const auto& f) { return f.starts_with("coding.unknown-system"); }),
              found.end());
  CHECK(found.empty());
}

TEST_CASE("a slice that is missing, and a value that is not as fixed", "[validator]") {
  CHECK(Has(Findings(Weight("laboratory", kKilos)), "slice.min Observation"));
  auto found = Findings(Weight("vital-signs", R"("valueQuantity":{"value":72,"unit":"stone",
      "system":"http://unitsofmeasure.org","code":"[stone_av]"})"));
  CHECK(Has(found, "binding.required Observation.value.ofType(Quantity).code"));
}

TEST_CASE("a profile that is not here is said", "[validator]") {
  CHECK(Has(Findings(R"({"resourceType":"Patient","meta":{"profile":["http://example.org/none"]}})"),
            "profile.unknown Patient.meta.profile[0]"));
  ValidateOptions options;
  options.profiles = {"http://example.org/none"};
  CHECK(Has(Findings(R"({"resourceType":"Patient"})", options), "profile.wanted Patient"));
}

TEST_CASE("extensions", "[validator]") {
  auto with = [](const std::string& extension) {
    return Findings(R"({"resourceType":"Patient","extension":[)" + extension + "]}");
  };
  std::string birth_place = R"({"url":"http://hl7.org/fhir/StructureDefinition/patient-birthPlace",)";
  CHECK(with(birth_place + R"("valueAddress":{"city":"Brest"}})").empty());
  CHECK(Has(with(birth_place + R"("valueString":"Brest"})"), "extension.value-type Patient.extension[0]"));
  CHECK(
      Has(with(R"({"url":"birthPlace","valueString":"x"})"), "extension.url-relative Patient.extension[0]"));
  CHECK(Has(with(R"({"url":"http://example.org/x"})"), "extension.ext-1 Patient.extension[0]"));
  CHECK(Has(with(R"({"url":"https://nobody.fr/x","valueString":"x"})"),
            "extension.unknown Patient.extension[0]"));
  CHECK(Has(Findings(R"({"resourceType":"Organization","name":"x","extension":[)" + birth_place +
                     R"("valueAddress":{"city":"Brest"}}]})"),
            "extension.context Organization"));
}

TEST_CASE("invariants, as published and as corrected", "[validator]") {
  CHECK(Has(Findings(R"({"resourceType":"Organization","active":true})"), "invariant.failed Organization"));
  CHECK(Has(
      Findings(
          R"({"resourceType":"Patient","identifier":[{"period":{"start":"2026-02-01","end":"2026-01-01"}}]})"),
      "invariant.failed Patient.identifier[0].period"));
  // que-12 as published lets two pass.
  std::string enable = R"({"question":"a","operator":"exists","answerBoolean":true})";
  CHECK(
      Has(Findings(R"({"resourceType":"Questionnaire","status":"draft","item":[{"linkId":"a","type":"string"},
      {"linkId":"b","type":"string","enableWhen":[)" +
                   enable + "," + enable + "]}]}"),
          "invariant.failed Questionnaire.item[1]"));
}

}  // namespace
}  // namespace passerelle::validator
