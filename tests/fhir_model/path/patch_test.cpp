// FHIRPath Patch: elements come, go and move; a patch that does not fit changes nothing.

#include "fhir_model/path/patch.h"

#include <catch2/catch.hpp>
#include <string>

#include "fhir_model/json/json.h"
#include "fhir_model/path/errors.h"
#include "tests/support/pack.h"

namespace passerelle::path {
namespace {

constexpr std::string_view kPatient =
    R"({"resourceType":"Patient","active":true,"name":[{"family":"Essai","given":["A","B"]}],)"
    R"("contact":[{"gender":"male"}]})";

node::Tree Parse(std::string json) {
  auto tree = json::Parse(std::move(json), kFileLimits, &tests::Pack());
  REQUIRE(tree);
  return *std::move(tree);
}

// One operation of parts: {"name":...,"valueX":...} each.
std::string Patch(const std::string& parts) {
  auto patient = Parse(std::string(kPatient));
  auto patch =
      Parse(R"({"resourceType":"Parameters","parameter":[{"name":"operation","part":[)" + parts + "]}]}");
  auto patched = ApplyPatch(patient, node::kRoot, patch, node::kRoot, tests::Pack());
  CHECK(json::Write(patient) == kPatient);
  return patched ? json::Write(*patched) : std::string(patched.error().info->name);
}

std::string Part(std::string_view name, std::string_view value) {
  return R"({"name":")" + std::string(name) + R"(","valueString":")" + std::string(value) + "\"}";
}

std::string Operation(std::string_view type, std::string_view path) {
  return Part("type", type) + "," + Part("path", path);
}

TEST_CASE("a patch adds an element in its written form", "[patch]") {
  auto deceased = Patch(Operation("add", "Patient") + "," + Part("name", "deceased") +
                        R"(,{"name":"value","valueBoolean":true})");
  CHECK(deceased.find(R"("deceasedBoolean":true)") != deceased.npos);
  auto suffix =
      Patch(Operation("add", "Patient.name[0]") + "," + Part("name", "suffix") + "," + Part("value", "II"));
  CHECK(suffix.find(R"("suffix":["II"])") != suffix.npos);
  CHECK(Patch(Operation("add", "Patient") + "," + Part("name", "active") +
              R"(,{"name":"value","valueBoolean":true})") == "PatchNotApplicable");
  CHECK(Patch(Operation("add", "Patient") + "," + Part("name", "colour") + "," + Part("value", "red")) ==
        "PatchNotApplicable");
  CHECK(Patch(Operation("add", "Patient") + "," + Part("name", "gender") +
              R"(,{"name":"value","valueInteger":1})") == "PatchNotApplicable");
}

TEST_CASE("a patch inserts into lists, also into those that are not there yet", "[patch]") {
  auto inserted = Patch(Operation("insert", "Patient.name[0].given") +
                        R"(,{"name":"index","valueInteger":1},)" + Part("value", "C"));
  CHECK(inserted.find(R"("given":["A","C","B"])") != inserted.npos);
  auto first = Patch(Operation("insert", "Patient.name[0].prefix") +
                     R"(,{"name":"index","valueInteger":0},)" + Part("value", "Dr"));
  CHECK(first.find(R"("prefix":["Dr"])") != first.npos);
  CHECK(Patch(Operation("insert", "Patient.name[0].given") + R"(,{"name":"index","valueInteger":9},)" +
              Part("value", "C")) == "PatchNotApplicable");
}

TEST_CASE("what a deletion leaves empty goes too", "[patch]") {
  CHECK(Patch(Operation("delete", "Patient.contact.gender")).find("contact") == std::string::npos);
  CHECK(Patch(Operation("delete", "Patient.birthDate")) == kPatient);
  CHECK(Patch(Operation("delete", "Patient.name.given")) == "PatchNotApplicable");
}

TEST_CASE("a patch that is none is refused", "[patch]") {
  CHECK(Patch(Operation("wish", "Patient")) == "PatchMalformed");
  CHECK(Patch(Part("type", "delete")) == "PatchMalformed");
  CHECK(Patch(Operation("delete", "Patient.name[")) == "PathSyntax");
  CHECK(Patch(Operation("move", "Patient.name.given") + R"(,{"name":"source","valueInteger":0})") ==
        "PatchMalformed");
}

}  // namespace
}  // namespace passerelle::path
