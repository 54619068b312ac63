// Matchetypes: a resource held against an example that says what may differ.

#include "profiles/validator/matchetype.h"

#include <catch2/catch.hpp>
#include <string>
#include <vector>

#include "fhir_model/json/json.h"
#include "tests/support/pack.h"

namespace passerelle::validator {
namespace {

using Told = std::vector<std::string>;

// "match.value $.gender" for each difference of two Patients with these members.
Told Differences(const std::string& given, const std::string& example) {
  auto read = [](const std::string& members) {
    auto tree = json::Parse(R"({"resourceType":"Patient",)" + members + "}", kFileLimits, &tests::Pack());
    REQUIRE(tree.has_value());
    return *std::move(tree);
  };
  Issues issues;
  CompareWithMatchetype(read(given), read(example), issues);
  Told told;
  for (const auto& issue : issues.all()) told.push_back(std::string(issue.rule->id) + " " + issue.place.path);
  return told;
}

std::string Instruction(const std::string& tail, const std::string& value) {
  return R"("extension":[{"url":"http://hl7.org/fhir/tools/StructureDefinition/matchetype)" + tail + R"(",)" +
         value + "}]";
}

TEST_CASE("placeholders and commands of a matchetype", "[validator]") {
  auto name = [](const std::string& given, const std::string& wanted) {
    return Differences(R"("name":[{"text":")" + given + R"("}])", R"("name":[{"text":")" + wanted + R"("}])")
        .empty();
  };
  CHECK(name("anything", "$$"));
  CHECK(name("A b", "$string$"));
  CHECK_FALSE(name("A b ", "$string$"));
  CHECK(name("1.2.3-rc1", "$semver$"));
  CHECK_FALSE(name("1.x", "$semver$"));
  CHECK(name("b", "$choice:a|b$"));
  CHECK_FALSE(name("ab", "$choice:a|b$"));
  CHECK(name("The code IS Unknown", "$fragments:code|unknown$"));
  CHECK_FALSE(name("The code", "$fragments:code|unknown$"));
  CHECK(name("whatever", "$external:1$"));
  CHECK(name("whatever is said", "$external:1:SAID$"));
  CHECK_FALSE(name("whatever", "$external:1:said$"));
}

TEST_CASE("lists of a matchetype: in order, optional items passed over", "[validator]") {
  std::string optional = R"({"text":"b",)" + Instruction("-optional", R"("valueBoolean":true)") + "}";
  std::string example = R"("name":[{"text":"a"},)" + optional + R"(,{"text":"c"}])";
  CHECK(Differences(R"("name":[{"text":"a"},{"text":"c"}])", example).empty());
  CHECK(Differences(R"("name":[{"text":"a"},{"text":"b"},{"text":"c"}])", example).empty());
  CHECK(Differences(R"("name":[{"text":"x"},{"text":"c"}])", example) ==
        Told{"match.value $.name[0].text", "match.count $.name"});
  // Of one item each, the place has no index.
  CHECK(Differences(R"("name":[{"text":"x"}])", R"("name":[{"text":"a"}])") ==
        Told{"match.value $.name.text"});
}

TEST_CASE("what belongs to another version must not be there", "[validator]") {
  std::string barred = R"({"text":"b",)" + Instruction("-only", R"("valueString":"version:6")") + "}";
  std::string example = R"("name":[{"text":"a"},)" + barred + "]";
  CHECK(Differences(R"("name":[{"text":"a"}])", example).empty());
  CHECK_FALSE(Differences(R"("name":[{"text":"a"},{"text":"b"}])", example).empty());
}

TEST_CASE("what may be missing, and what is too much", "[validator]") {
  std::string example = Instruction("-optional", R"("valueString":"gender,active")") +
                        R"(,"gender":"male","active":true,"birthDate":"$date$")";
  CHECK(Differences(R"("birthDate":"1980-01-01")", example).empty());
  CHECK(Differences(R"("birthDate":"1980","deceasedBoolean":true)", example) ==
        Told{"match.value $.birthDate", "match.unexpected $"});
  std::string partial =
      Instruction("", R"("valueCode":"partial")") + R"(,"name":[{"text":"a"},{"text":"c"}])";
  CHECK(Differences(R"("active":true,"name":[{"text":"a"},{"text":"b"},{"text":"c"}])", partial).empty());
  CHECK(Differences(R"("name":[{"text":"c"},{"text":"a"}])", partial) == Told{"match.count $.name"});
}

}  // namespace
}  // namespace passerelle::validator
