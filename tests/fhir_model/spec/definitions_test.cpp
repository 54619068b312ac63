// Definitions: the shapes of the base types as the pack built from the pinned packages tells them.

#include "fhir_model/spec/spec.h"

#include <catch2/catch.hpp>
#include <string>

#include "fhir_model/base/limits.h"
#include "fhir_model/json/json.h"
#include "fhir_model/spec/errors.h"
#include "tests/support/pack.h"

namespace passerelle::spec {
namespace {

const ChildInfo* Child(ShapeId shape, std::string_view name) {
  return tests::Pack().FindChild(shape, node::Intern(name));
}

TEST_CASE("a choice is written out once per type", "[spec]") {
  ShapeId observation = tests::Pack().FindShape("Observation");
  const ChildInfo* quantity = Child(observation, "valueQuantity");
  REQUIRE(quantity != nullptr);
  CHECK(node::NameText(quantity->element_name) == "value");
  CHECK(quantity->choice);
  CHECK(quantity->type == "Quantity");
  CHECK(tests::Pack().ShapeName(quantity->shape) == "Quantity");
  CHECK(Child(observation, "value") == nullptr);
  CHECK(Child(observation, "valueAttachment") == nullptr);
}

TEST_CASE("backbones and content references lead to their children", "[spec]") {
  ShapeId component = Child(tests::Pack().FindShape("Observation"), "component")->shape;
  CHECK(tests::Pack().ShapeName(component) == "Observation.component");
  ShapeId range = Child(component, "referenceRange")->shape;
  CHECK(tests::Pack().ShapeName(range) == "Observation.referenceRange");
  CHECK(Child(range, "low") != nullptr);
}

TEST_CASE("primitives have a form, a shape and no value child", "[spec]") {
  ShapeId patient = tests::Pack().FindShape("Patient");
  CHECK(Child(patient, "active")->form == JsonForm::Boolean);
  CHECK(Child(patient, "birthDate")->form == JsonForm::String);
  CHECK(Child(patient, "birthDate")->max == 1);
  CHECK(Child(patient, "name")->max == kUnbounded);
  ShapeId date = Child(patient, "birthDate")->shape;
  CHECK(tests::Pack().IsPrimitive(date));
  CHECK(Child(date, "value") == nullptr);
  CHECK(Child(date, "extension") != nullptr);
  CHECK(Child(tests::Pack().FindShape("Extension"), "url")->xml_attribute);
}

TEST_CASE("types know what they specialise", "[spec]") {
  CHECK(tests::Pack().IsA("Patient", "DomainResource"));
  CHECK(tests::Pack().IsA("Bundle", "Resource"));
  CHECK_FALSE(tests::Pack().IsA("Bundle", "DomainResource"));
  CHECK(tests::Pack().IsA("Age", "Quantity"));
}

TEST_CASE("nested resources are typed by their own type", "[spec]") {
  auto tree = json::Parse(
      R"({"resourceType":"Bundle","entry":[{"resource":{"resourceType":"Patient","name":[{"family":"A"}]}}]})",
      kFileLimits, &tests::Pack());
  REQUIRE(tree);
  auto entry = tree->Child(node::kRoot, "entry");
  auto resource = tree->Child(entry, "resource");
  CHECK(tests::Pack().ShapeName((*tree)[resource].shape) == "Patient");
  CHECK(tests::Pack().ShapeName((*tree)[tree->Child(resource, "name")].shape) == "HumanName");
}

TEST_CASE("search parameters and the patient's compartment are there", "[spec]") {
  bool found = false;
  for (const auto& parameter : tests::Pack().SearchParameters("Patient"))
    if (parameter.code == "identifier") found = parameter.type == "token";
  CHECK(found);
  auto members = tests::Pack().PatientCompartment("Observation");
  CHECK(std::find(members.begin(), members.end(), "subject") != members.end());
}

TEST_CASE("a damaged pack is refused", "[spec]") {
  alignas(8) static const char bytes[512] = "PASSPACK";
  auto opened = Definitions::Open(std::as_bytes(std::span(bytes)));
  REQUIRE_FALSE(opened);
  CHECK(opened.error().info == &errors::PackMalformed);
}

}  // namespace
}  // namespace passerelle::spec
