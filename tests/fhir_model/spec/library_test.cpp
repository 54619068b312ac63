// Library: profiles and conformance resources of the pack, by canonical.

#include "fhir_model/spec/library.h"

#include <algorithm>
#include <catch2/catch.hpp>

#include "tests/support/pack.h"

namespace passerelle::spec {
namespace {

const Library& Base() {
  static const Library library(tests::Pack());
  return library;
}

constexpr std::string_view kVitalSigns = "http://hl7.org/fhir/StructureDefinition/vitalsigns";

TEST_CASE("a profile has its whole snapshot", "[spec]") {
  const Profile* profile = Base().FindProfile(kVitalSigns);
  REQUIRE(profile != nullptr);
  CHECK(profile->type == "Observation");
  CHECK(profile->derivation == Derivation::Constraint);
  CHECK(profile->base == "http://hl7.org/fhir/StructureDefinition/Observation");

  const Element* slice = profile->FindElement("Observation.category:VSCat.coding.system");
  REQUIRE(slice != nullptr);
  CHECK(slice->path == "Observation.category.coding.system");
  CHECK(slice->min == 1);
  CHECK(slice->max == 1);
  CHECK(slice->fixed.type == "uri");
  CHECK(slice->fixed.json ==
        R"({"value":"http://terminology.hl7.org/CodeSystem/observation-category"})");

  const Element* code = profile->FindElement("Observation.code");
  REQUIRE(code != nullptr);
  CHECK(code->binding.strength == BindingStrength::Extensible);
  CHECK(code->binding.value_set == "http://hl7.org/fhir/ValueSet/observation-vitalsignresult");
  CHECK(code->must_support);

  const Element& root = profile->elements.front();
  auto vs2 = std::find_if(root.constraints.begin(), root.constraints.end(),
                          [](const Constraint& c) { return c.key == "vs-2"; });
  REQUIRE(vs2 != root.constraints.end());
  CHECK(vs2->error);
  CHECK_FALSE(vs2->expression.empty());
}

TEST_CASE("elements know their parent, their end and what they slice", "[spec]") {
  const Profile* profile = Base().FindProfile(kVitalSigns);
  REQUIRE(profile != nullptr);
  const auto& all = profile->elements;
  const Element* sliced = profile->FindElement("Observation.category");
  const Element* slice = profile->FindElement("Observation.category:VSCat");
  REQUIRE(sliced != nullptr);
  REQUIRE(slice != nullptr);
  CHECK(sliced->slicing.present);
  CHECK(sliced->slicing.discriminators.size() == 2);
  CHECK(all[slice->slice_of].id == "Observation.category");
  CHECK(all[slice->parent].id == "Observation");
  CHECK(all[slice->end - 1].id.starts_with("Observation.category:VSCat."));
  CHECK(all[slice->end].id == "Observation.code");
  CHECK(all.front().end == all.size());
}

TEST_CASE("types say their profiles and targets", "[spec]") {
  const Profile* patient = Base().FindType("Patient");
  REQUIRE(patient != nullptr);
  const Element* practitioner = patient->FindElement("Patient.generalPractitioner");
  REQUIRE(practitioner != nullptr);
  REQUIRE(practitioner->types.size() == 1);
  CHECK(practitioner->types[0].code == "Reference");
  CHECK(practitioner->types[0].target_profiles.size() == 3);
  CHECK(patient->FindElement("Patient.id")->types[0].code == "id");
}

TEST_CASE("a canonical resolves with its version, then without", "[spec]") {
  CHECK(Base().Find("http://hl7.org/fhir/ValueSet/administrative-gender|4.0.1", "ValueSet").has_value());
  CHECK(Base().Find("http://hl7.org/fhir/ValueSet/administrative-gender|9.9.9", "ValueSet").has_value());
  CHECK_FALSE(Base().Find("http://hl7.org/fhir/ValueSet/administrative-gender", "CodeSystem").has_value());
  CHECK_FALSE(Base().Find("http://example.org/nothing").has_value());
  auto gender = Base().Find("http://hl7.org/fhir/administrative-gender");
  REQUIRE(gender.has_value());
  CHECK(gender->type == "CodeSystem");
  CHECK(gender->json.find("\"female\"") != std::string_view::npos);
  CHECK(Base().All("NamingSystem").size() > 600);
}

TEST_CASE("every profile of the pinned packages can be read", "[spec]") {
  std::size_t profiles = 0, elements = 0;
  for (const auto& resource : Base().All("StructureDefinition")) {
    const Profile* profile = Base().FindProfile(resource.url);
    if (profile == nullptr) continue;
    ++profiles;
    elements += profile->elements.size();
    CHECK(profile->elements.front().parent == Element::kNone);
  }
  CHECK(profiles > 1300);
  CHECK(elements > 20'000);
}

}  // namespace
}  // namespace passerelle::spec
