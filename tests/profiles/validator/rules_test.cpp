// References, codes, narratives and Bundles: what a sender would be told.

#include <catch2/catch.hpp>

#include "fhir_model/base/digest.h"
#include "fhir_model/base/signature.h"
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

TEST_CASE("a narrative's elements stand where HTML lets them, its addresses are such", "[validator]") {
  auto of = [](const std::string& xhtml) {
    return Findings(R"({"resourceType":"Patient","text":{"status":"generated","div":"<div )"
                    R"(xmlns='http://www.w3.org/1999/xhtml'>)" +
                    xhtml + R"(</div>"}})");
  };
  using Told = std::vector<std::string>;
  const Told nesting = {"narrative.nesting Patient.text.div"}, url = {"narrative.url Patient.text.div"};
  CHECK(
      of("<p>a <b>b</b><br/></p><table><thead><tr><th>c</th></tr></thead><tr><td><p>d</p></td></tr></table>")
          .empty());
  CHECK(of("<ul> <li>a<ul><li>b</li></ul></li> </ul><dl><dt>c</dt><dd><p>d</p></dd></dl>").empty());
  CHECK(of("<p>a<ul><li>b</li></ul></p>") == nesting);
  CHECK(of("<h1><div>b</div></h1>") == nesting);
  CHECK(of("<a name='x'><b><a name='y'>b</a></b></a>") == nesting);
  CHECK(of("<ul><p>b</p></ul>") == nesting);
  CHECK(of("a<tr><td>b</td></tr>") == nesting);
  CHECK(of("<br><b>x</b></br>") == nesting);
  CHECK(of("<table>x</table>") == Told{"narrative.text Patient.text.div"});
  CHECK(of("<a href=''>x</a>") == url);
  CHECK(of("<a href='http://a.org/b c'>x</a>") == url);
  CHECK(of("<a href='http://a.org/b?c=%20#d'>x</a>").empty());
  CHECK(of("<img src='data:image/png;base64,AAAA' alt='x'/>").empty());
  CHECK(of("<img src='data:image/png;base64,' alt='x'/>") == url);
  CHECK(of("<img src='data:png,AAAA' alt='x'/>") == url);
  CHECK(of("<img src='#gone' alt='x'/>") == Told{"narrative.link Patient.text.div"});
}

TEST_CASE("what only looks like a code system", "[validator]") {
  auto of = [](const std::string& system) {
    return Findings(
        R"({"resourceType":"Observation","status":"final","code":{"coding":[{"code":"1-8","system":")" +
        system + R"("}]}})");
  };
  const std::string miswritten = "coding.system-form Observation.code.coding[0].system";
  CHECK(Has(of("https://loinc.org"), miswritten));
  CHECK(Has(of("http://loinc.org/"), miswritten));
  CHECK(Has(of("https://terminology.hl7.org/CodeSystem/v3-ActCode"), miswritten));
  CHECK(Has(of("http://hl7.org/fhir/R4/valueset-administrative-gender.html"), miswritten));
  CHECK(Has(of("http://build.fhir.org/codesystem-x"), miswritten));
  CHECK_FALSE(Has(of("http://loinc.org"), miswritten));
  CHECK_FALSE(Has(of("https://example.org/codes"), miswritten));
}

