// Measures: what their criteria name in CQL is looked for in the libraries that they name.

#include "fhir_model/base/digest.h"
#include "tests/support/with_definition.h"

namespace passerelle::validator {
namespace {

using tests::Findings;
using tests::Has;

const std::string kElmXml = R"(<?xml version="1.0"?><library xmlns="urn:hl7-org:elm:r1" xmlns:a="urn:x">
  <identifier id="Main" version="1"/><includes><def localIdentifier="Helpers" path="x/FHIRHelpers"/></includes>
  <parameters><def name="Measurement Period"/></parameters>
  <statements><def name="Age &lt; 18 &amp; &quot;x&quot;"><a:note name="Nothing"/></def>
  <def name="Adults"/></statements>
</library>)";
const std::string kElmJson =
    R"({"library":{"identifier":{"id":"Main"},"statements":{"def":[{"name":"Adults"}]}}})";
const std::string kCql = R"(library Our.Main version '1' // define Remark: 1
include FHIRHelpers version '4.0.1' called Helpers
parameter "Measurement Period" Interval<DateTime>
context Patient
/* define Old: 2 */ define private "Adults": AgeInYears() >= 18 and Patient.define Late = 'define Text: 3'
define function Half(x Decimal): x / 2)";

std::string LibraryResource(const std::string& id, const std::string& type, const std::string& content) {
  return R"({"resourceType":"Library","id":")" + id + R"(","status":"active","type":{"text":"x"},"content":[
    {"contentType":")" +
         type + R"(","data":")" + EncodeBase64(content) + R"("}]})";
}

// `libraries` and `contained` with quotes and commas; `parts` of the only group; `more` beside the groups.
std::vector<std::string> MeasureWith(const std::string& libraries, const std::string& contained,
                                     const std::string& parts, const std::string& more = "") {
  return Findings(R"({"resourceType":"Measure","url":"http://example.org/m","status":"active","library":[)" +
                  libraries + R"(],"contained":[)" + contained + R"(],"group":[{)" + parts + "}]" + more +
                  "}");
}
std::string Criteria(const std::string& expression, const std::string& language = "text/cql") {
  std::string text;
  for (char c : expression) text += c == '"' ? "\\\"" : std::string(1, c);
  return R"("criteria":{"language":")" + language + R"(","expression":")" + text + R"("})";
}
std::string Population(const std::string& criteria) { return R"("population":[{)" + criteria + "}]"; }

// What is said of an expression of the only population; empty when nothing is.
std::string Said(const std::string& libraries, const std::string& contained, const std::string& expression,
                 const std::string& language = "text/cql") {
  for (const auto& line : MeasureWith(libraries, contained, Population(Criteria(expression, language))))
    if (line.starts_with("measure.")) return line.substr(0, line.find(' '));
  return {};
}

TEST_CASE("an expression is defined in the library that the measure names", "[validator]") {
  for (const auto& [type, content] : {std::pair(std::string("application/elm+xml"), kElmXml),
                                      {"application/elm+json", kElmJson},
                                      {"text/cql", kCql}}) {
    CAPTURE(type);
    const std::string library = LibraryResource("l", type, content);
    for (const std::string defined :
         {"Adults", "\"Adults\"", "Main.Adults", "Main.\"Adults\"", "\"Main\" . `Adults`"})
      CHECK(Said("\"#l\"", library, defined).empty());
    for (const std::string missing :
         {"Children", "Main.\"Children\"", "Remark", "Old", "Late", "Text", "Nothing"})
      CHECK(Said("\"#l\"", library, missing) == "measure.function");
  }
  const std::string library = LibraryResource("l", "application/elm+xml", kElmXml);
  CHECK(Said("\"#l\"", library, R"("Age < 18 & \\"x\\"")").empty());
  CHECK(Said("\"#l\"", library, "Age < 18 & \"x\"", "text/cql-identifier").empty());
  CHECK(Said("\"#l\"", library, "Age < 17", "text/cql-identifier") == "measure.function");
  CHECK(Said("\"#l\"", library, "Main.Measurement Period", "text/cql.identifier").empty());
}

