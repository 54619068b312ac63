// /inbox, the journal and the outbox as they are shown, health and metrics.

#include <catch2/catch.hpp>

#include "gateway/api/errors.h"
#include "tests/gateway/api/fixture.h"

namespace passerelle::api {
namespace {

TEST_CASE("what comes to the inbox stands in the journal, newest first, in pages") {
  Api api;
  for (int i = 1; i <= 5; ++i)
    CHECK(api.Call("POST", "/inbox", "message " + std::to_string(i)).status == 200);
  CHECK(api.Call("POST", "/inbox", "refuse this").status == 422);
  auto page = Parse(api.Call("GET", "/messages?count=2").body);
  CHECK(TextAt(page, {"messages", "seq"}) == "6");
  CHECK(TextAt(page, {"messages", "state"}) == "refused");
  CHECK(TextAt(page, {"messages", "ack"}) == "422");
  CHECK(TextAt(page, {"messages", "received"}) == "2026-03-01T12:00:00.000Z");
  std::vector<std::string> seqs;
  for (std::string next = "/messages?count=2&state=stored"; !next.empty();) {
    auto tree = Parse(api.Call("GET", next).body);
    for (node::NodeIndex child : node::Children(tree, node::kRoot))
      if (tree.name(child) == "messages") seqs.emplace_back(tree.ChildText(child, "seq"));
    next = TextAt(tree, {"next"});
  }
  CHECK(seqs == std::vector<std::string>{"5", "4", "3", "2", "1"});
  CHECK(api.Call("GET", "/messages?state=lost").status == 400);
  CHECK(api.Call("GET", "/messages?count=0").status == 400);
  CHECK(api.Call("GET", "/messages?name=DURAND").status == 400);
}

TEST_CASE("one message with all that became of it, and whoever looks is noted") {
  Api api;
  auto kept = api.Call("POST", "/inbox", "message 1");
  CHECK(kept.headers.Get("Location") == "/messages/1");
  auto message = api.Call("GET", "/messages/1");
  REQUIRE(message.status == 200);
  auto tree = Parse(message.body);
  CHECK(TextAt(tree, {"sha256"}) == Sha256Hex("message 1"));
  CHECK(TextAt(tree, {"sender"}) == "standing token");
  CHECK(TextAt(tree, {"deliveries", "target"}) == "dpi");
  CHECK(TextAt(tree, {"deliveries", "state"}) == "owed");
  REQUIRE(api.Audit().size() == 1);
  CHECK(api.Audit()[0].resource == "message 1");
  CHECK(api.Audit()[0].seq == 1);
  CHECK(api.Call("GET", "/messages/2").status == 404);
  CHECK(api.Call("GET", "/messages/x").status == 404);
}

TEST_CASE("an operator sees what a sender wrote only after saying why, and for ten minutes") {
  Api api;
  api.Give("ned", Role::Operator);
  api.Give("ann", Role::Auditor);
  api.Call("POST", "/inbox", "message of somebody");
  auto source = [&](std::string token) { return api.Call("GET", "/api/messages/1/source", {}, {}, token); };
  CHECK(source("standing").body == "message of somebody");
  CHECK(source("ned").status == 403);
  CHECK(source("ann").status == 403);
  auto reveal = [&](std::string reason) {
    return api.Call("POST", "/api/messages/1/reveal", R"({"reason":")" + reason + "\"}", {}, "ned").status;
  };
  for (auto [method, path] : {std::pair{"GET", "written"}, {"POST", "replay"}})
    CHECK(api.Call(method, std::string("/api/messages/1/") + path, {}, {}, "ned").status == 403);
  CHECK(reveal("") == 400);
  CHECK(reveal("the laboratory called about it") == 200);
  CHECK(api.Audit().back().purpose == "the laboratory called about it");
  CHECK(source("ned").body == "message of somebody");
  CHECK(api.Audit().back().resource == "message 1 source");
  CHECK(api.Call("GET", "/api/messages/2/source", {}, {}, "ned").status == 403);
  CHECK(api.Call("GET", "/api/messages/1/written", {}, {}, "ned").status == 200);
  CHECK(api.Call("GET", "/api/messages/1", {}, {}, "ned").body.find("\"masked\":false") != std::string::npos);
  api.now += std::chrono::minutes(11);
  CHECK(source("ned").status == 403);
}

TEST_CASE("what findings and acknowledgements quote is masked to an operator until he says why") {
  Api api;
  api.Give("ned", Role::Operator);
  api.services->catalogue =
      Catalogue({{"x", Severity::Error, "value", "\"{0}\" is no code", "« {0} » : aucun code"}}, {});
  api.Call("POST", "/inbox", "message of somebody");
  pipeline::Outcome quoting;
  quoting.findings_json = R"([{"severity":"error","rule":"x","text":"\"KANARIE\" is no code"}])";
  quoting.answer = pipeline::Answer{"AE", "KANARIE is no code", 422};
  REQUIRE(api.Write([&](pipeline::Transaction& t) { return t.Decide(1, quoting); }));
  auto seen = [&] { return api.Call("GET", "/api/messages/1", {}, {}, "ned").body; };
  CHECK(seen().find("KANARIE") == std::string::npos);
  CHECK(seen().find("is no code") != std::string::npos);
  REQUIRE(api.Call("POST", "/api/messages/1/reveal", R"({"reason":"the sender asked"})", {}, "ned").status == 200);
  CHECK(seen().find(R"("text":"\"KANARIE\" is no code")") != std::string::npos);
  CHECK(seen().find(R"("answer":"KANARIE is no code")") != std::string::npos);
}