TEST_CASE("every canonical url is absolute, of whatever resource", "[validator]") {
  CHECK(Has(Findings(R"({"resourceType":"PlanDefinition","status":"draft","url":"plan"})"),
            "conformance.url PlanDefinition.url"));
  CHECK(Findings(R"({"resourceType":"PlanDefinition","status":"draft","url":"http://example.org/plan"})")
            .empty());
}

TEST_CASE("references have a form and a target", "[validator]") {
  std::string start = R"({"resourceType":"Patient","generalPractitioner":[{"reference":")", end = R"("}]})";
  CHECK(Findings(start + "Practitioner/1" + end).empty());
  CHECK(Has(Findings(start + "somebody" + end), "reference.form Patient.generalPractitioner[0]"));
  CHECK(Has(Findings(start + "Chicken/1" + end), "reference.type-unknown Patient.generalPractitioner[0]"));
  CHECK(Has(Findings(start + "Device/1" + end), "reference.target Patient.generalPractitioner[0]"));
  CHECK(Has(Findings(start + "#gone" + end), "reference.contained Patient.generalPractitioner[0]"));
  CHECK(Has(Findings(start + "Practitioner?identifier" + end),
            "reference.query Patient.generalPractitioner[0]"));
  CHECK(Findings(start + "Practitioner?identifier=a|b&active=true" + end).empty());
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

// A Bundle signed by `jws`, which may be in base64 already.
std::vector<std::string> Signed(const std::string& jws, const std::string& more = "",
                                const std::string& format = "application/jose",
                                const std::string& when = "2026-01-01T00:00:00Z") {
  return Findings(
      R"({"resourceType":"Bundle","id":"a","type":"collection",)" + more +
      R"("signature":{"type":[{"system":"urn:iso-astm:E1762-95:2013","code":"1.2.840.10065.1.12.1.1"}],
    "when":")" +
      when + R"(","who":{"display":"N"},"sigFormat":")" + format + R"(","data":")" + jws + R"("}})");
}

bool HasSignatureFinding(const std::vector<std::string>& found) {
  return std::any_of(found.begin(), found.end(),
                     [](const auto& line) { return line.starts_with("signature."); });
}

std::string Jws(const std::string& header, const std::string& payload) {
  return EncodeBase64Url(header) + "." + (payload.empty() ? "" : EncodeBase64Url(payload)) + ".AAAA";
}

TEST_CASE("a signature of a Bundle is a JWS in base64, of this Bundle and of this time", "[validator]") {
  auto jws = Jws;
  const std::string certified = R"({"alg":"RS256","x5c":["AAAA"],"sigT":"2026-01-01T00:00:00+00:00"})";
  const std::string bundle = R"({"type":"collection","resourceType":"Bundle"})";
  CHECK_FALSE(HasSignatureFinding(Signed(EncodeBase64(jws(certified, "")))));
  CHECK_FALSE(HasSignatureFinding(Signed(EncodeBase64(jws(certified, bundle)))));
  CHECK(Has(Signed(EncodeBase64(jws(certified, bundle)), R"("total":1,)"), "signature.other Bundle"));
  CHECK(
      Has(Signed(EncodeBase64(jws(certified, R"({"resourceType":"Bundle","type":"collection","total":1})"))),
          "signature.other Bundle"));
  CHECK(Has(Signed(EncodeBase64(jws(certified, "[1"))), "signature.payload Bundle"));
  CHECK(Has(Signed(jws(certified, bundle)), "signature.bare Bundle"));
  CHECK(Has(Signed(EncodeBase64("no.jws.here")), "signature.unreadable Bundle"));
  CHECK(Has(Signed(EncodeBase64(jws(R"({"sigT":"2025-01-01T00:00:00Z"})", ""))), "signature.time Bundle"));
  CHECK_FALSE(HasSignatureFinding(Signed(EncodeBase64(jws(R"({"sigT":1767225600})", "")))));
}

TEST_CASE("the time of a signature is compared as a moment", "[validator]") {
  auto differs = [](const std::string& signed_at, const std::string& when) {
    auto found =
        Signed(EncodeBase64(Jws(R"({"sigT":")" + signed_at + R"("})", "")), "", "application/jose", when);
    return Has(found, "signature.time Bundle");
  };
  CHECK_FALSE(differs("2026-01-01T00:00:00Z", "2026-01-01T01:00:00+01:00"));
  CHECK_FALSE(differs("2026-01-01T00:00:00Z", "2026-01-01T00:00:00.250Z"));
  CHECK_FALSE(differs("2026-01-01T00:00:00.25Z", "2026-01-01T00:00:00.250Z"));
  CHECK_FALSE(differs("2026-01-01T00:00:00", "2026-01-01T01:00:00+01:00"));
  CHECK(differs("2026-01-01T00:00:00Z", "2026-01-01T00:00:00+01:00"));
  CHECK(differs("2026-01-01T00:00:00.250Z", "2026-01-01T00:00:00.500Z"));
  CHECK(differs("2026-01-01T00:00:01Z", "2026-01-01T00:00:00.250Z"));
}

