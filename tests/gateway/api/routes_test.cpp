// Who may call what: every route with every role, and nobody without a token (safety rules 18 and 20).

#include <catch2/catch.hpp>

#include "gateway/api/router.h"
#include "tests/gateway/api/fixture.h"

namespace passerelle::api {
namespace {

// An address of that pattern.
std::string AddressOf(std::string_view pattern) {
  std::string out(pattern);
  for (auto open = out.find('{'); open != out.npos; open = out.find('{')) {
    auto close = out.find('}', open);
    std::string name = out.substr(open + 1, close - open - 1);
    out.replace(open, close - open + 1, name == "type" ? "Basic" : "1");
  }
  return out;
}

TEST_CASE("every route asks for a token and for its roles, and for no others") {
  Api api;
  for (const Route& route : Routes()) {
    api.tokens.Take({});
    for (Role role : kAllRoles) api.Give("token of " + std::string(RoleName(role)), role, "Patient/1");
    std::string address = AddressOf(route.pattern), method(route.method);
    CAPTURE(method, address);
    auto without = api.Call(method, address, {}, {}, "");
    CHECK((without.status == 401 && ErrorOf(without) == "TokenMissing") == !route.anyone);
    CHECK((api.Call(method, address, {}, {}, "guessed").status == 401) == !route.anyone);
    if (route.anyone) continue;
    for (Role role : kAllRoles) {
      CAPTURE(RoleName(role));
      auto answer = api.Call(method, address, {}, {}, "token of " + std::string(RoleName(role)));
      // A refusal of the role says no more; one of something else says what.
      bool refused = answer.status == 403 && answer.body.find("diagnostics") == std::string::npos;
      CHECK(refused == !route.roles.Has(role));
    }
  }
}

// What each role is for, said apart from the table of routes; "*" ends what is the same for all below.
struct Reach {
  Role role;
  std::vector<std::string_view> addresses;
};
const Reach kReaches[] = {
    {Role::Feed, {"POST /inbox"}},
    {Role::Operator,
     {"GET /metrics", "POST /inbox", "GET /messages*", "GET /deliveries", "POST /deliveries/*",
      "GET /api/messages*", "POST /api/messages/*", "GET /api/deliveries", "POST /api/deliveries/*",
      "GET /api/now", "GET /api/events", "GET /api/parked", "POST /api/convert"}},
    {Role::Vendor,
     {"POST /api/convert", "GET /api/bench*", "POST /api/bench/*", "GET /api/evidence",
      "POST /api/evidence/replay"}},
    {Role::Auditor,
     {"GET /metrics", "GET /messages*", "GET /deliveries", "GET /api/messages", "GET /api/messages/{seq}",
      "POST /api/messages/_search", "GET /api/deliveries", "GET /api/now", "GET /api/events",
      "GET /api/parked", "POST /api/convert", "GET /api/audit", "GET /api/bench*", "POST /api/bench/*",
      "GET /api/evidence*", "POST /api/evidence/*", "GET /api/campaign*", "POST /api/campaign"}},
    {Role::Care,
     {"GET /fhir/{type}", "POST /fhir", "POST /fhir/{type}", "PUT /fhir/*", "PATCH /fhir/*", "DELETE /fhir/*",
      "POST /fhir/{type}/_search", "GET /fhir/{type}/{id}*", "GET /api/patients/{id}"}},
    {Role::Patient,
     {"GET /fhir/{type}", "POST /fhir/{type}/_search", "GET /fhir/{type}/{id}*", "GET /api/patients/{id}"}},
};

TEST_CASE("a vendor reaches the bench, a feed the inbox, care and patients the record, and none of them the others'") {
  for (const auto& reach : kReaches)
    for (const Route& route : Routes()) {
      std::string address = std::string(route.method) + " " + std::string(route.pattern);
      if (route.anyone || address.ends_with(" /api/session")) continue;
      auto names = [&](std::string_view known) {
        return known.ends_with('*') ? address.starts_with(known.substr(0, known.size() - 1)) : address == known;
      };
      CAPTURE(RoleName(reach.role), address);
      CHECK(route.roles.Has(reach.role) == std::any_of(reach.addresses.begin(), reach.addresses.end(), names));
    }
}

TEST_CASE("nobody's feed token reads, and nobody but operators replays") {
  Api api;
  api.Give("lab", Role::Feed);
  api.Give("ward", Role::Care);
  CHECK(api.Call("POST", "/inbox", "x", {}, "lab").status == 200);
  CHECK(api.Call("GET", "/fhir/Patient/1", {}, {}, "lab").status == 403);
  CHECK(api.Call("GET", "/messages", {}, {}, "lab").status == 403);
  CHECK(api.Call("POST", "/deliveries/1/replay", {}, {}, "ward").status == 403);
  CHECK(api.Call("GET", "/messages/1", {}, {}, "ward").status == 403);
}

TEST_CASE("a client's DELETE needs a right of its own") {
  Api api;
  api.Give("ward", Role::Care);
  api.Give("eraser", Role::Care, {}, true);
  api.Put("Patient/p1", R"({"resourceType":"Patient","id":"p1"})");
  auto refused = api.Call("DELETE", "/fhir/Patient/p1", {}, {}, "ward");
  CHECK(refused.status == 403);
  // Not even whether there is one is told.
  CHECK(api.Call("DELETE", "/fhir/Patient?identifier=urn:oid:1.2.3%7C9", {}, {}, "ward").status == 403);
  CHECK(api.Call("GET", "/fhir/Patient/p1", {}, {}, "ward").status == 200);
  CHECK(api.Call("DELETE", "/fhir/Patient/p1", {}, {}, "eraser").status == 204);
}

TEST_CASE("open access is for loopback") {
  Api api;
  api.services->open = true;
  CHECK(api.Call("GET", "/messages", {}, {}, "").status == 200);
  CHECK(api.Call("GET", "/messages", {}, {}, "guessed").status == 401);
  net::HttpRequest request;
  request.method = "GET";
  request.target = "/messages";
  request.peer = {"192.0.2.1", 4711, false, true, {}};
  CHECK(api.Wait(api.handler(request)).status == 401);
}

TEST_CASE("tokens are kept by their hash and can be revoked") {
  Api api;
  std::vector<Token> all;
  REQUIRE(api.Write([&](pipeline::Transaction& t) -> Status {
    TRY(all, api.tokens.Issue(t, {Sha256Hex("secret"), Caller{"lab", Role::Feed, {}, false, false}, "2026"}));
    return Ok();
  }));
  api.tokens.Take(all);
  CHECK(api.Call("POST", "/inbox", "x", {}, "secret").status == 200);
  Tokens others;
  REQUIRE(others.Load(*api.store->Read()));
  CHECK(others.Find("secret")->name == "lab");
  CHECK(api.store->Read()->Setting("access.tokens")->value().find("secret") == std::string::npos);
  REQUIRE(api.Write([&](pipeline::Transaction& t) -> Status {
    TRY(all, api.tokens.Revoke(t, "lab"));
    return Ok();
  }));
  api.tokens.Take(all);
  CHECK(api.Call("POST", "/inbox", "x", {}, "secret").status == 401);
}

TEST_CASE("an address that is nowhere, a method that is not there") {
  Api api;
  CHECK(api.Call("GET", "/nowhere").status == 404);
  auto wrong = api.Call("PUT", "/messages");
  CHECK(wrong.status == 405);
  CHECK(wrong.headers.Get("Allow") == "GET");
  CHECK(ErrorOf(wrong) == "MethodNotAllowed");
  CHECK(api.Call("HEAD", "/health/live", {}, {}, "").status == 200);
}

TEST_CASE("errors are said in the caller's language and format") {
  Api api;
  auto french = api.Call("GET", "/fhir/Patient/x", {}, {{"Accept-Language", "fr-FR,fr;q=0.9"}});
  CHECK(TextAt(Parse(french.body), {"issue", "details", "text"}) == "Cette ressource n'existe pas.");
  auto xml = api.Call("GET", "/fhir/Patient/x", {}, {{"Accept", "application/fhir+xml"}});
  CHECK(xml.body.find("<OperationOutcome") != std::string::npos);
}

}  // namespace
}  // namespace passerelle::api
