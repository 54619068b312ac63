// The record over FHIR REST: what a client writes, reads, changes and deletes, with the headers that go with
// it.

#include <catch2/catch.hpp>

#include "tests/gateway/api/fixture.h"

namespace passerelle::api {
namespace {

constexpr const char* kPatient =
    R"({"resourceType":"Patient","id":"p1","identifier":[{"system":"urn:oid:1.2.3","value":"IPP-7"}],)"
    R"("name":[{"family":"DURAND","given":["Zoé"]}],"multipleBirthInteger":2})";

TEST_CASE("a resource is made, read, changed and deleted, each version kept") {
  Api api;
  auto made = api.Put("Patient/p1", kPatient);
  CHECK(made.status == 201);
  CHECK(made.headers.Get("ETag") == "W/\"1\"");
  CHECK(made.headers.Get("Last-Modified") == "Sun, 01 Mar 2026 12:00:00 GMT");
  CHECK(made.headers.Get("Location") == "http://127.0.0.1:8080/fhir/Patient/p1/_history/1");

  auto read = api.Call("GET", "/fhir/Patient/p1");
  CHECK(read.status == 200);
  CHECK(read.headers.Get("Content-Type") == "application/fhir+json;charset=utf-8");
  CHECK(TextAt(Parse(read.body), {"name", "given"}) == "Zoé");
  CHECK(TextAt(Parse(read.body), {"meta", "versionId"}) == "1");

  auto changed = api.Put("Patient/p1", R"({"resourceType":"Patient","id":"p1","active":true})");
  CHECK(changed.status == 200);
  CHECK(changed.headers.Get("ETag") == "W/\"2\"");
  CHECK(TextAt(Parse(api.Call("GET", "/fhir/Patient/p1/_history/1").body), {"name", "family"}) == "DURAND");
  CHECK(api.Call("GET", "/fhir/Patient/p1/_history/9").status == 404);

  auto deleted = api.Call("DELETE", "/fhir/Patient/p1");
  CHECK(deleted.status == 204);
  CHECK(deleted.body.empty());
  auto gone = api.Call("GET", "/fhir/Patient/p1");
  CHECK(gone.status == 410);
  CHECK(ErrorOf(gone) == "ResourceGone");
  CHECK(api.Call("GET", "/fhir/Patient/p1/_history/2").status == 200);

  auto history = Parse(api.Call("GET", "/fhir/Patient/p1/_history").body);
  CHECK(TextAt(history, {"type"}) == "history");
  CHECK(TextAt(history, {"total"}) == "3");
  CHECK(TextAt(history, {"entry", "request", "method"}) == "DELETE");
  CHECK(api.Put("Patient/p1", kPatient).status == 201);
}

TEST_CASE("the server gives ids to what is posted, whatever the client says") {
  Api api;
  auto made = api.Post("/fhir/Patient", kPatient);
  CHECK(made.status == 201);
  std::string id = IdOf(made);
  CHECK(id.size() == 36);
  CHECK(id != "p1");
  CHECK(api.Call("GET", "/fhir/Patient/" + id).status == 200);
}

TEST_CASE("a change may be tied to the version that was seen") {
  Api api;
  api.Put("Patient/p1", kPatient);
  std::string body = R"({"resourceType":"Patient","id":"p1","active":false})";
  auto stale = api.Call("PUT", "/fhir/Patient/p1", body, {{"If-Match", "W/\"7\""}});
  CHECK(stale.status == 412);
  CHECK(ErrorOf(stale) == "VersionConflict");
  CHECK(api.Call("PUT", "/fhir/Patient/p1", body, {{"If-Match", "W/\"1\""}}).status == 200);
  CHECK(api.Call("PUT", "/fhir/Patient/p1", body, {{"If-None-Match", "*"}}).status == 412);
  CHECK(api.Call("DELETE", "/fhir/Patient/p1", {}, {{"If-Match", "W/\"1\""}}).status == 412);
  CHECK(api.Call("PUT", "/fhir/Patient/p9", R"({"resourceType":"Patient","id":"p9"})",
                 {{"If-Match", "W/\"1\""}})
            .status == 412);
  CHECK(api.Call("GET", "/fhir/Patient/p1", {}, {{"If-None-Match", "W/\"2\""}}).status == 304);
}

TEST_CASE("conditional create, update and delete") {
  Api api;
  Fields once = {{"If-None-Exist", "identifier=urn:oid:1.2.3|IPP-7"}};
  auto first = api.Call("POST", "/fhir/Patient", kPatient, once);
  CHECK(first.status == 201);
  auto again = api.Call("POST", "/fhir/Patient", kPatient, once);
  CHECK(again.status == 200);
  CHECK(IdOf(again) == IdOf(first));

  std::string body =
      R"({"resourceType":"Patient","identifier":[{"system":"urn:oid:1.2.3","value":"IPP-7"}]})";
  auto updated = api.Call("PUT", "/fhir/Patient?identifier=urn:oid:1.2.3%7CIPP-7", body);
  CHECK(updated.status == 200);
  CHECK(IdOf(updated) == IdOf(first));
  CHECK(api.Call("PUT", "/fhir/Patient?identifier=urn:oid:1.2.3%7CIPP-8", body).status == 201);
  // Now two carry IPP-7.
  auto several = api.Call("POST", "/fhir/Patient", kPatient, once);
  CHECK(several.status == 412);
  CHECK(ErrorOf(several) == "SeveralMatch");
  CHECK(api.Call("DELETE", "/fhir/Patient?identifier=IPP-7").status == 412);
  CHECK(api.Call("PUT", "/fhir/Patient", body).status == 400);
  CHECK(api.Call("PUT", "/fhir/Patient?shoe-size=43", body).status == 400);
}

TEST_CASE("XML in and out, and what is neither is refused") {
  Api api;
  auto made =
      api.Call("PUT", "/fhir/Patient/x1",
               R"(<Patient xmlns="http://hl7.org/fhir"><id value="x1"/><active value="true"/></Patient>)",
               {{"Content-Type", "application/fhir+xml"}, {"Accept", "application/fhir+xml"}});
  CHECK(made.status == 201);
  CHECK(made.headers.Get("Content-Type") == "application/fhir+xml;charset=utf-8");
  CHECK(made.body.find("<active value=\"true\"/>") != std::string::npos);
  CHECK(TextAt(Parse(api.Call("GET", "/fhir/Patient/x1").body), {"active"}) == "true");
  CHECK(api.Call("GET", "/fhir/Patient/x1?_format=xml").body.starts_with("<"));
  CHECK(api.Call("GET", "/fhir/Patient/x1", {}, {{"Accept", "image/png"}}).status == 406);
  CHECK(api.Call("PUT", "/fhir/Patient/x1", "PDF", {{"Content-Type", "application/pdf"}}).status == 415);
  CHECK(api.Put("Patient/x1", "{").status == 400);
  CHECK(api.Put("Patient/x1", R"({"resourceType":"Observation","id":"x1"})").status == 400);
  CHECK(api.Put("Patient/x2", R"({"resourceType":"Patient","id":"x1"})").status == 400);
  CHECK(api.Put("Patient/x_2", R"({"resourceType":"Patient","id":"x_2"})").status == 400);
  CHECK(api.Put("Shoe/x1", R"({"resourceType":"Shoe","id":"x1"})").status == 404);
  CHECK(api.Call("GET", "/fhir/Patient/nobody").status == 404);
}

TEST_CASE("Prefer says how much comes back") {
  Api api;
  auto minimal = api.Call("PUT", "/fhir/Patient/p1", kPatient, {{"Prefer", "return=minimal"}});
  CHECK(minimal.status == 201);
  CHECK(minimal.body.empty());
  CHECK(minimal.headers.Get("ETag") == "W/\"1\"");
  auto outcome = api.Call("PUT", "/fhir/Patient/p2", R"({"resourceType":"Patient","id":"p2"})",
                          {{"Prefer", "return=OperationOutcome"}});
  CHECK(TextAt(Parse(outcome.body), {"issue", "severity"}) == "information");
}

TEST_CASE("a Binary is its bytes unless FHIR is asked for") {
  Api api;
  auto made = api.Call("POST", "/fhir/Binary", "%PDF-1.7 \x01\x02", {{"Content-Type", "application/pdf"}});
  CHECK(made.status == 201);
  std::string path = "/fhir/Binary/" + IdOf(made);
  auto bytes = api.Call("GET", path);
  CHECK(bytes.body == "%PDF-1.7 \x01\x02");
  CHECK(bytes.headers.Get("Content-Type") == "application/pdf");
  CHECK(api.Call("GET", path, {}, {{"Accept", "application/pdf"}}).body == bytes.body);
  auto resource = api.Call("GET", path, {}, {{"Accept", "application/fhir+json"}});
  CHECK(TextAt(Parse(resource.body), {"contentType"}) == "application/pdf");
}

TEST_CASE("a Binary whose data stay in their message is whole where it is read alone") {
  Api api;
  const std::string document(1'200'000, '\x5A'), base64 = EncodeBase64(document);
  REQUIRE(api.Post("/inbox", "{\"data\":\"" + base64 + "\"}").status == 200);
  auto message = *api.store->Read()->MessageAbridged(1);
  REQUIRE(message.large != nullptr);
  const auto& value = message.large->values().at(0);
  pipeline::BodySlice slice{std::string(message.large->sha256()), value.offset, value.length};
  pipeline::Content content{slice, {}, value.bytes, value.token};
  REQUIRE(api.Write([&](pipeline::Transaction& t) -> Status {
    TRY(auto made, t.Put("Binary", "b1", R"({"resourceType":"Binary","id":"b1","contentType":"application/pdf"})",
                         "PUT", content));
    (void)made;
    return Ok();
  }));
  auto read = [](const net::HttpResponse& response) {
    REQUIRE(response.large != nullptr);
    std::string all;
    for (auto piece = response.large->Next(); piece && !piece->empty(); piece = response.large->Next()) all += *piece;
    CHECK(all.size() == response.large->size());
    return all;
  };
  CHECK(read(api.Call("GET", "/fhir/Binary/b1")) == document);
  CHECK(TextAt(Parse(read(api.Call("GET", "/fhir/Binary/b1?_format=json"))), {"data"}) == base64);
  CHECK(TextAt(Parse(read(api.Call("GET", "/fhir/Binary/b1?_format=json&_pretty=true"))), {"data"}) == base64);
  auto xml = read(api.Call("GET", "/fhir/Binary/b1?_format=xml"));
  CHECK(xml.ends_with("<data value=\"" + base64 + "\"/></Binary>"));
  // In a Bundle it says that it is not all there.
  for (const char* list : {"/fhir/Binary?_id=b1", "/fhir/Binary/b1/_history"}) {
    auto bundle = Parse(api.Call("GET", list).body);
    CHECK(TextAt(bundle, {"entry", "resource", "meta", "tag", "code"}) == "SUBSETTED");
    CHECK(TextAt(bundle, {"entry", "resource", "data"}).empty());
  }
  // A patch of something else leaves them.
  auto patched =
      api.Call("PATCH", "/fhir/Binary/b1", R"([{"op":"replace","path":"/contentType","value":"text/plain"}])",
               {{"Content-Type", "application/json-patch+json"}});
  CHECK(patched.status == 200);
  auto again = api.Call("GET", "/fhir/Binary/b1");
  CHECK(again.headers.Get("Content-Type") == "text/plain");
  CHECK(read(again) == document);
}

TEST_CASE("a resource without the structure of its type is refused with all that is wrong") {
  Api api;
  static constexpr RuleInfo kRule{"test.wrong", Severity::Error, "structure", "{0} is wrong", "{0} est faux"};
  api.services->validate = [](const node::Tree& tree, Issues& issues) {
    if (tree.Child(node::kRoot, "shoeSize") != node::kNone)
      issues.Add(kRule, {"Patient.shoeSize"}, {"shoeSize"});
  };
  auto refused = api.Put("Patient/p1", R"({"resourceType":"Patient","id":"p1","shoeSize":43})");
  CHECK(refused.status == 422);
  CHECK(ErrorOf(refused) == "test.wrong");
  CHECK(TextAt(Parse(refused.body), {"issue", "expression"}) == "Patient.shoeSize");
  CHECK(api.Call("GET", "/fhir/Patient/p1").status == 404);
}

TEST_CASE("the capability statement names what there is") {
  Api api;
  auto metadata = api.Call("GET", "/fhir/metadata", {}, {}, "");
  REQUIRE(metadata.status == 200);
  auto tree = Parse(metadata.body);
  CHECK(TextAt(tree, {"fhirVersion"}) == "4.0.1");
  CHECK(metadata.body.find(R"({"code":"transaction"})") != std::string::npos);
  CHECK(metadata.body.find(R"("type":"DocumentReference")") != std::string::npos);
  CHECK(metadata.body.find(R"("type":"DomainResource")") == std::string::npos);
  CHECK(tests::Pack().IsResource(tests::Pack().FindShape("CapabilityStatement")));
}

}  // namespace
}  // namespace passerelle::api