TEST_CASE("what a signature carries is read by what it is said to be", "[validator]") {
  const std::string bundle = R"({"type":"collection","resourceType":"Bundle"})";
  const std::string total = R"("total":1,)", other = "signature.other Bundle";
  const std::string jws = EncodeBase64(Jws(R"({"alg":"RS256"})", bundle));
  CHECK_FALSE(HasSignatureFinding(Signed(jws)));
  CHECK(Has(Signed(jws, total), other));  // with a certificate or without
  CHECK(Has(Signed(jws, total, "application/JOSE; charset=utf-8"), other));
  CHECK_FALSE(HasSignatureFinding(
      Signed(EncodeBase64(R"({"payload":"","signatures":[]})"), "", "application/jose+json")));
  const std::string xml = EncodeBase64(Jws(R"({"alg":"RS256","x5c":["AAAA"]})", "<Bundle/>"));
  const std::string target = R"(application/jose","targetFormat":")";
  CHECK_FALSE(HasSignatureFinding(Signed(xml, "", target + "application/fhir+xml")));
  CHECK(Has(Signed(xml, "", target + "application/fhir+json"), "signature.payload Bundle"));
  CHECK(Has(Signed(jws, total, target + "application/fhir+json"), other));
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

TEST_CASE("what a resource says twice, or says of another", "[validator]") {
  const std::string label =
      R"({"system":"http://terminology.hl7.org/CodeSystem/v3-Confidentiality","code":"R"})";
  CHECK(Has(Findings(R"({"resourceType":"Patient","meta":{"security":[)" + label + "," + label + "]}}"),
            "meta.security-twice Patient.meta.security[1]"));
  const std::string inner = R"({"resourceType":"Organization","id":"a","name":"x"})";
  CHECK(Has(Findings(R"({"resourceType":"Patient","managingOrganization":{"reference":"#a"},"contained":[)" +
                     inner + "," + inner + "]}"),
            "id.duplicate Patient.contained[1]"));
  CHECK(Has(Findings(R"({"resourceType":"Observation","status":"final","code":{"text":"x"},
      "subject":{"reference":"Patient/1","type":"Group"}})"),
            "reference.type-disagrees Observation.subject"));
  CHECK(Has(Findings(R"({"resourceType":"Patient","meta":{"profile":[
      "http://hl7.org/fhir/ValueSet/administrative-gender"]}})"),
            "canonical.type Patient.meta.profile[0]"));
  CHECK(Has(Findings(R"({"resourceType":"Observation","status":"final","code":{"text":"x"},"valueQuantity":{
      "value":1,"system":"http://unitsofmeasure.org","code":"mcgs"}})"),
            "coding.unknown-code Observation.value.ofType(Quantity).code"));
}

TEST_CASE("a relative reference in a Bundle is resolved by the address of its own entry", "[validator]") {
  auto document = [](const std::string& base, const std::string& id) {
    return Findings(R"({"resourceType":"Bundle","type":"document","entry":[
      {"fullUrl":")" +
                    base + R"(Composition/1","resource":{"resourceType":"Composition","id":")" + id +
                    R"(","status":"final","type":{"text":"x"},"date":"2026","title":"x",
        "author":[{"reference":"Organization/2"}]}},
      {"fullUrl":")" +
                    base +
                    R"(Organization/2","resource":{"resourceType":"Organization","id":"2","name":"x"}}]})");
  };
  const std::string missing = "bundle.target-elsewhere Bundle.entry[0].resource.author[0]";
  CHECK_FALSE(Has(document("http://host/", "1"), missing));
  CHECK(Has(document("http://host/", "3"), missing));  // its own address is not that of the resource
  CHECK(Has(document("", "3"), missing));
}