TEST_CASE("CQL that is no bare name is not looked at", "[validator]") {
  const std::string library = LibraryResource("l", "text/cql", kCql);
  for (const std::string expression : {"Count([Device])", "Nobody > 5", "true", "exists Main.Nobody", "a.b.c",
                                       "5", "'text'", "Helpers.ToInterval", "Patient.active"}) {
    CAPTURE(expression);
    CHECK(Said("\"#l\"", library, expression).empty());
  }
  CHECK(Said("\"#l\"", library, "Patient.gender", "text/fhirpath").empty());
}

TEST_CASE("what a library that is not here defines cannot be told", "[validator]") {
  const std::string library = LibraryResource("l", "text/cql", kCql),
                    elsewhere = R"("http://example.org/Library/o")";
  CHECK(Said(elsewhere, "", "Adults") == "measure.library-unknown");
  CHECK(Said(elsewhere, "", "Other.Adults") == "measure.library");
  CHECK(Said("\"#l\"," + elsewhere, library, "Adults").empty());
  CHECK(Said("\"#l\"," + elsewhere, library, "Children") == "measure.library-unknown");
  CHECK(Said("\"#l\"," + elsewhere, library, "Other.Children") == "measure.library");
  CHECK(Said("\"#l\"," + elsewhere, library, "Main.Children") == "measure.function");
  CHECK(Said("\"#l\"", LibraryResource("l", "text/x", "x"), "Adults") == "measure.no-elm");
  CHECK(Said("", "", "Adults") == "measure.no-library");
  CHECK(Said(R"("Library/l")", "", "Adults") == "measure.no-library");
  auto tree = json::Parse(R"({"resourceType":"Measure","status":"active","library":["http://example.org/o"],
      "group":[{)" + Population(Criteria("Adults") + "},{" + Criteria("Children")) +
                              "}]}",
                          kFileLimits, &tests::Pack());
  REQUIRE(tree.has_value());
  Issues issues;
  tests::BaseValidator().Validate(*tree, {}, issues);
  std::vector<Severity> said;
  for (const auto& issue : issues.all())
    if (std::string_view(issue.rule->id).starts_with("measure.")) said.push_back(issue.severity);
  CHECK(said == std::vector{Severity::Warning});  // once for each library
}

TEST_CASE("a library is also found in the Bundle of its measure", "[validator]") {
  const std::string library =
      LibraryResource("l", "text/cql", kCql).insert(1, R"("url":"http://example.org/o",)");
  auto found = [&](const std::string& expression) {
    return Findings(R"({"resourceType":"Bundle","type":"collection","entry":[
      {"fullUrl":"http://example.org/Library/l","resource":)" +
                    library + R"(},
      {"fullUrl":"http://example.org/Measure/m","resource":{"resourceType":"Measure","id":"m","status":"active",
       "library":["http://example.org/o|1"],"group":[{)" +
                    Population(Criteria(expression)) + "}]}}]}");
  };
  const std::string place = " Bundle.entry[1].resource.group[0].population[0].criteria";
  CHECK(Has(found("Children"), "measure.function" + place));
  CHECK_FALSE(Has(found("Adults"), "measure.function" + place));
  CHECK_FALSE(Has(found("Adults"), "measure.library-unknown" + place));
}

TEST_CASE("criteria stand in populations, stratifiers, their components, and beside the groups",
          "[validator]") {
  const std::string library = LibraryResource("l", "text/cql", kCql);
  const std::string missing = Criteria("Children");
  auto found = MeasureWith(
      "\"#l\"", library,
      Population(missing) + R"(,"stratifier":[{)" + missing + R"(},{"component":[{)" + missing + "}]}]",
      R"(,"supplementalData":[{)" + missing + "}]");
  CHECK(Has(found, "measure.function Measure.group[0].population[0].criteria"));
  CHECK(Has(found, "measure.function Measure.group[0].stratifier[0].criteria"));
  CHECK(Has(found, "measure.function Measure.group[0].stratifier[1].component[0].criteria"));
  CHECK(Has(found, "measure.function Measure.supplementalData[0].criteria"));
}

}  // namespace
}  // namespace passerelle::validator
