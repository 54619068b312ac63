// PATCH by FHIRPath and by JSON Patch, alone, on a condition and in a transaction.

#include <catch2/catch.hpp>

#include "tests/gateway/api/fixture.h"

namespace passerelle::api {
namespace {

constexpr const char* kPatient =
    R"({"resourceType":"Patient","id":"p1","identifier":[{"system":"urn:oid:1.2","value":"7"}],"active":true,)"
    R"("name":[{"family":"A","given":["B","C"]},{"family":"D"}],"birthDate":"1980-01-01",)"
    R"("_birthDate":{"extension":[{"url":"http://example.org/x","valueString":"y"}]}})";

std::string Parameters(std::string_view type, std::string_view path, std::string_view more) {
  return R"({"resourceType":"Parameters","parameter":[{"name":"operation","part":[{"name":"type","valueCode":")" +
         std::string(type) + R"("},{"name":"path","valueString":")" + std::string(path) + R"("})" +
         std::string(more) + "]}]}";
}

struct PatchApi : Api {
  PatchApi() { Put("Patient/p1", kPatient); }
  net::HttpResponse Patch(std::string body, std::string target = "/fhir/Patient/p1", Fields fields = {}) {
    fields["Content-Type"] = "application/fhir+json";
    return Call("PATCH", std::move(target), std::move(body), fields);
  }
  net::HttpResponse JsonPatch(std::string body) {
    return Call("PATCH", "/fhir/Patient/p1", std::move(body),
                {{"Content-Type", "application/json-patch+json"}});
  }
  std::string Json() {
    std::string body = Call("GET", "/fhir/Patient/p1").body;
    return body.substr(body.find("}") + 2);  // after meta
  }
};

TEST_CASE("a FHIRPath patch makes a new version") {
  PatchApi api;
  auto patched =
      api.Patch(Parameters("replace", "Patient.birthDate", R"(,{"name":"value","valueDate":"1981-02-02"})"));
  REQUIRE(patched.status == 200);
  CHECK(patched.headers.Get("ETag") == "W/\"2\"");
  CHECK(TextAt(Parse(patched.body), {"birthDate"}) == "1981-02-02");
  CHECK(TextAt(Parse(api.Call("GET", "/fhir/Patient/p1/_history").body), {"entry", "request", "method"}) ==
        "PATCH");
  CHECK(api.Audit().back().action == "history");
  auto deleted = Parameters("delete", "Patient.name[0]", "");
  CHECK(api.Patch(deleted, "/fhir/Patient/p1", {{"If-Match", "W/\"1\""}}).status == 412);
  CHECK(api.Patch(deleted, "/fhir/Patient?identifier=urn:oid:1.2%7C7").status == 200);
  CHECK(TextAt(Parse(api.Call("GET", "/fhir/Patient/p1").body), {"name", "family"}) == "D");
  CHECK(api.Patch(deleted, "/fhir/Patient?identifier=8").status == 404);
  CHECK(api.Patch(deleted, "/fhir/Patient/p2").status == 404);
  CHECK(api.Patch(R"({"resourceType":"Patient"})").status == 400);
  auto wrong = api.Patch(Parameters("replace", "Patient.id", R"(,{"name":"value","valueId":"p2"})"));
  CHECK(wrong.status == 422);
}

TEST_CASE("the operations of JSON Patch") {
  struct Row {
    const char *operation, *expected;
  };
  auto row = GENERATE(
      Row{R"({"op":"replace","path":"/name/0/family","value":"Z"})", R"("family":"Z")"},
      Row{R"({"op":"add","path":"/name/1/given","value":["E"]})", R"({"family":"D","given":["E"]})"},
      Row{R"({"op":"add","path":"/name/0/given/0","value":"X"})", R"("given":["X","B","C"])"},
      Row{R"({"op":"add","path":"/name/0/given/-","value":"X"})", R"("given":["B","C","X"])"},
      Row{R"({"op":"remove","path":"/name/0"})", R"("name":[{"family":"D"}])"},
      Row{R"({"op":"move","from":"/name/0","path":"/name/1"})", R"("name":[{"family":"D"},{"family":"A")"},
      Row{R"({"op":"copy","from":"/name/0/family","path":"/name/1/text"})", R"({"family":"D","text":"A"})"},
      Row{R"({"op":"replace","path":"/_birthDate/extension/0/valueString","value":"z"})",
          R"("valueString":"z")"},
      Row{R"({"op":"replace","path":"/active","value":false})", R"("active":false)"},
      Row{R"({"op":"test","path":"/name/1","value":{"family":"D"}},{"op":"remove","path":"/name/1"})",
          R"("name":[{"family":"A","given":["B","C"]}])"});
  PatchApi api;
  CAPTURE(row.operation);
  auto patched = api.JsonPatch("[" + std::string(row.operation) + "]");
  CHECK(patched.status == 200);
  CHECK(api.Json().find(row.expected) != std::string::npos);
}

TEST_CASE("what does not fit changes nothing") {
  PatchApi api;
  auto patch = GENERATE(
      as<std::string>{}, R"([{"op":"remove","path":"/photo"}])", R"([{"op":"brew","path":"/name"}])",
      R"([{"op":"replace","path":"/name/0/family","value":"Z"},{"op":"test","path":"/active","value":false}])",
      R"([{"op":"add","path":"/name/7","value":{}}])", R"([{"op":"add","path":"name","value":{}}])",
      R"([{"op":"add","path":"/active"}])", R"({"op":"remove","path":"/active"})", "[", "");
  CAPTURE(patch);
  auto refused = api.JsonPatch(patch);
  CHECK((refused.status == 422 || refused.status == 400));
  CHECK(api.Call("GET", "/fhir/Patient/p1").headers.Get("ETag") == "W/\"1\"");
}

TEST_CASE("patches within a transaction") {
  PatchApi api;
  std::string bundle =
      R"({"resourceType":"Bundle","type":"transaction","entry":[{"resource":)" +
      Parameters("replace", "Patient.active", R"(,{"name":"value","valueBoolean":false})") +
      R"(,"request":{"method":"PATCH","url":"Patient?identifier=urn:oid:1.2|7","ifMatch":"W/\"1\""}}]})";
  auto done = api.Post("/fhir", bundle);
  REQUIRE(done.status == 200);
  CHECK(api.Json().find(R"("active":false)") != std::string::npos);
  CHECK(api.Post("/fhir", bundle).status == 412);
}

TEST_CASE("a label is lifted by the patch that takes it away") {
  PatchApi api;
  api.Give("care", Role::Care);
  api.Put(
      "DocumentReference/d1",
      R"({"resourceType":"DocumentReference","id":"d1","status":"current","securityLabel":[{"coding":[{"system":)"
      R"("https://mos.esante.gouv.fr/NOS/TRE_A07-StatutVisibiliteDocument/FHIR/TRE-A07-StatutVisibiliteDocument",)"
      R"("code":"MASQUE_PS"}]}]})");
  CHECK(api.Call("GET", "/fhir/DocumentReference/d1", {}, {}, "care").status == 404);
  CHECK(
      api.Patch(Parameters("delete", "DocumentReference.securityLabel[0]", ""), "/fhir/DocumentReference/d1")
          .status == 200);
  CHECK(api.Call("GET", "/fhir/DocumentReference/d1", {}, {}, "care").status == 200);
}

}  // namespace
}  // namespace passerelle::api
