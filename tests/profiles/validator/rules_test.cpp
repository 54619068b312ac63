// References, codes, narratives and Bundles: what a sender would be told.

#include <catch2/catch.hpp>

#include "tests/support/validate.h"

namespace passerelle::validator {
namespace {

using tests::Findings;

bool Has(const std::vector<std::string>& found, std::string_view wanted) {
  return std::find(found.begin(), found.end(), wanted) != found.end();
}

TEST_CASE("a code outside of a required value set", "[validator]") {
  CHECK(
      Has(Findings(R"({"resourceType":"Patient","gender":"masculin"})"), "binding.required Patient.gender"));
  CHECK(Findings(R"({"resourceType":"Patient","gender":"male"})").empty());
}

TEST_CASE("a code system that is not here is named, and no error", "[validator]") {
  auto found = Findings(R"({"resourceType":"Observation","status":"final","code":{"coding":[{
      "system":"https://example.org/codes","code":"x"}]}})");
  CHECK(found == std::vector<std::string>{"coding.unknown-system Observation.code.coding[0]"});
}

TEST_CASE("an unknown code of a known system, and a wrong display", "[validator]") {
  std::string start = R"({"resourceType":"Patient","maritalStatus":{"coding":[{
      "system":"http://terminology.hl7.org/CodeSystem/v3-MaritalStatus","code":")";
  CHECK(Has(Findings(start + R"(QQ"}]}})"), "coding.unknown-code Patient.maritalStatus.coding[0].code"));
  CHECK(Has(Findings(start + R"(M","display":"Single"}]}})"),
            "coding.display Patient.maritalStatus.coding[0].display"));
  CHECK(Findings(start + R"(M","display":"married"}]}})").empty());
}

TEST_CASE("references have a form and a target", "[validator]") {
  std::string start = R"({"resourceType":"Patient","generalPractitioner":[{"reference":")", end = R"("}]})";
  CHECK(Findings(start + "Practitioner/1" + end).empty());
  CHECK(Has(Findings(start + "somebody" + end), "reference.form Patient.generalPractitioner[0]"));
  CHECK(Has(Findings(start + "Chicken/1" + end), "reference.type-unknown Patient.generalPractitioner[0]"));
  CHECK(Has(Findings(start + "Device/1" + end), "reference.target Patient.generalPractitioner[0]"));
  CHECK(Has(Findings(start + "#gone" + end), "reference.contained Patient.generalPractitioner[0]"));
}

TEST_CASE("a contained resource is referred to", "[validator]") {
  CHECK(Has(
      Findings(
          R"({"resourceType":"Patient","contained":[{"resourceType":"Organization","id":"o1","name":"x"}]})"),
      "contained.unreferenced Patient.contained[0]"));
  CHECK(Findings(
            R"({"resourceType":"Patient","contained":[{"resourceType":"Organization","id":"o1","name":"x"}],
                     "managingOrganization":{"reference":"#o1"}})")
            .empty());
}

TEST_CASE("ids of elements are unique within a resource", "[validator]") {
  CHECK(
      Has(Findings(R"({"resourceType":"Patient","name":[{"id":"a","family":"x"},{"id":"a","family":"y"}]})"),
          "id.duplicate Patient.name[1]"));
  CHECK(Findings(R"({"resourceType":"Patient","id":"a","name":[{"id":"a","family":"x"}]})").empty());
}

TEST_CASE("links of pages belong to searches", "[validator]") {
  std::string start =
      R"({"resourceType":"Bundle","link":[{"relation":"next","url":"http://example.org"}],"type":")";
  CHECK(Has(Findings(start + R"(collection"})"), "bundle.link Bundle.link[0].relation"));
  CHECK_FALSE(Has(Findings(start + R"(searchset"})"), "bundle.link Bundle.link[0].relation"));
}

TEST_CASE("narratives", "[validator]") {
  auto with = [](const std::string& div) {
    return Findings(R"({"resourceType":"Patient","text":{"status":"generated","div":")" + div + R"("}})");
  };
  std::string open = "<div xmlns='http://www.w3.org/1999/xhtml'>";
  CHECK(with(open + "<p>Alix Testard</p></div>").empty());
  CHECK(Has(with(open + "<script>x</script></div>"), "narrative.element Patient.text.div"));
  CHECK(Has(with(open + "<p onclick='x'>a</p></div>"), "narrative.attribute Patient.text.div"));
  CHECK(Has(with(open + " </div>"), "narrative.empty Patient.text.div"));
  CHECK(Has(with(open + "<p>a</div>"), "narrative.form Patient.text.div"));
  CHECK(Has(with("<div>a</div>"), "narrative.root Patient.text.div"));
  CHECK(Has(with(open + "<a href='#x'>a</a></div>"), "narrative.link Patient.text.div"));
}

TEST_CASE("Bundle entries: fullUrl, what comes first, what leads nowhere", "[validator]") {
  CHECK(Has(
      Findings(
          R"({"resourceType":"Bundle","type":"collection","entry":[{"resource":{"resourceType":"Patient"}}]})"),
      "bundle.full-url-missing Bundle.entry[0]"));
  CHECK(Has(
      Findings(R"({"resourceType":"Bundle","type":"collection","entry":[{"fullUrl":"http://a.org/Patient/1",
                      "resource":{"resourceType":"Patient","id":"2"}}]})"),
      "bundle.full-url-id Bundle.entry[0]"));
  auto found =
      Findings(R"({"resourceType":"Bundle","type":"document","identifier":{"system":"urn:ietf:rfc:3986",
      "value":"urn:oid:1.2.3"},"timestamp":"2026-01-01T00:00:00Z","entry":[
      {"fullUrl":"urn:uuid:c757873d-ec9a-4326-a141-556f43239520","resource":{"resourceType":"Composition",
       "status":"final","type":{"text":"x"},"date":"2026-01-01","title":"x",
       "author":[{"reference":"urn:uuid:c757873d-ec9a-4326-a141-556f43239521"}]}},
      {"fullUrl":"urn:uuid:c757873d-ec9a-4326-a141-556f43239522","resource":{"resourceType":"Patient"}}]})");
  CHECK(Has(found, "bundle.orphan Bundle.entry[1]"));
  CHECK(Has(found, "bundle.target Bundle.entry[0].resource.author[0]"));
}

}  // namespace
}  // namespace passerelle::validator