TEST_CASE("a replay of what was accepted keeps its answer; all decisions are told") {
  Api api;
  api.Call("POST", "/inbox", "message 1");
  auto replayed = Parse(api.Call("POST", "/api/messages/1/replay").body);
  CHECK(TextAt(replayed, {"seq"}) == "1");
  CHECK(TextAt(replayed, {"attempts"}) == "1");
  auto message = Parse(api.Call("GET", "/api/messages/1").body);
  CHECK(TextAt(message, {"decisions", "state"}) == "stored");
  CHECK_FALSE(TextAt(message, {"decisions", "answer"}).empty());
  CHECK(api.Call("POST", "/api/messages/7/replay").status == 404);
}

TEST_CASE("messages by what they are and when they came") {
  Api api;
  api.Call("POST", "/inbox", "message 1");
  api.now += std::chrono::hours(1);
  api.Call("POST", "/inbox", "another 2");
  auto seq = [&](std::string filter) {
    return TextAt(Parse(api.Call("GET", "/messages?" + filter).body), {"messages", "seq"});
  };
  CHECK(seq("control_id=message%20") == "1");
  CHECK(seq("event=Bundle") == "2");
  CHECK(seq("event=ADT%5EA01").empty());
  CHECK(seq("until=2026-03-01T12:30") == "1");
  CHECK(seq("since=2026-03-01T12:30") == "2");
  CHECK(api.Call("GET", "/messages?since=yesterday").status == 400);
}

TEST_CASE("messages by whose they are, asked in a body and noted; and by what was found in them") {
  Api api;
  for (int i = 1; i <= 3; ++i) api.Call("POST", "/inbox", "message " + std::to_string(i));
  api.Put("Patient/p1", R"({"resourceType":"Patient","id":"p1","identifier":[{"system":"urn:oid:1.2","value":"77"}]})");
  auto decided = [](std::string rule) {
    pipeline::Outcome outcome;
    outcome.findings_json = R"([{"rule":")" + rule + R"("},{"rule":")" + rule + R"("}])";
    return outcome;
  };
  REQUIRE(api.Write([&](pipeline::Transaction& t) -> Status {
    for (pipeline::Seq seq : {1, 3}) CHECK_OK(t.Audit({"lab", "receive", "Patient/p1", {}, "feed", {}, seq}));
    CHECK_OK(t.Audit({"lab", "receive", "Patient/p2", {}, "feed", {}, 2}));
    CHECK_OK(t.Decide(1, decided("v2.a")));
    CHECK_OK(t.Decide(2, decided("v2.a")));
    return t.Decide(2, decided("v2.b"));
  }));
  auto seqs = [](const net::HttpResponse& response) {
    REQUIRE(response.status == 200);
    auto tree = Parse(response.body);
    std::string all;
    for (node::NodeIndex child : node::Children(tree, node::kRoot))
      if (auto seq = tree.ChildText(child, "seq"); !seq.empty()) all += std::string(seq) + " ";
    return all + TextAt(tree, {"next"});
  };
  auto search = [&](std::string body) { return api.Call("POST", "/api/messages/_search", std::move(body)); };
  CHECK(seqs(search(R"({"patient":"urn:oid:1.2|77"})")) == "3 1 ");
  CHECK(api.Audit().back().action == "search");
  CHECK(api.Audit().back().patient == "Patient/p1");
  CHECK(seqs(search(R"({"patient":"77","count":1})")) == "3 3");
  CHECK(seqs(search(R"({"patient":"77","before":3})")) == "1 ");
  CHECK(seqs(search(R"({"patient":"77","finding":"v2.b"})")) .empty());
  auto noted = api.Audit().size();
  CHECK(seqs(search(R"({"patient":"urn:oid:1.3|77"})")).empty());
  CHECK(api.Audit().size() == noted + 1);
  CHECK(seqs(search("{}")) == "3 2 1 ");
  CHECK(seqs(api.Call("GET", "/api/messages?finding=v2.a")) == "1 ");
  CHECK(seqs(api.Call("GET", "/api/messages?finding=v2.b")) == "2 ");
  CHECK(search(R"({"patient":{"a":1}})").status == 400);
  CHECK(search(R"({"name":"DURAND"})").status == 400);
  for (const char* hostile : {"no body", "", "[]", R"({"patient":""})", R"({"patient":["77"]})",
                              R"({"patient":"77","patient":"78"})"})
    CHECK(search(hostile).status == 400);
  CHECK(api.Call("GET", "/api/messages?patient=77").status == 400);
}

