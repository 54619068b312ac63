// Three answers: in, out, cannot tell.

#include "profiles/terminology/terminology.h"

#include <catch2/catch.hpp>

#include "fhir_model/json/json.h"
#include "tests/support/pack.h"

namespace passerelle::terminology {
namespace {

const Terminology& Base() {
  static const spec::Library library(tests::Pack());
  static const Terminology terminology(library);
  return terminology;
}

Answer Ask(std::string_view value_set, std::string_view system, std::string_view code) {
  return Base().MemberOf(value_set, {system, {}, code, {}}).answer;
}

constexpr std::string_view kGender = "http://hl7.org/fhir/ValueSet/administrative-gender|4.0.1";

TEST_CASE("a value set of one code system", "[terminology]") {
  CHECK(Ask(kGender, "", "female") == Answer::In);
  CHECK(Ask(kGender, "", "féminin") == Answer::Out);
  CHECK(Ask(kGender, "http://example.org/other", "female") == Answer::Out);
  CHECK(Base().MemberOf(kGender, {{}, {}, "female", {}}).system ==
        "http://hl7.org/fhir/administrative-gender");
}

TEST_CASE("what is not here cannot be told, and is named", "[terminology]") {
  auto snomed = Base().MemberOf("http://hl7.org/fhir/ValueSet/body-site",
                                {"http://snomed.info/sct", {}, "38341003", {}});
  CHECK(snomed.answer == Answer::CannotTell);
  CHECK(snomed.missing == "http://snomed.info/sct");
  auto unknown = Base().MemberOf("http://example.org/vs", {{}, {}, "1", {}});
  CHECK(unknown.answer == Answer::CannotTell);
  CHECK(unknown.missing == "http://example.org/vs");
  CHECK(Base().Lookup("http://snomed.info/sct", "38341003").exists == Answer::CannotTell);
}

TEST_CASE("hierarchies and filters", "[terminology]") {
  constexpr std::string_view kAct = "http://terminology.hl7.org/CodeSystem/v3-ActCode";
  constexpr std::string_view kEncounter = "http://terminology.hl7.org/ValueSet/v3-ActEncounterCode";
  CHECK(Ask(kEncounter, kAct, "AMB") == Answer::In);
  CHECK(Ask(kEncounter, kAct, "DIET") == Answer::Out);
  CHECK(Base().Lookup(kAct, "AMB").display == "ambulatory");
}

TEST_CASE("systems that are grammars", "[terminology]") {
  CHECK(Ask("http://hl7.org/fhir/ValueSet/mimetypes", "", "application/pdf") == Answer::In);
  CHECK(Ask("http://hl7.org/fhir/ValueSet/mimetypes", "", "pdf") == Answer::Out);
  CHECK(Ask("http://hl7.org/fhir/ValueSet/all-languages", "", "fr-FR") == Answer::In);
  CHECK(Ask("http://hl7.org/fhir/ValueSet/all-languages", "", "français!") == Answer::Out);
  CHECK(Ask("http://hl7.org/fhir/ValueSet/currencies", "", "EUR") == Answer::In);
  CHECK(Ask("http://hl7.org/fhir/ValueSet/currencies", "", "EURO") == Answer::Out);
}

TEST_CASE("displays", "[terminology]") {
  constexpr std::string_view kMarital = "http://terminology.hl7.org/CodeSystem/v3-MaritalStatus";
  CHECK(Base().DisplayAgrees({kMarital, {}, "M", "Married"}) == true);
  CHECK(Base().DisplayAgrees({kMarital, {}, "M", " married"}) == true);
  CHECK(Base().DisplayAgrees({kMarital, {}, "M", "Single"}) == false);
  CHECK_FALSE(Base().DisplayAgrees({"http://snomed.info/sct", {}, "1", "x"}).has_value());
}

TEST_CASE("a value set in a tree, also one that includes itself", "[terminology]") {
  auto ask = [](const std::string& compose, std::string_view code) {
    auto tree =
        json::Parse(R"({"resourceType":"ValueSet","url":"http://example.org/own","compose":)" + compose + "}",
                    kFileLimits);
    REQUIRE(tree.has_value());
    return Base().MemberOf(*tree, node::kRoot, {"urn:x", {}, code, {}}).answer;
  };
  std::string two = R"({"include":[{"system":"urn:x","concept":[{"code":"a"},{"code":"b"}]}])";
  CHECK(ask(two + "}", "a") == Answer::In);
  CHECK(ask(two + "}", "c") == Answer::Out);
  CHECK(ask(two + R"(,"exclude":[{"system":"urn:x","concept":[{"code":"a"}]}]})", "a") == Answer::Out);
  CHECK(ask(R"({"include":[{"valueSet":["http://example.org/own"]}]})", "a") == Answer::CannotTell);
}

}  // namespace
}  // namespace passerelle::terminology
