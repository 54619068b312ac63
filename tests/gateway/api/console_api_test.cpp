// What the console asks for: signing in, tokens, users, the glance, the live tail, conversions, the audit,
// its files.

#include <catch2/catch.hpp>
#include <fstream>
#include <set>
#include <sstream>

#include "gateway/api/errors.h"
#include "gateway/api/router.h"
#include "tests/gateway/api/fixture.h"

namespace passerelle::api {
namespace {

struct ConsoleApi : Api {
  Users users;
  std::string first;
  ConsoleApi() {
    services->users = &users;
    first = users.FirstToken(services->random_bytes);
  }
  net::HttpResponse Send(std::string method, std::string target, std::string body, Fields fields = {},
                         std::string token = {}) {
    return Call(std::move(method), std::move(target), std::move(body), fields, std::move(token));
  }
  net::HttpResponse SignIn(std::string name, std::string password) {
    return Send("POST", "/api/session", R"({"name":")" + name + R"(","password":")" + password + "\"}");
  }
  // "passerelle_session=..." of an answer.
  static std::string Cookie(const net::HttpResponse& response) {
    std::string cookie(response.headers.Get("Set-Cookie"));
    return cookie.substr(0, cookie.find(';'));
  }
};

constexpr const char* kPassword = "correct horse battery";

TEST_CASE("the first admin is made with a token that is good once, then people sign in") {
  ConsoleApi api;
  std::string body = R"({"token":")" + api.first + R"(","name":"ada","password":"correct horse battery"})";
  CHECK(api.Send("POST", "/api/session/first",
                 R"({"token":"guessed","name":"a","password":"correct horse battery"})")
            .status == 401);
  auto weak = api.Send("POST", "/api/session/first",
                       R"({"token":")" + api.first + R"(","name":"ada","password":"short"})");
  CHECK(ErrorOf(weak) == "PasswordWeak");
  auto made = api.Send("POST", "/api/session/first", body);
  REQUIRE(made.status == 200);
  CHECK(api.Send("POST", "/api/session/first", body).status == 401);
  CHECK(api.users.FirstToken(api.services->random_bytes).empty());

  std::string set(made.headers.Get("Set-Cookie"));
  for (auto flag : {"HttpOnly", "SameSite=Strict", "Path=/"}) CHECK(set.find(flag) != std::string::npos);
  std::string stored = **api.store->Read()->Setting("access.users");
  CHECK(stored.find("$argon2id$") != std::string::npos);
  CHECK(stored.find("horse") == std::string::npos);

  std::string cookie = ConsoleApi::Cookie(made), csrf = TextAt(Parse(made.body), {"csrf"});
  CHECK(api.Send("GET", "/api/now", {}, {{"Cookie", cookie}}).status == 200);
  auto forged = api.Send("POST", "/deliveries/replay", {}, {{"Cookie", cookie}});
  CHECK(forged.status == 403);
  CHECK(ErrorOf(forged) == "CsrfMissing");
  CHECK(api.Send("POST", "/deliveries/replay", {}, {{"Cookie", cookie}, {"X-CSRF-Token", csrf}}).status ==
        200);
  CHECK(TextAt(Parse(api.Send("GET", "/api/session", {}, {{"Cookie", cookie}}).body), {"csrf"}) == csrf);

  CHECK(api.SignIn("ada", "wrong password").status == 401);
  CHECK(api.SignIn("nobody", kPassword).status == 401);
  auto again = api.SignIn("ada", kPassword);
  CHECK(again.status == 200);
  CHECK(ConsoleApi::Cookie(again) != cookie);
  api.Send("DELETE", "/api/session", {}, {{"Cookie", cookie}, {"X-CSRF-Token", csrf}});
  CHECK(api.Send("GET", "/api/now", {}, {{"Cookie", cookie}}).status == 401);
  api.now += std::chrono::minutes(31);
  CHECK(api.Send("GET", "/api/now", {}, {{"Cookie", ConsoleApi::Cookie(again)}}).status == 401);
}

TEST_CASE("guessing passwords is slow") {
  ConsoleApi api;
  api.Send("PUT", "/api/users/ada", R"({"role":"operator","password":"correct horse battery"})", {},
           "standing");
  for (int i = 0; i < 5; ++i) CHECK(api.SignIn("ada", "wrong password").status == 401);
  CHECK(api.SignIn("ada", kPassword).status == 429);
  api.now += std::chrono::minutes(2);
  CHECK(api.SignIn("ada", kPassword).status == 200);
}

TEST_CASE("users and tokens are given and taken by the admin, and that is noted") {
  ConsoleApi api;
  auto as_admin = [&](std::string method, std::string target, std::string body = {}) {
    return api.Send(std::move(method), std::move(target), std::move(body), {}, "standing");
  };
  CHECK(
      as_admin("PUT", "/api/users/ned", R"({"role":"operator","password":"correct horse battery"})").status ==
      204);
  CHECK(as_admin("PUT", "/api/users/ned", R"({"role":"king","password":"correct horse battery"})").status ==
        400);
  CHECK(
      as_admin("PUT", "/api/users/pat", R"({"role":"patient","password":"correct horse battery"})").status ==
      400);
  auto ned = api.SignIn("ned", kPassword);
  REQUIRE(ned.status == 200);
  Fields cookie = {{"Cookie", ConsoleApi::Cookie(ned)}};
  CHECK(api.Send("GET", "/api/messages", {}, cookie).status == 200);
  CHECK(api.Send("GET", "/api/users", {}, cookie).status == 403);
  CHECK(api.Send("GET", "/fhir/Patient", {}, cookie).status == 403);
  CHECK(as_admin("DELETE", "/api/users/ned").status == 204);
  CHECK(api.Send("GET", "/api/messages", {}, cookie).status == 401);  // signed out with it

  auto issued = as_admin("POST", "/api/tokens", R"({"name":"lab","role":"feed"})");
  REQUIRE(issued.status == 201);
  std::string token = TextAt(Parse(issued.body), {"token"});
  CHECK(api.Send("POST", "/inbox", "x", {}, token).status == 200);
  CHECK(as_admin("GET", "/api/tokens").body.find(token) == std::string::npos);
  CHECK(TextAt(Parse(as_admin("GET", "/api/tokens").body), {"tokens", "role"}) == "feed");
  CHECK(as_admin("DELETE", "/api/tokens/lab").status == 204);
  CHECK(api.Send("POST", "/inbox", "x", {}, token).status == 401);
  std::set<std::string> actions;
  for (const auto& entry : api.Audit()) actions.insert(entry.action);
  for (auto action : {"put user", "sign-in", "remove user", "issue token", "revoke token"})
    CHECK(actions.contains(action));
}

TEST_CASE("one glance") {
  ConsoleApi api;
  api.services->feeds = [] {
    return std::vector<FeedStatus>{
        {"mllp", "mllp", "127.0.0.1:2575", "up", {}, false, false, false, false, 3, std::nullopt}};
  };
  api.services->targets = [] {
    return std::vector<FeedStatus>{{"dpi", "fhir", "https://dpi", "down", "4103 TargetUnwilling: x", true, true,
                                    false, true, 0, 12}};
  };
  api.Call("POST", "/inbox", "message 1");
  auto now = Parse(api.Call("GET", "/api/now").body);
  CHECK(TextAt(now, {"ready"}) == "true");
  CHECK(TextAt(now, {"counts", "messages.stored"}) == "1");
  CHECK(TextAt(now, {"feeds", "connections"}) == "3");
  CHECK(TextAt(now, {"targets", "certificate_days"}) == "12");
  CHECK(TextAt(now, {"targets", "state"}) == "down");
  CHECK(TextAt(now, {"targets", "cause_text"}) == "4103 TargetUnwilling: x");
  api.services->ready = [] { return Status(Error{errors::DiskFull}); };
  auto full = Parse(api.Call("GET", "/api/now", {}, {{"Accept-Language", "fr"}}).body);
  CHECK(TextAt(full, {"reason"}).starts_with("Le disque est plein"));
}

TEST_CASE("the live tail goes on where the browser was") {
  ConsoleApi api;
  api.Call("POST", "/inbox", "message 1");
  auto start = api.Call("GET", "/api/events");
  CHECK(start.headers.Get("Content-Type") == "text/event-stream; charset=utf-8");
  CHECK(start.body.find("id: 1\nevent: start\n") != std::string::npos);
  api.Call("POST", "/inbox", "message 2");
  api.Call("POST", "/inbox", "refuse this");
  auto tail = api.Call("GET", "/api/events", {}, {{"Last-Event-ID", "1"}});
  CHECK(tail.body.find("id: 1\n") == std::string::npos);
  CHECK(tail.body.find("id: 2\nevent: message\ndata: {\"seq\":2,") != std::string::npos);
  CHECK(tail.body.find("\"state\":\"refused\"") != std::string::npos);
}

TEST_CASE("a conversion shows what would become of a message and keeps nothing") {
  ConsoleApi api;
  CHECK(api.Call("POST", "/api/convert", "x").status == 501);
  api.services->convert = [](std::string bytes) {
    Conversion made{"hl7v2", "ADT^A01", {}, {}, R"({"resourceType":"Bundle"})", R"({"leaves":1})"};
    if (bytes == "bad") made.refusal = Error{errors::Base64Malformed, {}, {"OBX-5"}};
    return made;
  };
  auto made = Parse(api.Call("POST", "/api/convert", "good").body);
  CHECK(TextAt(made, {"event"}) == "ADT^A01");
  CHECK(TextAt(made, {"ledger", "leaves"}) == "1");
  auto refused = Parse(api.Call("POST", "/api/convert", "bad").body);
  CHECK(TextAt(refused, {"error"}) == "Base64Malformed");
  CHECK(TextAt(refused, {"place"}) == "OBX-5");
  CHECK(api.store->Read()->Messages({})->empty());
  CHECK(api.Audit().empty());
}

TEST_CASE("who read what of a patient, and who looked that up") {
  ConsoleApi api;
  api.Put("Patient/p1", R"({"resourceType":"Patient","id":"p1"})");
  api.Put("Patient/p2", R"({"resourceType":"Patient","id":"p2"})");
  for (int i = 0; i < 3; ++i) api.Call("GET", "/fhir/Patient/p1");
  auto page = Parse(api.Call("GET", "/api/audit?patient=p1&count=2").body);
  CHECK(TextAt(page, {"entries", "action"}) == "read");
  CHECK(TextAt(page, {"entries", "resource"}) == "Patient/p1/_history/1");
  CHECK(api.Audit().back().resource == "audit");
  auto rest = Parse(api.Call("GET", TextAt(page, {"next"})).body);
  CHECK(TextAt(rest, {"entries", "action"}) == "read");
  CHECK(api.Call("GET", "/api/audit?patient=p2").body.find("p1") == std::string::npos);
}

TEST_CASE("what waits for a person is grouped by its cause") {
  ConsoleApi api;
  for (int i = 1; i <= 3; ++i) api.Call("POST", "/inbox", "message " + std::to_string(i));
  REQUIRE(api.Write([](pipeline::Transaction& t) -> Status {
    for (std::int64_t id = 1; id <= 3; ++id) {
      TRY(auto delivery, t.OneDelivery(id));
      delivery->state = "parked";
      delivery->cause = id == 2 ? "a" : "b";
      CHECK_OK(t.Note({id, {}, "parked", 422, delivery->cause}, *delivery));
    }
    return Ok();
  }));
  auto body = api.Call("GET", "/api/parked").body;
  CHECK(
      body.find(
          R"({"cause":"a","cause_text":"a","target":"dpi","count":1,"first":2,"last":2,"first_message":2,)"
          R"("last_message":2})") !=
      std::string::npos);
  CHECK(
      body.find(
          R"({"cause":"b","cause_text":"b","target":"dpi","count":2,"first":1,"last":3,"first_message":1,)"
          R"("last_message":3})") !=
      std::string::npos);
}

TEST_CASE("the console's files come compressed, cached, and with a policy that lets nothing else in") {
  ConsoleApi api;
  static constexpr Asset kAssets[] = {
      {"/index.html", "text/html; charset=utf-8", "<html>", {}, "\"i\"", false},
      {"/main-1234.js", "text/javascript", "plain", "BROTLI", "\"j\"", true},
  };
  auto without = api.Send("GET", "/", {});
  CHECK(without.status == 200);
  CHECK(without.headers.Get("Content-Type").starts_with("text/plain"));
  api.services->console = kAssets;
  auto page = api.Send("GET", "/", {});
  CHECK(page.body == "<html>");
  CHECK(page.headers.Get("Content-Security-Policy").starts_with("default-src 'self';"));
  CHECK(page.headers.Get("Cache-Control") == "no-cache");
  auto script = api.Send("GET", "/main-1234.js", {}, {{"Accept-Encoding", "gzip, br"}});
  CHECK(script.body == "BROTLI");
  CHECK(script.headers.Get("Content-Encoding") == "br");
  CHECK(script.headers.Get("Cache-Control") == "public, max-age=31536000, immutable");
  CHECK(api.Send("GET", "/main-1234.js", {}).body == "plain");
  CHECK(api.Send("GET", "/main-1234.js", {}, {{"If-None-Match", "\"j\""}}).status == 304);
  CHECK(api.Send("GET", "/main-9999.js", {}).status == 404);
}

// docs/openapi.json names every route but those of FHIR, which /fhir/metadata describes, and no other.
TEST_CASE("the OpenAPI file says what there is") {
  std::ifstream in("docs/openapi.json");
  std::ostringstream text;
  text << in.rdbuf();
  auto tree = Parse(text.str());
  std::set<std::string> written, real;
  node::NodeIndex paths = tree.Child(node::kRoot, "paths");
  REQUIRE(paths != node::kNone);
  for (node::NodeIndex path : node::Children(tree, paths))
    for (node::NodeIndex method : node::Children(tree, path)) {
      if (tree.name(method) == "parameters") continue;
      std::string name(tree.name(method));
      for (char& c : name) c = static_cast<char>(c - 32);
      written.insert(name + " " + std::string(tree.name(path)));
      CAPTURE(std::string(tree.name(path)));
      CHECK(tree.Child(method, "responses") != node::kNone);
      CHECK_FALSE(tree.ChildText(method, "summary").empty());
    }
  for (const Route& route : Routes())
    if (!route.pattern.starts_with("/fhir") && route.pattern != "/{file}")
      real.insert(std::string(route.method) + " " + std::string(route.pattern));
  CHECK(written == real);
}

}  // namespace
}  // namespace passerelle::api
