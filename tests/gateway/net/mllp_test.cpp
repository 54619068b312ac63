// The MLLP server over real sockets: who is cut, and who is not.

#include "gateway/net/mllp.h"

#include <boost/asio/co_spawn.hpp>
#include <boost/asio/detached.hpp>
#include <boost/asio/io_context.hpp>
#include <boost/asio/steady_timer.hpp>
#include <boost/asio/use_awaitable.hpp>
#include <catch2/catch.hpp>

namespace passerelle::net {
namespace {

namespace asio = boost::asio;

// A server with a short patience, and one client's talk with it.
struct Talk {
  asio::io_context context;
  std::vector<MllpFrame> frames;
  std::unique_ptr<Listener> listener;
  bool accepting = true;

  Talk() {
    MllpOptions options;
    options.frame_timeout = milliseconds(150);
    options.frame_bytes_max = 1000;
    options.listen.accepting = [this] { return accepting; };
    auto listening = ListenMllp(context.get_executor(), options,
                                [this](MllpFrame frame, const Peer&) -> Awaitable<std::string> {
                                  frames.push_back(frame);
                                  co_return "ACK " + frame.bytes;
                                });
    REQUIRE(listening);
    listener = *std::move(listening);
  }

  void Run(std::function<Awaitable<void>(Stream&)> talk) {
    bool done = false;
    auto client = [&]() -> Awaitable<void> {
      auto stream = co_await Connect("127.0.0.1", listener->port(), nullptr, milliseconds(1000));
      if (stream) co_await talk(**stream);
      done = true;
    };
    asio::co_spawn(context, client(), asio::detached);
    for (int i = 0; i < 300 && !done; ++i) context.run_for(milliseconds(10));
    REQUIRE(done);
    context.run_for(milliseconds(20));
  }
};

Awaitable<void> Sleep(milliseconds time) {
  asio::steady_timer timer(co_await asio::this_coro::executor, time);
  co_await timer.async_wait(asio::use_awaitable);
}

TEST_CASE("a sender that does not end its frame in time is cut, and what it sent is kept", "[net]") {
  Talk talk;
  bool cut = false;
  talk.Run([&](Stream& stream) -> Awaitable<void> {
    for (int i = 0; i < 20 && !cut; ++i) {
      cut = !co_await stream.Write(i == 0 ? "\x0bM" : "x", milliseconds(100));
      co_await Sleep(milliseconds(20));
    }
  });
  CHECK(cut);
  REQUIRE(talk.frames.size() == 1);
  CHECK(talk.frames[0].incomplete);
  CHECK(talk.frames[0].bytes.starts_with("Mxx"));
}

TEST_CASE("a feed that is silent between its messages is kept", "[net]") {
  Talk talk;
  std::vector<std::string> answers;
  talk.Run([&](Stream& stream) -> Awaitable<void> {
    for (int i = 0; i < 2; ++i) {
      auto answer = co_await ExchangeMllp(stream, "m" + std::to_string(i), milliseconds(500));
      answers.push_back(answer ? *answer : answer.error().Text());
      co_await Sleep(milliseconds(250));
    }
  });
  CHECK(answers == std::vector<std::string>{"ACK m0", "ACK m1"});
}

TEST_CASE("each frame has its own time, also when it begins behind another", "[net]") {
  Talk talk;
  talk.Run([&](Stream& stream) -> Awaitable<void> {
    for (std::string_view part : {"\x0b" "a", "a\x1c\r\x0b" "b", "b\x1c\r"}) {
      (void)co_await stream.Write(part, milliseconds(100));
      co_await Sleep(milliseconds(100));
    }
  });
  REQUIRE(talk.frames.size() == 2);
  CHECK(talk.frames[1].bytes == "bb");
  CHECK_FALSE(talk.frames[1].incomplete);
}

TEST_CASE("while nothing is accepted nothing is read, and nothing is lost", "[net]") {
  Talk talk;
  std::string answer;
  talk.Run([&](Stream& stream) -> Awaitable<void> {
    talk.accepting = false;
    co_await Sleep(milliseconds(30));
    (void)co_await stream.Write(WrapMllp("m"), milliseconds(100));
    co_await Sleep(milliseconds(60));
    CHECK(talk.frames.empty());
    talk.accepting = true;
    auto said = co_await ExchangeMllp(stream, "n", milliseconds(500));
    if (said) answer = *said;
  });
  CHECK(answer == "ACK m");
  CHECK(talk.frames.size() == 2);
}

TEST_CASE("an oversize frame is answered once and ends the connection", "[net]") {
  Talk talk;
  bool ended = false;
  talk.Run([&](Stream& stream) -> Awaitable<void> {
    auto answer = co_await ExchangeMllp(stream, std::string(5000, 'x'), milliseconds(500));
    CHECK(answer);
    char byte = 0;
    ended = !co_await stream.ReadSome(&byte, 1, milliseconds(500));
  });
  CHECK(ended);
  REQUIRE(talk.frames.size() == 1);
  CHECK(talk.frames[0].truncated);
}

}  // namespace
}  // namespace passerelle::net
