// Definitions that are wrong, and findings that somebody accepted: said clearly, and everything else is still
// checked.

#include <catch2/catch.hpp>

#include "profiles/validator/suppressions.h"
#include "tests/support/with_definition.h"

namespace passerelle::validator {
namespace {

using tests::Has;
using tests::With;

std::string Profile(const std::string& base, const std::string& elements) {
  return R"({"resourceType":"StructureDefinition","url":"http://example.org/p","name":"P","status":"draft",
    "kind":"resource","abstract":false,"type":"Patient","baseDefinition":")" +
         base + R"(","derivation":"constraint","differential":{"element":[)" + elements + "]}}";
}
const std::string kPatient = "http://hl7.org/fhir/StructureDefinition/Patient";
const std::string kResource = R"({"resourceType":"Patient","name":[{"family":"Testard"}]})";

TEST_CASE("a profile whose base is missing, or itself, is named and the resource still checked",
          "[validator]") {
  for (const std::string base : {"http://example.org/none", "http://example.org/p"}) {
    With with(Profile(base, R"({"id":"Patient","path":"Patient"})"));
    REQUIRE(with.skipped().size() == 1);
    CHECK_FALSE(with.skipped()[0].detail.empty());
    CHECK(Has(with.Findings(kResource, "http://example.org/p"), "profile.wanted Patient"));
  }
}

TEST_CASE("slices without discriminator", "[validator]") {
  With with(Profile(kPatient, R"({"id":"Patient.name","path":"Patient.name","slicing":{"rules":"open"}},
      {"id":"Patient.name:a","path":"Patient.name","sliceName":"a","min":1})"));
  CHECK(Has(with.Findings(kResource, "http://example.org/p"), "slice.no-discriminator Patient"));
}

TEST_CASE("an invariant that does not parse, one that never ends", "[validator]") {
  auto constraint = [](const std::string& expression) {
    return Profile(kPatient,
                   R"({"id":"Patient","path":"Patient","constraint":[{"key":"x-1","severity":"error",
        "human":"x","expression":")" +
                       expression + R"("}]})");
  };
  CHECK(Has(With(constraint("name.where(")).Findings(kResource, "http://example.org/p"),
            "invariant.unreadable Patient"));
  CHECK(Has(With(constraint("(1).repeat($this + 1).empty()")).Findings(kResource, "http://example.org/p"),
            "invariant.unreadable Patient"));
  CHECK(Has(With(constraint("name.empty()")).Findings(kResource, "http://example.org/p"),
            "invariant.failed Patient"));
}

TEST_CASE("a value set that includes itself cannot tell", "[validator]") {
  With with(R"({"resourceType":"ValueSet","url":"http://example.org/vs","status":"draft",
      "compose":{"include":[{"valueSet":["http://example.org/vs"]}]}})");
  CHECK(with.skipped().empty());
}

TEST_CASE("suppressions have a reason and are said", "[validator]") {
  Issues issues;
  auto tree = json::Parse(R"({"resourceType":"Patient","gender":"masculin","active":"true"})", kFileLimits,
                          &tests::Pack());
  REQUIRE(tree.has_value());
  tests::BaseValidator().Validate(*tree, {}, issues);
  REQUIRE(issues.HasErrors());
  auto lines = Suppressions::Read(
      "# agreed\nbinding.* Patient.gender  old software\nstructure.form *  old software\n", "x");
  REQUIRE(lines.has_value());
  Issues shown = lines->Apply(issues);
  CHECK_FALSE(shown.HasErrors());
  CHECK(shown.all().size() == issues.all().size());
  CHECK(shown.all()[0].Text().find("old software") != std::string::npos);

  auto unmet = Suppressions::Read("id.length Patient.id  never there\n", "x");
  CHECK(unmet->Apply(issues).all().back().rule->id == "suppression.unmet");
  auto unreasoned = Suppressions::Read("\nid.length Patient.id\n", "data.suppress");
  REQUIRE_FALSE(unreasoned.has_value());
  CHECK(unreasoned.error().place.line == 2);
}

TEST_CASE("globs", "[validator]") {
  CHECK(MatchesGlob("a*c", "abc"));
  CHECK(MatchesGlob("*", ""));
  CHECK(MatchesGlob("*.name[*].given", "Patient.name[0].given"));
  CHECK_FALSE(MatchesGlob("a*c", "abd"));
}

}  // namespace
}  // namespace passerelle::validator
