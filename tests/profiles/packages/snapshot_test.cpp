// Snapshots from differentials: what a profile says, what its base says, and what does not fit.

#include "profiles/packages/snapshot.h"

#include <catch2/catch.hpp>
#include <map>
#include <string>

#include "fhir_model/json/json.h"
#include "fhir_model/spec/library.h"
#include "profiles/packages/errors.h"
#include "profiles/packages/order.h"
#include "tests/support/pack.h"

namespace passerelle::packages {
namespace {

using node::kNone;
using node::kRoot;
using node::NodeIndex;
using node::Tree;

std::optional<Tree> Published(std::string_view canonical) {
  static const spec::Library library(tests::Pack());
  auto found = library.Find(canonical, "StructureDefinition");
  if (!found) return std::nullopt;
  auto tree = json::Parse(std::string(found->json), kFileLimits);
  if (!tree) return std::nullopt;
  return *std::move(tree);
}

Result<Tree> Make(const std::string& type, const std::string& elements, const std::string& base = {}) {
  std::string canonical = base.empty() ? "http://hl7.org/fhir/StructureDefinition/" + type : base;
  auto definition =
      json::Parse(R"({"resourceType":"StructureDefinition","url":"http://example.org/profile","type":")" +
                      type + R"(","derivation":"constraint","kind":"resource","baseDefinition":")" +
                      canonical + R"(","differential":{"element":[)" + elements + "]}}",
                  kFileLimits);
  REQUIRE(definition);
  Snapshots snapshots(Published);
  return snapshots.Make(*definition);
}

// The element of that id, or kNone.
NodeIndex ById(const Tree& tree, std::string_view id) {
  for (NodeIndex element : node::Children(tree, tree.Child(kRoot, "snapshot")))
    if (tree.ChildText(element, "id") == id) return element;
  return kNone;
}

std::string Field(const Tree& tree, std::string_view id, std::string_view field) {
  NodeIndex element = ById(tree, id);
  return element == kNone ? "nothing" : std::string(tree.ChildText(element, field));
}

TEST_CASE("what a differential says replaces, the rest stays", "[snapshot]") {
  auto made = Make("Patient", R"({"path":"Patient.birthDate","min":1,"short":"Born"})");
  REQUIRE(made);
  CHECK(Field(*made, "Patient.birthDate", "min") == "1");
  CHECK(Field(*made, "Patient.birthDate", "max") == "1");
  CHECK(Field(*made, "Patient.birthDate", "short") == "Born");
  CHECK(Field(*made, "Patient.name", "max") == "*");
  CHECK(made->CountChildren(made->Child(kRoot, "snapshot")) == 45);
}

TEST_CASE("a differential that goes deeper walks into the type", "[snapshot]") {
  auto made = Make("Patient", R"({"path":"Patient.identifier.system","fixedUri":"urn:x"})");
  REQUIRE(made);
  CHECK(Field(*made, "Patient.identifier.system", "fixedUri") == "urn:x");
  CHECK(Field(*made, "Patient.identifier.value", "max") == "1");
  CHECK(Field(*made, "Patient.contact.name.family", "max") == "nothing");
}

TEST_CASE("slices are named, optional unless they say so, and have their own children", "[snapshot]") {
  auto made = Make("Patient", R"(
    {"id":"Patient.identifier","path":"Patient.identifier",
     "slicing":{"discriminator":[{"type":"value","path":"system"}],"rules":"open"}},
    {"id":"Patient.identifier:nir","path":"Patient.identifier","sliceName":"nir","max":"1"},
    {"id":"Patient.identifier:nir.system","path":"Patient.identifier.system","fixedUri":"urn:nir"})");
  REQUIRE(made);
  CHECK(Field(*made, "Patient.identifier:nir", "max") == "1");
  CHECK(Field(*made, "Patient.identifier:nir", "min") == "0");
  CHECK(Field(*made, "Patient.identifier:nir.system", "fixedUri") == "urn:nir");
  CHECK(ById(*made, "Patient.identifier.system") == kNone);
}

