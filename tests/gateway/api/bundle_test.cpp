// Transactions and batches (safety rule 21).

#include <catch2/catch.hpp>

#include "tests/gateway/api/fixture.h"

namespace passerelle::api {
namespace {

std::string Bundle(std::string_view type, std::initializer_list<std::string> entries) {
  std::string out = R"({"resourceType":"Bundle","type":")" + std::string(type) + R"(","entry":[)";
  for (const auto& entry : entries) out += (out.back() == '[' ? "" : ",") + entry;
  return out + "]}";
}
std::string Entry(std::string_view method, std::string_view url, std::string_view resource = {},
                  std::string_view full_url = {}, std::string_view more = {}) {
  std::string out = "{";
  if (!full_url.empty()) out += R"("fullUrl":")" + std::string(full_url) + "\",";
  if (!resource.empty()) out += R"("resource":)" + std::string(resource) + ",";
  return out + R"("request":{"method":")" + std::string(method) + R"(","url":")" + std::string(url) + "\"" +
         std::string(more) + "}}";
}
// The statuses of the answer's entries, in order: "201 200 ...".
std::string Statuses(const net::HttpResponse& response) {
  auto tree = Parse(response.body);
  std::string out;
  for (node::NodeIndex entry : node::Children(tree, node::kRoot))
    if (tree.name(entry) == "entry")
      out += (out.empty() ? "" : " ") + std::string(tree.ChildText(tree.Child(entry, "response"), "status"));
  return out;
}
std::string Location(const net::HttpResponse& response, int index) {
  auto tree = Parse(response.body);
  for (node::NodeIndex entry : node::Children(tree, node::kRoot))
    if (tree.name(entry) == "entry" && index-- == 0)
      return std::string(tree.ChildText(tree.Child(entry, "response"), "location"));
  return {};
}

constexpr const char* kUrn = "urn:uuid:11111111-1111-4111-8111-111111111111";

TEST_CASE("a transaction's entries find each other, whatever their order, and answers keep theirs") {
  Api api;
  api.Put("Patient/old", R"({"resourceType":"Patient","id":"old"})");
  auto done = api.Post(
      "/fhir",
      Bundle(
          "transaction",
          {Entry("GET", "Patient/kept"),
           Entry("PUT", "Patient/kept", R"({"resourceType":"Patient","id":"kept","active":true})"),
           Entry(
               "POST", "Observation",
               R"({"resourceType":"Observation","status":"final","subject":{"reference":")" +
                   std::string(kUrn) +
                   R"("},"text":{"status":"generated","div":"<div xmlns=\"http://www.w3.org/1999/xhtml\"><a href=\")" +
                   kUrn + R"(\">p</a></div>"}})",
               "urn:uuid:22222222-2222-4222-8222-222222222222"),
           Entry(
               "POST", "Patient",
               R"({"resourceType":"Patient","identifier":[{"system":"urn:ietf:rfc:3986","value":"urn:uuid:9"}]})",
               kUrn),
           Entry("DELETE", "Patient/old")}));
  REQUIRE(done.status == 200);
  CHECK(TextAt(Parse(done.body), {"type"}) == "transaction-response");
  CHECK(Statuses(done) == "200 201 201 201 204");
  CHECK(TextAt(Parse(done.body), {"entry", "resource", "active"}) ==
        "true");  // GET comes last: it sees the PUT
  std::string patient = Location(done, 3).substr(0, Location(done, 3).find("/_history"));
  auto observation = api.Call("GET", "/fhir/" + Location(done, 2));
  CHECK(TextAt(Parse(observation.body), {"subject", "reference"}) == patient);
  CHECK(observation.body.find("href=\\\"" + patient) != std::string::npos);
  CHECK(api.Call("GET", "/fhir/" + patient).body.find("urn:uuid:9") != std::string::npos);
  CHECK(api.Call("GET", "/fhir/Patient/old").status == 410);
}

TEST_CASE("all or nothing") {
  Api api;
  std::string patient = Entry("POST", "Patient", R"({"resourceType":"Patient"})", kUrn);
  auto bad = GENERATE(
      as<std::string>{},
      Entry("POST", "Observation", R"({"resourceType":"Observation","subject":{"reference":"urn:uuid:3"}})"),
      Entry("PUT", "Patient/x", R"({"resourceType":"Patient","id":"x"})", {}, R"(,"ifMatch":"W/\"3\"")"),
      Entry("POST", "Observation",
            R"({"resourceType":"Observation","subject":{"reference":"Patient?identifier=nobody"}})"),
      Entry("GET", "Patient/nobody"), Entry("BREW", "Patient/x"), Entry("PUT", "Patient/x"),
      Entry("PUT", "Patient/x", R"({"resourceType":"Patient","id":"y"})"),
      Entry("POST", "Shoe", R"({"resourceType":"Shoe"})"));
  auto refused = api.Post("/fhir", Bundle("transaction", {patient, bad}));
  CHECK(refused.status >= 400);
  CHECK(refused.status < 500);
  CHECK(TextAt(Parse(refused.body), {"issue", "expression"}).starts_with("Bundle.entry[1]"));
  CHECK(TextAt(Parse(api.Call("GET", "/fhir/Patient").body), {"total"}) == "0");
  CHECK(api.Audit().empty());
}

TEST_CASE("what an unresolved reference is called, and what may stay unresolved") {
  Api api;
  auto of = [&](std::string reference) {
    return api.Post("/fhir",
                    Bundle("transaction", {Entry("POST", "Observation",
                                                 R"({"resourceType":"Observation","subject":{"reference":")" +
                                                     reference + "\"}}")}));
  };
  CHECK(ErrorOf(of(kUrn)) == "ReferenceUnresolved");
  CHECK(of("http://elsewhere.example/fhir/Patient/1").status == 200);
  CHECK(of("Patient/not-here").status == 200);
}

