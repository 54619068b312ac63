// Definitions that are wrong, and findings that somebody accepted: said clearly, and everything else is still
// checked.

#include <unistd.h>

#include <catch2/catch.hpp>
#include <filesystem>
#include <fstream>

#include "profiles/packages/pack_builder.h"
#include "profiles/validator/suppressions.h"
#include "tests/support/validate.h"

namespace passerelle::validator {
namespace {

bool Has(const std::vector<std::string>& found, std::string_view wanted) {
  return std::find(found.begin(), found.end(), wanted) != found.end();
}

// Validates a resource with one more StructureDefinition or ValueSet known.
class With {
 public:
  explicit With(const std::string& definition) : library_(tests::Pack()) {
    path_ = std::filesystem::temp_directory_path() /
            ("passerelle-bad-input-" + std::to_string(getpid()) + ".json");
    std::ofstream(path_) << definition;
    std::vector<std::string> paths{path_.string()};
    auto bytes = packages::BuildPack(paths, report_, {}, &library_);
    REQUIRE(bytes.has_value());
    pack_ = *std::move(bytes);
    auto layer = spec::Definitions::Open(std::as_bytes(std::span(pack_)));
    REQUIRE(layer.has_value());
    library_.Add(*std::move(layer));
  }
  ~With() { std::filesystem::remove(path_); }

  std::vector<std::string> Findings(const std::string& text, const std::string& profile) const {
    auto tree = json::Parse(text, kFileLimits, &tests::Pack());
    REQUIRE(tree.has_value());
    terminology::Terminology terminology(library_);
    Validator validator(library_, terminology);
    ValidateOptions options;
    options.profiles = {profile};
    Issues issues;
    validator.Validate(*tree, options, issues);
    std::vector<std::string> found;
    for (const auto& issue : issues.all())
      found.push_back(std::string(issue.rule->id) + " " + issue.place.path);
    return found;
  }
  const std::vector<Error>& skipped() const { return report_.skipped; }

 private:
  std::filesystem::path path_;
  spec::Library library_;
  packages::PackReport report_;
  std::string pack_;
};

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
