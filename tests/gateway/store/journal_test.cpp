// The journal: what is kept stays as it came, a repeat is told from a new message, and tampering shows.

#include <catch2/catch.hpp>

#include "fhir_model/base/digest.h"
#include "gateway/store/errors.h"
#include "tests/gateway/store/fixture.h"

namespace passerelle::store {

using pipeline::Answer;
using pipeline::Outcome;
using pipeline::State;
using pipeline::Transaction;

namespace {

const std::string kMessage = "MSH|^~\\&|LAB|CHU|||20260301||ADT^A01|1|P|2.5\rPID|1||42\r";

Outcome Accepted() {
  Outcome outcome;
  outcome.state = State::Stored;
  outcome.format = "hl7v2";
  outcome.control_id = "1";
  outcome.event = "ADT^A01";
  outcome.answer = Answer{"AA", "MSH|...\rMSA|AA|1\r", 200};
  outcome.settings_digest = "tables-1";
  outcome.findings_json = "[]";
  outcome.ledger_json = "{\"leaves\":3}";
  outcome.resources_json = "[\"Patient/1/_history/1\"]";
  return outcome;
}

}  // namespace

TEST_CASE("a kept message is read back byte for byte, also after a restart") {
  Fixture fixture;
  auto bytes =
      GENERATE(std::string(), kMessage, std::string("\x00\xFF\x0B not text", 12), std::string(64 << 10, 'x'),
               std::string((64 << 10) + 1, 'y'), std::string(3 << 20, 'z'));
  auto receipt = fixture.Keep(bytes);
  REQUIRE(receipt);
  CHECK(receipt->seq == 1);
  CHECK_FALSE(receipt->repeat);
  fixture.Reopen();
  auto view = fixture.store->Read();
  CHECK(*view->MessageBytes(1) == bytes);
  auto message = view->Message(1);
  REQUIRE((message && *message));
  CHECK((*message)->state == State::Kept);
  CHECK((*message)->sha256 == Sha256Hex(bytes));
  CHECK((*message)->sender == "LAB");
  CHECK((*message)->peer.port == 4711);
  CHECK((*message)->received == "2026-03-01T12:00:00.000Z");
  CHECK(*view->Unprocessed() == std::vector<pipeline::Seq>{1});
}

TEST_CASE("the same bytes from the same sender within 30 days are a repeat with the first answer") {
  Fixture fixture;
  REQUIRE(fixture.Keep(kMessage));
  REQUIRE(fixture.Write([](Transaction& t) { return t.Decide(1, Accepted()); }));

  auto repeat = fixture.Keep(kMessage);
  REQUIRE(repeat);
  CHECK(repeat->repeat);
  CHECK(repeat->seq == 1);
  REQUIRE(repeat->message.answer);
  CHECK(repeat->message.answer->bytes == Accepted().answer->bytes);
  CHECK(repeat->message.settings_digest == "tables-1");
  CHECK(repeat->message.attempts == 1);

  CHECK_FALSE(fixture.Keep(kMessage, "OTHER")->repeat);
  CHECK_FALSE(fixture.Keep(kMessage + "OBX|1\r")->repeat);

  fixture.now += std::chrono::days(29);
  CHECK(fixture.Keep(kMessage)->repeat);
  fixture.now += std::chrono::days(2);
  auto later = fixture.Keep(kMessage);
  CHECK_FALSE(later->repeat);
  CHECK(later->seq > repeat->seq);
}

TEST_CASE("an answer given on receipt is repeated until the decision has one") {
  Fixture fixture;
  auto frame = fixture.FrameOf(kMessage);
  frame.commit_answer = Answer{"CA", "MSA|CA|1\r", 200};
  REQUIRE(fixture.Wait(fixture.store->Keep(frame)));
  auto repeat = fixture.Keep(kMessage);
  REQUIRE(repeat->message.answer);
  CHECK(repeat->message.answer->code == "CA");
}

TEST_CASE("a message's decision, state and filters") {
  Fixture fixture;
  for (int i = 1; i <= 5; ++i) REQUIRE(fixture.Keep(kMessage + std::to_string(i)));
  REQUIRE(fixture.Write([](Transaction& t) -> Status {
    CHECK_OK(t.Decide(2, Accepted()));
    return t.SetState(2, State::Delivered, "");
  }));
  auto view = fixture.store->Read();
  auto message = **view->Message(2);
  CHECK(message.state == State::Delivered);
  CHECK(message.ledger_json == "{\"leaves\":3}");
  CHECK(message.answer->code == "AA");
  CHECK(message.event == "ADT^A01");
  CHECK(*view->Unprocessed() == std::vector<pipeline::Seq>{1, 3, 4, 5});

  pipeline::MessageFilter filter;
  filter.count_max = 2;
  auto page = *view->Messages(filter);
  REQUIRE(page.size() == 2);
  CHECK(page[0].seq == 5);
  filter.before = page[1].seq;
  CHECK((*view->Messages(filter))[0].seq == 3);
  filter = {};
  filter.state = State::Delivered;
  REQUIRE(view->Messages(filter)->size() == 1);
  filter = {};
  filter.control_id = "1";
  CHECK(view->Messages(filter)->front().seq == 2);
  CHECK_FALSE(*view->Message(99));
}

TEST_CASE("messages by what their last decision reports, and by whom they were received of") {
  Fixture fixture;
  for (int i = 1; i <= 3; ++i) REQUIRE(fixture.Keep(kMessage + std::to_string(i)));
  auto decide = [&](pipeline::Seq seq, const std::string& rule, const std::string& patient) {
    return fixture.Write([&](Transaction& t) -> Status {
      auto outcome = Accepted();
      outcome.findings_json = R"([{"rule":")" + rule + R"("},{"rule":")" + rule + R"("}])";
      CHECK_OK(t.Decide(seq, outcome));
      return t.Audit({"LAB", "receive", patient, {}, {}, {}, seq});
    });
  };
  REQUIRE(decide(1, "first", "Patient/a"));
  REQUIRE(decide(2, "first", "Patient/b"));
  REQUIRE(decide(2, "second", "Patient/b"));  // another attempt
  auto found = [&](const pipeline::MessageFilter& filter) {
    std::vector<pipeline::Seq> seqs;
    auto messages = *fixture.store->Read()->Messages(filter);
    for (const auto& message : messages) seqs.push_back(message.seq);
    return seqs;
  };
  using Seqs = std::vector<pipeline::Seq>;
  pipeline::MessageFilter first, second, nobody, both;
  first.finding = "first";
  second.finding = "second";
  nobody.patients.emplace();
  both.patients = std::vector<std::string>(40'000, "Patient/nobody");  // more than a statement takes values
  both.patients->insert(both.patients->end(), {"Patient/a", "Patient/b"});
  auto check = [&] {
    CHECK(found(first) == Seqs{1});
    CHECK(found(second) == Seqs{2});
    CHECK(found(nobody).empty());
    CHECK(found(both) == Seqs{2, 1});
  };
  check();
  // A store from before there was such a table.
  fixture.Tamper(
      "ALTER TABLE delivery DROP COLUMN inserts; DROP TABLE content; DROP TABLE named;"
      "DROP TABLE finding; DROP INDEX audit_received; PRAGMA user_version = 5");
  fixture.Reopen();
  check();
}

TEST_CASE("what was refused is found by the patient it names, also in a store from before that was kept") {
  Fixture fixture;
  for (int i = 1; i <= 2; ++i) REQUIRE(fixture.Keep(kMessage + std::to_string(i)));
  fixture.Tamper("DROP TABLE named; PRAGMA user_version = 7");
  fixture.Reopen();
  Outcome refused;
  refused.state = State::Refused;
  refused.named = {{"urn:oid:1.2", "77"}, {"", "78"}};
  for (int attempt = 1; attempt <= 2; ++attempt)
    REQUIRE(fixture.Write([&](Transaction& t) { return t.Decide(2, refused); }));
  auto count = [&](std::string system, std::string value) {
    pipeline::MessageFilter filter;
    filter.patients.emplace();
    filter.named = {std::move(system), std::move(value)};
    return fixture.store->Read()->Messages(filter)->size();
  };
  CHECK(count("urn:oid:1.2", "77") == 1);
  CHECK(count("", "77") == 1);
  CHECK(count("urn:oid:1.3", "77") == 0);
  CHECK(count("", "78") == 1);
  CHECK(count("", "79") == 0);
}

TEST_CASE("a decision about no message is refused") {
  Fixture fixture;
  auto status = fixture.Write([](Transaction& t) { return t.Decide(7, Accepted()); });
  REQUIRE_FALSE(status);
  CHECK(status.error().info == &errors::MessageUnknown);
}

TEST_CASE("tampering with any part of the history is found", "[chain]") {
  Fixture fixture;
  for (int i = 1; i <= 3; ++i) REQUIRE(fixture.Keep(kMessage + std::to_string(i)));
  REQUIRE(fixture.Write([](Transaction& t) -> Status {
    for (pipeline::Seq seq = 1; seq <= 3; ++seq) {
      CHECK_OK(t.Decide(seq, Accepted()));
      CHECK_OK(t.Audit({"nurse", "read", "Patient/1", "Patient/1", "care", "", seq}));
    }
    return Ok();
  }));
  auto sound = fixture.store->VerifyChains();
  REQUIRE(sound);
  CHECK(sound->sound());
  CHECK(sound->messages.rows == 3);
  CHECK(sound->steps.rows == 3);
  CHECK(sound->audit.rows == 3);

  auto sql =
      GENERATE("UPDATE message SET sender = 'MALLORY' WHERE seq = 2",
               "UPDATE message SET received = '2026-03-01T12:00:00.001Z' WHERE seq = 3",
               "UPDATE message SET sha256 = zeroblob(32) WHERE seq = 1", "DELETE FROM message WHERE seq = 2",
               "UPDATE step SET answer = x'4D5341' WHERE id = 1", "UPDATE step SET state = 5 WHERE id = 3",
               "DELETE FROM step WHERE id = 1", "UPDATE audit SET who = 'nobody' WHERE id = 2",
               "DELETE FROM audit WHERE id = 2", "UPDATE audit SET hash = zeroblob(32) WHERE id = 3",
               "UPDATE audit SET id = 9 WHERE id = 1");
  CAPTURE(sql);
  fixture.Tamper(sql);
  auto opened = SqliteStore::Open(fixture.Options());
  REQUIRE_FALSE(opened);
  CHECK(opened.error().info == &errors::StoreCorrupt);
}

TEST_CASE("a body that changed on disk is not handed out") {
  Fixture fixture;
  auto bytes = GENERATE(std::string(kMessage), std::string(100'000, 'a'));
  REQUIRE(fixture.Keep(bytes));
  fixture.Tamper("UPDATE body SET bytes = x'4D53487C' WHERE seq = 1");
  for (auto& entry : std::filesystem::recursive_directory_iterator(fixture.folder.path / "bodies"))
    if (entry.is_regular_file()) std::filesystem::resize_file(entry.path(), 99'999);
  fixture.Reopen();
  auto read = fixture.store->Read()->MessageBytes(1);
  REQUIRE_FALSE(read);
  CHECK(read.error().info == &errors::StoreCorrupt);
}

TEST_CASE("a folder keeps its environment for ever") {  // safety rule 10
  Fixture fixture;
  fixture.store.reset();
  auto options = fixture.Options();
  options.environment = "production";
  auto opened = SqliteStore::Open(std::move(options));
  REQUIRE_FALSE(opened);
  CHECK(opened.error().info == &errors::EnvironmentFixed);
}

TEST_CASE("a folder is for one process at a time, and not for an older program") {
  Fixture fixture;
  auto second = SqliteStore::Open(fixture.Options());
  REQUIRE_FALSE(second);
  CHECK(second.error().info == &errors::StoreInUse);
  fixture.Tamper("PRAGMA user_version = 9999");
  auto older = SqliteStore::Open(fixture.Options());
  REQUIRE_FALSE(older);
  CHECK(older.error().info == &errors::StoreNewer);
}

TEST_CASE("what waits is counted by feed, and what was refused of late") {
  Fixture fixture;
  auto refuse = [&](pipeline::Seq seq) {
    REQUIRE(fixture.Write([&](Transaction& t) { return t.SetState(seq, State::Refused, ""); }));
  };
  auto yesterday = fixture.Keep("one");
  refuse(yesterday->seq);
  fixture.now += std::chrono::hours(30);
  auto today = fixture.Keep("two");
  refuse(today->seq);
  REQUIRE(fixture.Keep("three"));
  auto view = fixture.store->Read();
  CHECK(*view->CountSince(State::Refused, "2026-03-02T00:00:00.000Z") == 1);
  CHECK(*view->CountSince(State::Refused, "2026-01-01T00:00:00.000Z") == 2);
  auto waits = view->FeedBacklogs();
  REQUIRE((waits && waits->size() == 1));
  CHECK(waits->front().place == "mllp");
  CHECK(waits->front().state == "kept");
  CHECK(waits->front().since == "2026-03-02T18:00:00.000Z");
}

}  // namespace passerelle::store