TEST_CASE("a reference is an address, and names the type of what it leads to", "[validator]") {
  const std::string id = "c757873d-ec9a-4326-a141-556f43239522";
  auto bundle = [&](const std::string& reference) {
    return Findings(R"({"resourceType":"Bundle","type":"collection","entry":[
      {"fullUrl":"urn:uuid:c757873d-ec9a-4326-a141-556f43239521","resource":{"resourceType":"Patient",
       "generalPractitioner":[{"reference":")" +
                    reference + R"("}]}},
      {"fullUrl":"urn:uuid:)" +
                    id + R"(","resource":{"resourceType":"Organization","name":"x"}}]})");
  };
  const std::string at = " Bundle.entry[0].resource.generalPractitioner[0]";
  CHECK(Has(bundle("Practitioner/" + id), "reference.entry-type" + at));
  CHECK_FALSE(Has(bundle("Organization/" + id), "reference.entry-type" + at));
  CHECK(Has(bundle("Organization/a b"), "value.uri" + at));
}

TEST_CASE("an extension for a modifier of another version is one of no other element", "[validator]") {
  auto profile = [](const std::string& element) {
    return Findings(R"({"resourceType":"StructureDefinition","url":"http://example.org/p","name":"P",
      "status":"draft","kind":"resource","abstract":false,"type":"Patient","derivation":"constraint",
      "baseDefinition":"http://hl7.org/fhir/StructureDefinition/Patient","differential":{"element":[{
      "path":"Patient.)" +
                    element +
                    R"(","sliceName":"a","type":[{"code":"Extension",
      "profile":["http://hl7.org/fhir/3.0/StructureDefinition/extension-Patient.animal"]}]}]}})");
  };
  const std::string wrong =
      "extension.modifier StructureDefinition.differential.element[0].type[0].profile[0]";
  CHECK(Has(profile("extension"), wrong));
  CHECK_FALSE(Has(profile("modifierExtension"), wrong));
}

TEST_CASE("what HL7 publishes names its work group", "[validator]") {
  auto set = [](const std::string& url, const std::string& more, bool publication) {
    ValidateOptions options;
    options.for_publication = publication;
    return Has(
        Findings(R"({"resourceType":"ValueSet","status":"draft","url":")" + url + "\"" + more + "}", options),
        "publication.work-group ValueSet");
  };
  const std::string group =
      R"(,"extension":[{"url":"http://hl7.org/fhir/StructureDefinition/structuredefinition-wg","valueCode":"fhir"}])";
  CHECK(set("http://hl7.org/fhir/ValueSet/x", "", true));
  CHECK_FALSE(set("http://hl7.org/fhir/ValueSet/x", "", false));
  CHECK_FALSE(set("http://hl7.org/fhir/ValueSet/x", group, true));
  CHECK_FALSE(set("http://example.com/ValueSet/x", "", true));
}

TEST_CASE("a canonical that is a fullUrl, a document without entries", "[validator]") {
  CHECK(Has(Findings(R"({"resourceType":"Bundle","type":"collection","entry":[{"fullUrl":"http://host/sets/x",
      "resource":{"resourceType":"ValueSet","id":"y","url":"http://host/sets/x","status":"draft"}}]})"),
            "bundle.full-url-canonical Bundle.entry[0]"));
  CHECK(Has(Findings(R"({"resourceType":"Bundle","type":"document"})"), "bundle.first Bundle"));
}

TEST_CASE("what the publishing tool marks in a narrative is no defect", "[validator]") {
  const std::string div = R"(<div xmlns=\"http://www.w3.org/1999/xhtml\"><p )";
  auto narrated = [&](const std::string& attribute) {
    return Findings(R"({"resourceType":"Patient","text":{"status":"generated","div":")" + div + attribute +
                    R"(=\"generated\">x</p></div>"}})");
  };
  CHECK(narrated("data-fhir").empty());
  CHECK_FALSE(narrated("onclick").empty());
}

}  // namespace
}  // namespace passerelle::validator
