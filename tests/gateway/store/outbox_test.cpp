// The outbox: one lane strictly in order, the others unhindered, and a parked delivery blocks only what it
// must.

#include <catch2/catch.hpp>

#include "gateway/store/errors.h"
#include "tests/gateway/store/fixture.h"

namespace passerelle::store {

using pipeline::Attempt;
using pipeline::Delivery;
using pipeline::Transaction;

namespace {

struct Outbox : Fixture {
  std::int64_t Owe(std::string lane, std::string target = "mes", bool lane_waits = true) {
    std::int64_t id = 0;
    REQUIRE(Write([&](Transaction& t) -> Status {
      Delivery delivery;
      delivery.target = target;
      delivery.lane = lane;
      delivery.payload = "{}";
      delivery.state = "owed";
      delivery.lane_waits = lane_waits;
      TRY(id, t.Owe(delivery));
      return Ok();
    }));
    return id;
  }
  void Note(std::int64_t id, std::string state, std::string next_try = "") {
    REQUIRE(Write([&](Transaction& t) -> Status {
      Delivery after;
      after.state = state;
      after.attempts = 1;
      after.next_try = next_try;
      return t.Note({id, "", state == "owed" ? "retry" : state, 500, "no answer"}, after);
    }));
  }
  std::vector<std::int64_t> Due(std::string target = "mes") {
    std::vector<std::int64_t> ids;
    auto due = store->Read()->Due(target, IsoUtc(now), 100);
    for (const auto& delivery : *due) ids.push_back(delivery.id);
    return ids;
  }
};

using Ids = std::vector<std::int64_t>;

}  // namespace

TEST_CASE("only the head of a lane is due, and delivering it frees the next") {
  Outbox outbox;
  auto a1 = outbox.Owe("a"), a2 = outbox.Owe("a"), b1 = outbox.Owe("b"), other = outbox.Owe("a", "backup");
  CHECK(outbox.Due() == Ids{a1, b1});
  CHECK(outbox.Due("backup") == Ids{other});
  outbox.Note(a1, "delivered");
  CHECK(outbox.Due() == Ids{a2, b1});
  outbox.Note(a2, "delivered");
  outbox.Note(b1, "delivered");
  CHECK(outbox.Due().empty());
  auto a3 = outbox.Owe("a");
  CHECK(outbox.Due() == Ids{a3});
  CHECK(outbox.store->Read()->AttemptsOf(a1)->size() == 1);
}

TEST_CASE("a delivery to be tried later keeps its lane waiting until then") {
  Outbox outbox;
  auto a1 = outbox.Owe("a");
  outbox.Owe("a");
  outbox.Note(a1, "owed", IsoUtc(outbox.now + std::chrono::seconds(30)));
  CHECK(outbox.Due().empty());
  outbox.now += std::chrono::seconds(30);
  CHECK(outbox.Due() == Ids{a1});
}

TEST_CASE("a parked head blocks its own lane alone, or not even that") {
  Outbox outbox;
  auto waits = GENERATE(true, false);
  auto a1 = outbox.Owe("a", "mes", waits), a2 = outbox.Owe("a"), b1 = outbox.Owe("b");
  outbox.Note(a1, "parked");
  CHECK(outbox.Due() == (waits ? Ids{b1} : Ids{a2, b1}));

  SECTION("replayed, it leaves before what came after it") {
    REQUIRE(outbox.Write([&](Transaction& t) { return t.OweAgain(a1); }));
    CHECK(outbox.Due() == Ids{a1, b1});
    outbox.Note(a1, "delivered");
    CHECK(outbox.Due() == Ids{a2, b1});
    CHECK(outbox.store->Read()->Deliveries("parked", 0, 10)->empty());
  }
  SECTION("it stays where a person finds it") {
    auto parked = *outbox.store->Read()->Deliveries("parked", 0, 10);
    REQUIRE(parked.size() == 1);
    CHECK(parked[0].id == a1);
    outbox.Reopen();
    CHECK(outbox.store->Read()->Deliveries("parked", 0, 10)->size() == 1);
  }
}

TEST_CASE("a withheld delivery lets its lane go on") {
  Outbox outbox;
  auto a1 = outbox.Owe("a"), a2 = outbox.Owe("a");
  outbox.Note(a1, "withheld");
  CHECK(outbox.Due() == Ids{a2});
}

TEST_CASE("only what waits for a person can be replayed") {
  Outbox outbox;
  auto a1 = outbox.Owe("a");
  auto owed = outbox.Write([&](Transaction& t) { return t.OweAgain(a1); });
  REQUIRE_FALSE(owed);
  CHECK(owed.error().info == &errors::DeliveryNotWaiting);
  auto unknown = outbox.Write([](Transaction& t) { return t.OweAgain(99); });
  REQUIRE_FALSE(unknown);
  CHECK(unknown.error().info == &errors::DeliveryUnknown);
}

TEST_CASE("asking what is due stays quick behind a long backlog", "[.bench]") {
  Outbox outbox;
  REQUIRE(outbox.Write([&](Transaction& t) -> Status {
    for (int i = 0; i < 200'000; ++i) {
      Delivery delivery;
      delivery.target = "mes";
      delivery.lane = std::to_string(i % 50);
      TRY(auto id, t.Owe(delivery));
      (void)id;
    }
    return Ok();
  }));
  auto start = std::chrono::steady_clock::now();
  for (int i = 0; i < 100; ++i) CHECK(outbox.Due().size() == 50);
  double ms =
      std::chrono::duration<double, std::milli>(std::chrono::steady_clock::now() - start).count() / 100;
  WARN("Due among 200,000 owed: " << ms << " ms");
}

}  // namespace passerelle::store