TEST_CASE("a choice by its written name is a type slice", "[snapshot]") {
  auto made = Make("Observation", R"({"path":"Observation.valueQuantity","short":"A number"})");
  REQUIRE(made);
  CHECK(Field(*made, "Observation.value[x]:valueQuantity", "short") == "A number");
  CHECK(Field(*made, "Observation.value[x]:valueQuantity", "path") == "Observation.value[x]");
  NodeIndex head = ById(*made, "Observation.value[x]");
  CHECK(made->ChildText(made->Child(head, "slicing"), "rules") == "open");
}

TEST_CASE("a choice by its written name within a slice is the choice itself", "[snapshot]") {
  auto made = Make("Observation", R"(
    {"path":"Observation.component","slicing":{"discriminator":[{"type":"value","path":"code"}],"rules":"open"}},
    {"path":"Observation.component","sliceName":"size"},
    {"path":"Observation.component.valueQuantity","type":[{"code":"Quantity"}],"min":1})");
  REQUIRE(made);
  NodeIndex value = ById(*made, "Observation.component:size.value[x]");
  REQUIRE(value != kNone);
  CHECK(made->ChildText(value, "min") == "1");
  CHECK(made->ChildText(made->Child(value, "type"), "code") == "Quantity");
  CHECK(made->Child(value, "slicing") == kNone);
}

TEST_CASE("of a group of which one may be there, the others are gone once one must be", "[snapshot]") {
  std::string group = R"({"path":"Observation.component","constraint":[{"key":"one","severity":"error",
      "human":"One","expression":"(interpretation | dataAbsentReason).count() = 1"}]})";
  auto made = Make("Observation", group + R"(,{"path":"Observation.component.interpretation","min":1})");
  REQUIRE(made);
  CHECK(Field(*made, "Observation.component.interpretation", "max") == "*");
  CHECK(Field(*made, "Observation.component.dataAbsentReason", "max") == "0");
  CHECK(Field(*made, "Observation.component.referenceRange", "max") == "*");
  made = Make("Observation", group);
  REQUIRE(made);
  CHECK(Field(*made, "Observation.component.dataAbsentReason", "max") == "1");
}

TEST_CASE("what does not fit the base is refused", "[snapshot]") {
  auto refused = [](const std::string& type, const std::string& elements) {
    auto made = Make(type, elements);
    return !made && made.error().info == &errors::SnapshotRefused;
  };
  CHECK(refused("Patient", R"({"path":"Patient.colour","min":1})"));
  CHECK(refused("Patient", R"({"path":"Observation.code","min":1})"));
  CHECK(refused("Observation", R"({"path":"Observation.valueAttachment","min":1})"));
  CHECK(refused("Observation", R"({"path":"Observation.status","fixedInteger":1})"));
  CHECK(refused("Patient", R"({"path":"Patient.name","type":[{"code":"Address"}]})"));
  CHECK(refused("Patient", R"({"path":"Patient","slicing":{"rules":"open"}})"));
  CHECK(refused("Patient", R"({"path":"Patient.name","slicing":{"rules":"open",
      "discriminator":[{"type":"colour","path":"use"}]}})"));
}

TEST_CASE("a differential out of the order of its base is taken, and told", "[snapshot]") {
  auto disorder = [](const std::string& elements) {
    auto made = Make("Observation", elements);
    REQUIRE(made);
    return FindDisorder(*made);
  };
  const std::string code = R"({"path":"Observation.code","min":1})",
                    value = R"({"path":"Observation.valueQuantity","min":1})";
  CHECK(disorder(code + "," + value).empty());
  CHECK(disorder(value + "," + code) == "Observation.code");
}

