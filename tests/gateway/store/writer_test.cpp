// The writer: many pieces of work in one commit, each all or nothing, durable when told, honest about a full
// disk.

#include <sys/wait.h>
#include <boost/asio/steady_timer.hpp>
#include <boost/asio/use_awaitable.hpp>
#include <catch2/catch.hpp>

#include <thread>

#include "gateway/store/errors.h"
#include "tests/gateway/store/fixture.h"

namespace passerelle::store {

namespace asio = boost::asio;
using pipeline::Transaction;

TEST_CASE("work that fails is rolled back alone; the others of the same commit stay") {
  Fixture fixture;
  int failed = 0;
  for (int i = 0; i < 40; ++i) {
    auto one = [&fixture, &failed, i]() -> Awaitable<void> {
      auto work = [i](Transaction& t) -> Status {
        CHECK_OK(t.SetSetting("n" + std::to_string(i), "x"));
        if (i % 4 == 0) return Error{errors::MessageUnknown};
        if (i % 4 == 1) throw std::runtime_error("a bug");
        return Ok();
      };
      auto status = co_await fixture.store->Write(work);
      if (!status) ++failed;
    };
    asio::co_spawn(fixture.context, one, asio::detached);
  }
  fixture.context.run();
  CHECK(failed == 20);
  auto view = fixture.store->Read();
  for (int i = 0; i < 40; ++i) CHECK((*view->Setting("n" + std::to_string(i))).has_value() == (i % 4 > 1));
}

TEST_CASE("a full disk: nothing is acknowledged, nothing accepted, and it goes on when there is room again") {
  Fixture fixture;
  std::string body(32 << 10, 'b');
  REQUIRE(fixture.Keep(body + "0"));
  fixture.store->SetPagesMax(60);  // about 480 KiB
  int kept = 1;
  Result<pipeline::Receipt> last = Error{errors::StoreFault};
  for (; kept < 100; ++kept) {
    last = fixture.Keep(body + std::to_string(kept));
    if (!last) break;
  }
  REQUIRE_FALSE(last);
  CHECK(last.error().info == &errors::StoreFull);
  CHECK(last.error().info->ack_code == "AR");
  CHECK(last.error().info->http_status == 503);
  CHECK_FALSE(fixture.store->Accepting());
  CHECK(fixture.stops.empty());

  // What was acknowledged is there, what was not is not.
  CHECK(fixture.store->Read()->Unprocessed()->size() == static_cast<std::size_t>(kept));

  fixture.store->SetPagesMax(100'000);
  auto deadline = std::chrono::steady_clock::now() + std::chrono::seconds(10);
  while (!fixture.store->Accepting() && std::chrono::steady_clock::now() < deadline)
    std::this_thread::sleep_for(std::chrono::milliseconds(20));
  CHECK(fixture.store->Accepting());
  auto again = fixture.Keep(body + std::to_string(kept));
  REQUIRE(again);
  CHECK_FALSE(again->repeat);
  CHECK(fixture.store->VerifyChains()->sound());
}

TEST_CASE("below the free space asked for, the store does not accept") {
  Fixture fixture;
  fixture.store.reset();
  auto options = fixture.Options();
  options.free_mib_min = std::uint64_t{1} << 40;
  auto store = SqliteStore::Open(std::move(options));
  REQUIRE(store);
  CHECK_FALSE((*store)->Accepting());
}

// The child keeps messages and says each receipt on a pipe until it is killed; the parent then compares.
TEST_CASE("what was acknowledged before kill -9 is there afterwards", "[kill]") {
  for (int round = 0; round < 10; ++round) {
    Fixture fixture;
    fixture.store.reset();
    int pipe_ends[2];
    REQUIRE(::pipe(pipe_ends) == 0);
    pid_t child = ::fork();
    if (child == 0) {
      ::close(pipe_ends[0]);
      fixture.Reopen();
      for (int i = 0;; ++i) {
        auto receipt = fixture.Keep("message " + std::to_string(i));
        if (!receipt || ::write(pipe_ends[1], &receipt->seq, sizeof receipt->seq) < 0) ::_exit(1);
      }
    }
    ::close(pipe_ends[1]);
    pipeline::Seq acknowledged = 0;
    while (acknowledged < 50 + round * 7)
      REQUIRE(::read(pipe_ends[0], &acknowledged, sizeof acknowledged) > 0);
    ::kill(child, SIGKILL);
    ::waitpid(child, nullptr, 0);
    while (::read(pipe_ends[0], &acknowledged, sizeof acknowledged) > 0) {}
    ::close(pipe_ends[0]);
    fixture.Reopen();
    auto view = fixture.store->Read();
    CHECK(view->Unprocessed()->size() >= static_cast<std::size_t>(acknowledged));
    CHECK(*view->MessageBytes(acknowledged) == "message " + std::to_string(acknowledged - 1));
    view.reset();
    CHECK(fixture.store->VerifyChains()->sound());
  }
}

// Reported, not asserted: run with "[.bench]".
TEST_CASE("durable messages per second", "[.bench]") {
  for (int coroutines : {1, 8, 64}) {
    Fixture fixture;
    constexpr int kTotal = 20'000;
    int next = 0;
    auto start = std::chrono::steady_clock::now();
    std::string body(1'000, 'm');
    for (int c = 0; c < coroutines; ++c) {
      auto one = [&]() -> Awaitable<void> {
        while (next < kTotal) {
          auto frame = fixture.FrameOf(body + std::to_string(next++));
          auto receipt = co_await fixture.store->Keep(std::move(frame));
          if (!receipt) throw std::runtime_error(receipt.error().Text());
        }
      };
      asio::co_spawn(fixture.context, one, asio::detached);
    }
    fixture.context.run();
    double seconds = std::chrono::duration<double>(std::chrono::steady_clock::now() - start).count();
    WARN(coroutines << " coroutines: " << static_cast<int>(kTotal / seconds) << " messages/s");
  }
}

TEST_CASE("of pieces that may be run again, one that fails costs the others nothing") {
  Fixture fixture;
  for (std::string name : {"a", "bad", "c"}) {
    auto piece = [&fixture, name]() -> Awaitable<void> {
      auto work = [&](pipeline::Transaction& transaction) -> Status {
        if (name == "bad") return Error{errors::MessageUnknown};
        return transaction.SetSetting(name, "set");
      };
      auto status = co_await fixture.store->Write(work, pipeline::Rerun::Yes);
      CHECK(status.has_value() == (name != "bad"));
    };
    boost::asio::co_spawn(fixture.context, piece, boost::asio::detached);
  }
  fixture.context.restart();
  fixture.context.run();
  auto view = fixture.store->Read();
  CHECK(view->Setting("a").value() == "set");
  CHECK(view->Setting("c").value() == "set");
  CHECK_FALSE(view->Setting("bad").value());
}

}  // namespace passerelle::store