TEST_CASE("conditions within entries") {
  Api api;
  std::string ipp = R"({"resourceType":"Patient","identifier":[{"system":"urn:oid:1.2.3","value":"7"}]})";
  std::string once = R"(,"ifNoneExist":"identifier=urn:oid:1.2.3|7")";
  std::string observation =
      R"({"resourceType":"Observation","subject":{"reference":"Patient?identifier=urn:oid:1.2.3|7"}})";
  auto first = api.Post("/fhir", Bundle("transaction", {Entry("POST", "Patient", ipp, kUrn, once)}));
  CHECK(Statuses(first) == "201");
  auto second =
      api.Post("/fhir", Bundle("transaction", {Entry("POST", "Patient", ipp, kUrn, once),
                                               Entry("POST", "Observation", observation),
                                               Entry("PUT", "Patient?identifier=urn:oid:1.2.3|7", ipp)}));
  REQUIRE(second.status == 200);
  CHECK(Statuses(second) == "200 201 200");
  CHECK(Location(second, 0) == Location(first, 0));
  auto stored = Parse(api.Call("GET", "/fhir/" + Location(second, 1)).body);
  CHECK(TextAt(stored, {"subject", "reference"}) + "/_history/1" == Location(first, 0));
  std::string at = Location(first, 0).substr(0, Location(first, 0).find("/_history"));
  std::string same = ipp.substr(0, ipp.size() - 1) + R"(,"active":true,"id":")" + at.substr(8) + "\"}";
  auto tied = [&](std::string version) {
    return api.Post("/fhir", Bundle("transaction", {Entry("PUT", at, same, "", R"(,"ifMatch":"W/\")" + version +
                                                                                   R"(\"")")}));
  };
  CHECK(tied("9").status == 412);
  CHECK(tied("1").status == 200);
  api.Post("/fhir/Patient", ipp);
  CHECK(api.Post("/fhir", Bundle("transaction", {Entry("POST", "Patient", ipp, kUrn, once)})).status == 412);
}

TEST_CASE("what is deleted is gone before anything is created, wherever it stands in the Bundle") {
  Api api;
  std::string ipp = R"({"resourceType":"Patient","identifier":[{"system":"urn:oid:1.2.3","value":"7"}]})";
  api.Put("Patient/p1", R"({"resourceType":"Patient","id":"p1",)" + ipp.substr(ipp.find("\"identifier")));
  auto done = api.Post("/fhir", Bundle("transaction", {Entry("POST", "Patient", ipp, kUrn,
                                                             R"(,"ifNoneExist":"identifier=urn:oid:1.2.3|7")"),
                                                       Entry("DELETE", "Patient/p1")}));
  CHECK(Statuses(done) == "201 204");
}

TEST_CASE("a DELETE in a Bundle needs its right too, by id or by a condition") {
  Api api;
  api.Give("ward", Role::Care);
  api.Give("eraser", Role::Care, {}, true);
  api.Put("Patient/p1",
          R"({"resourceType":"Patient","id":"p1","identifier":[{"system":"urn:oid:1.2.3","value":"7"}]})");
  // A condition that finds nothing tells whoever has no right no more than one that finds something.
  std::string address =
      GENERATE("Patient/p1", "Patient?identifier=urn:oid:1.2.3|7", "Patient?identifier=urn:oid:1.2.3|8");
  std::string kind = GENERATE("transaction", "batch");
  auto call = [&](std::string token) {
    return api.Call("POST", "/fhir", Bundle(kind, {Entry("DELETE", address)}), {}, token);
  };
  auto refused = call("ward");
  CHECK((kind == "batch" ? Statuses(refused) : std::to_string(refused.status)) == "403");
  CHECK(refused.body.find("right of its own") != std::string::npos);
  CHECK(api.Call("GET", "/fhir/Patient/p1").status == 200);
  CHECK(Statuses(call("eraser")) == "204");
  CHECK(api.Call("GET", "/fhir/Patient/p1").status == (address.ends_with("8") ? 200 : 410));
}

TEST_CASE("two entries may not write one resource") {
  Api api;
  std::string x = R"({"resourceType":"Patient","id":"x"})";
  auto refused =
      api.Post("/fhir", Bundle("transaction", {Entry("PUT", "Patient/x", x), Entry("PUT", "Patient/x", x)}));
  CHECK(refused.status == 400);
  CHECK(ErrorOf(refused) == "EntryConflict");
}

TEST_CASE("in a batch each entry stands for itself") {
  Api api;
  auto done = api.Post(
      "/fhir",
      Bundle("batch", {Entry("GET", "Patient/x"), Entry("GET", "Patient/nobody"),
                       Entry("PUT", "Patient/x", R"({"resourceType":"Patient","id":"x","active":true})"),
                       Entry("PUT", "Patient/y", R"({"resourceType":"Patient","id":"z"})")}));
  REQUIRE(done.status == 200);
  CHECK(TextAt(Parse(done.body), {"type"}) == "batch-response");
  CHECK(Statuses(done) == "200 404 201 400");
}

TEST_CASE("what is no transaction or batch is told so") {
  Api api;
  CHECK(api.Post("/fhir", R"({"resourceType":"Patient"})").status == 400);
  CHECK(api.Post("/fhir", R"({"resourceType":"Bundle","type":"document"})").status == 400);
  CHECK(api.Post("/fhir", "[]").status == 400);
}

}  // namespace
}  // namespace passerelle::api