TEST_CASE("a base that is missing or builds on itself is an error, not a loop", "[snapshot]") {
  auto missing = Make("Patient", "", "http://example.org/nobody");
  REQUIRE_FALSE(missing);
  CHECK(missing.error().info == &errors::SnapshotBaseMissing);
  Snapshots snapshots([](std::string_view canonical) -> std::optional<Tree> {
    auto tree = json::Parse(R"({"resourceType":"StructureDefinition","url":")" + std::string(canonical) +
                                R"(","baseDefinition":"http://example.org/b"})",
                            kFileLimits);
    if (!tree) return std::nullopt;
    return *std::move(tree);
  });
  auto circle = snapshots.Get("http://example.org/a");
  REQUIRE_FALSE(circle);
  CHECK(circle.error().info == &errors::SnapshotBaseCircular);
}

TEST_CASE("a profile constrains the type of its base and no other", "[snapshot]") {
  auto made = Make("Observation", R"({"path":"Patient.birthDate","min":1})",
                   "http://hl7.org/fhir/StructureDefinition/Patient");
  REQUIRE_FALSE(made);
  CHECK(made.error().Text().find("constrains Observation, its base Patient") != std::string::npos);
}

TEST_CASE("a part of a complex extension is described as the whole", "[snapshot]") {
  auto made = Make("Patient", R"(
    {"path":"Patient.extension","slicing":{"discriminator":[{"type":"value","path":"url"}],"rules":"open"}},
    {"path":"Patient.extension","sliceName":"n","type":[{"code":"Extension",
     "profile":["http://hl7.org/fhir/StructureDefinition/patient-nationality"]}]},
    {"path":"Patient.extension.extension","sliceName":"code","type":[{"code":"Extension",
     "profile":["http://hl7.org/fhir/StructureDefinition/patient-nationality#code"]}],"mustSupport":true})");
  REQUIRE(made);
  CHECK(Field(*made, "Patient.extension:n.extension:code", "short") == "Nationality");
  CHECK(Field(*made, "Patient.extension:n.extension:code", "mustSupport") == "true");
}

TEST_CASE("a choice of one type may be called as it is written", "[snapshot]") {
  const std::string low = R"({"path":"Observation.valueRange.low","min":1})";
  auto made = Make("Observation", R"({"path":"Observation.value[x]","type":[{"code":"Range"}]},)" + low);
  REQUIRE(made);
  CHECK(Field(*made, "Observation.value[x].low", "min") == "1");
  auto sliced = Make("Observation", low);  // other types are left: what is said is said of a slice
  REQUIRE(sliced);
  CHECK(Field(*sliced, "Observation.value[x]:valueRange.low", "min") == "1");
}

TEST_CASE("a profile does not make an element a reference to another", "[snapshot]") {
  auto made = Make("Observation", R"({"path":"Observation.status","contentReference":"#Observation.code"})");
  REQUIRE(made);
  CHECK(Field(*made, "Observation.status", "contentReference").empty());
}

TEST_CASE("a differential is sorted as its base, its slices stay as they were written", "[snapshot]") {
  auto made = Make("Patient", R"(
    {"id":"Patient.birthDate","path":"Patient.birthDate","min":1},
    {"id":"Patient.identifier","path":"Patient.identifier",
     "slicing":{"discriminator":[{"type":"value","path":"system"}],"rules":"open"}},
    {"id":"Patient.identifier:b","path":"Patient.identifier","sliceName":"b"},
    {"id":"Patient.identifier:b.value","path":"Patient.identifier.value","min":1},
    {"id":"Patient.identifier:b.system","path":"Patient.identifier.system","fixedUri":"urn:b"},
    {"id":"Patient.identifier:a","path":"Patient.identifier","sliceName":"a"})");
  REQUIRE(made);
  std::string ids;
  for (NodeIndex element : SortDifferential(*made)) ids += std::string(made->ChildText(element, "id")) + " ";
  CHECK(ids ==
        "Patient.identifier Patient.identifier:b Patient.identifier:b.system Patient.identifier:b.value "
        "Patient.identifier:a Patient.birthDate ");
}

}  // namespace
}  // namespace passerelle::packages
