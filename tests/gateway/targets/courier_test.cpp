// Courier: what is owed leaves in order, waits where it must, and never twice without need.

#include "gateway/targets/courier.h"

#include <boost/asio/post.hpp>
#include <boost/asio/steady_timer.hpp>
#include <boost/asio/use_awaitable.hpp>
#include <catch2/catch.hpp>
#include <map>

#include "gateway/targets/errors.h"
#include "tests/gateway/store/fixture.h"

namespace passerelle::targets {
namespace {

using pipeline::Delivery;
using pipeline::Transaction;

// Says what it is told to say, and remembers what it was sent.
struct ScriptedTarget : Target {
  std::vector<std::string>& sent;
  std::function<Say(const Delivery&)> script;
  ScriptedTarget(std::vector<std::string>& log, std::function<Say(const Delivery&)> says)
      : sent(log), script(std::move(says)) {}
  Awaitable<Verdict> Deliver(const Delivery& delivery) override {
    sent.push_back(delivery.payload);
    Say say = script(delivery);
    if (say == Say::Taken) co_return Verdict{say, 200, {}};
    co_return VerdictOf(say, Error{say == Say::Refused ? errors::TargetRefused : errors::TargetUnwilling});
  }
};

struct Bench : store::Fixture {
  std::vector<std::string> sent;
  std::map<std::string, int> tries;  // by target, as told
  std::string shut;  // the gate's reason

  void Owe(std::string payload, std::string lane, pipeline::Seq seq = 0, bool lane_waits = true) {
    auto owed = Write([&](Transaction& transaction) -> Status {
      Delivery delivery;
      delivery.seq = seq;
      delivery.target = "t";
      delivery.lane = lane;
      delivery.payload = payload;
      delivery.state = "owed";
      delivery.lane_waits = lane_waits;
      TRY(auto id, transaction.Owe(delivery));
      (void)id;
      return Ok();
    });
    REQUIRE(owed);
  }

  // Lets a courier with this script work for a while.
  void Work(std::function<Say(const Delivery&)> script, milliseconds time = milliseconds(150)) {
    CourierOptions options;
    options.retry_min = milliseconds(4);
    options.retry_max = milliseconds(8);
    options.probe_interval = milliseconds(20);
    options.poll_interval = milliseconds(2);
    std::vector<CourierTarget> targets;
    targets.push_back({"t", true, std::make_unique<ScriptedTarget>(sent, std::move(script))});
    context.restart();
    Courier courier(
        {*store,
         context.get_executor(),
         [](milliseconds ahead) { return store::IsoUtc(std::chrono::system_clock::now() + ahead); },
         [] { return 0.5; },
         [&](pipeline::View&, const Delivery&) -> Result<std::string> { return shut; },
         {},
         [&](const std::string& target, std::chrono::nanoseconds) { ++tries[target]; },
         options},
        std::move(targets));
    courier.Start();
    context.run_for(time);
    courier.Stop();
    context.run_for(milliseconds(50));
    CHECK(courier.Idle());
  }

  std::map<std::string, std::string> States() {
    std::map<std::string, std::string> states;
    auto all = store->Read()->Deliveries("", 0, 100);
    for (const auto& delivery : all.value()) states[delivery.payload] = delivery.state;
    return states;
  }
  pipeline::KeptMessage Message(pipeline::Seq seq) { return **store->Read()->Message(seq); }
};

TEST_CASE("deliveries of one patient leave in order, each once", "[targets]") {
  Bench bench;
  for (auto payload : {"a1", "a2", "a3"}) bench.Owe(payload, "a");
  bench.Owe("b1", "b");
  int refusals = 2;
  bench.Work([&](const Delivery& delivery) {
    return delivery.payload == "a1" && refusals-- > 0 ? Say::Unwilling : Say::Taken;
  });
  std::vector<std::string> of_a;
  for (const auto& payload : bench.sent)
    if (payload[0] == 'a') of_a.push_back(payload);
  CHECK(of_a == std::vector<std::string>{"a1", "a1", "a1", "a2", "a3"});
  CHECK(std::count(bench.sent.begin(), bench.sent.end(), "b1") == 1);
  for (const auto& [payload, state] : bench.States()) CHECK(state == "delivered");
}

TEST_CASE("refused content is parked after three attempts, and only its own lane waits if it must",
          "[targets]") {
  Bench bench;
  auto kept = bench.Keep("MSH|poison");
  REQUIRE(kept);
  bench.Owe("poison", "a", kept->seq, true);
  bench.Owe("after", "a");
  bench.Owe("result", "b", 0, false);
  bench.Owe("after result", "b");
  bench.Work([](const Delivery& delivery) {
    return delivery.payload == "poison" || delivery.payload == "result" ? Say::Refused : Say::Taken;
  });
  auto states = bench.States();
  CHECK(states["poison"] == "parked");
  CHECK(states["after"] == "owed");
  CHECK(states["result"] == "parked");
  CHECK(states["after result"] == "delivered");
  CHECK(std::count(bench.sent.begin(), bench.sent.end(), "poison") == 3);
  CHECK(bench.Message(kept->seq).state == pipeline::State::Parked);
  CHECK(bench.Message(kept->seq).cause.find("4102") != std::string::npos);
}

TEST_CASE("a replayed delivery goes out again and its message is delivered", "[targets]") {
  Bench bench;
  auto kept = bench.Keep("MSH|x");
  bench.Owe("x", "a", kept->seq);
  bench.Work([](const Delivery&) { return Say::Refused; });
  REQUIRE(bench.Write([](Transaction& transaction) { return transaction.OweAgain(1); }));
  bench.Work([](const Delivery&) { return Say::Taken; });
  CHECK(bench.Message(kept->seq).state == pipeline::State::Delivered);
  CHECK(bench.store->Read()->AttemptsOf(1)->size() == 4);
  CHECK(bench.tries["t"] == 4);
}

TEST_CASE("what the gate shuts out at the moment of sending is withheld", "[targets]") {
  Bench bench;
  bench.shut = "gate.opposition";
  auto kept = bench.Keep("MSH|x");
  bench.Owe("x", "a", kept->seq);
  bench.Work([](const Delivery&) { return Say::Taken; });
  CHECK(bench.sent.empty());
  CHECK(bench.States()["x"] == "withheld");
  CHECK(bench.Message(kept->seq).state == pipeline::State::Withheld);
  CHECK(bench.Message(kept->seq).cause == "gate.opposition");
}

TEST_CASE("a target that is down is only probed, and what waited goes out when it is back", "[targets]") {
  Bench bench;
  for (int i = 0; i < 20; ++i) bench.Owe("p" + std::to_string(i), "lane" + std::to_string(i));
  bool up = false;
  bench.Work([&](const Delivery&) { return up ? Say::Taken : Say::Unwilling; }, milliseconds(200));
  // Eight at once may be under way when the fifth fails; then one probe in 20 ms.
  CHECK(bench.sent.size() <= 8 + 8 + 200 / 20);
  CHECK(bench.sent.size() >= 8);
  up = true;
  bench.Work([&](const Delivery&) { return up ? Say::Taken : Say::Unwilling; });
  for (const auto& [payload, state] : bench.States()) CHECK(state == "delivered");
}

}  // namespace
}  // namespace passerelle::targets