TEST_CASE("parked deliveries are replayed, one or all of a cause") {
  Api api;
  int woken = 0;
  api.services->wake_courier = [&] { ++woken; };
  for (int i = 1; i <= 3; ++i) api.Call("POST", "/inbox", "message " + std::to_string(i));
  REQUIRE(api.Write([](pipeline::Transaction& t) -> Status {
    for (std::int64_t id = 1; id <= 3; ++id) {
      TRY(auto delivery, t.OneDelivery(id));
      delivery->state = "parked";
      delivery->cause = id == 3 ? "targets.rubbish" : "targets.refused";
      CHECK_OK(t.Note({id, {}, "parked", 422, delivery->cause}, *delivery));
    }
    return Ok();
  }));
  auto dry = Parse(api.Call("POST", "/deliveries/replay?dry_run=true").body);
  CHECK(TextAt(dry, {"would_replay"}) == "3");
  CHECK(woken == 0);
  auto one = api.Call("POST", "/deliveries/1/replay");
  CHECK(one.status == 200);
  CHECK(TextAt(Parse(one.body), {"state"}) == "owed");
  CHECK(api.Call("POST", "/deliveries/1/replay").status == 409);
  CHECK(api.Call("POST", "/deliveries/9/replay").status == 404);
  CHECK(TextAt(Parse(api.Call("POST", "/deliveries/replay?cause=targets.rubbish").body), {"replayed"}) ==
        "1");
  auto parked = Parse(api.Call("GET", "/deliveries?state=parked").body);
  CHECK(TextAt(parked, {"deliveries", "id"}) == "2");
  CHECK(TextAt(Parse(api.Call("POST", "/deliveries/replay").body), {"replayed"}) == "1");
  CHECK(woken == 3);
  CHECK(api.Call("GET", "/deliveries?count=2").body.find("after=2&count=2") != std::string::npos);
}

TEST_CASE("health says why not") {
  Api api;
  CHECK(api.Call("GET", "/health/live", {}, {}, "").body == R"({"status":"ok"})");
  CHECK(api.Call("GET", "/health/ready", {}, {}, "").status == 200);
  api.services->ready = [] { return Status(Error{errors::GatewayBusy}); };
  auto ready = api.Call("GET", "/health/ready", {}, {}, "");
  CHECK(ready.status == 503);
  CHECK(TextAt(Parse(ready.body), {"reason"}) == "The gateway does not accept messages at the moment.");
}

TEST_CASE("metrics are text that Prometheus reads") {
  Api api;
  api.Call("POST", "/inbox", "message 1");
  api.services->samples = [] {
    return std::vector<Sample>{{"passerelle_x", "feed=\"mllp\"", 2, "Xs.", true}};
  };
  std::string text = api.Call("GET", "/metrics").body;
  CHECK(text.find("passerelle_messages{state=\"stored\"} 1\n") != std::string::npos);
  CHECK(text.find("passerelle_deliveries{state=\"owed\"} 1\n") != std::string::npos);
  CHECK(text.find("passerelle_http_requests_total{method=\"POST\",route=\"/inbox\",status=\"200\"} 1\n") !=
        std::string::npos);
  CHECK(text.find("# TYPE passerelle_x counter\npasserelle_x{feed=\"mllp\"} 2\n") != std::string::npos);
  CHECK(text.find("process_resident_memory_bytes ") != std::string::npos);
}

}  // namespace
}  // namespace passerelle::api
