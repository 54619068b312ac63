// The HTTP server and client over real sockets: slow ones are cut, honest ones are not.

#include <boost/asio/co_spawn.hpp>
#include <boost/asio/detached.hpp>
#include <boost/asio/io_context.hpp>
#include <boost/asio/steady_timer.hpp>
#include <boost/asio/use_awaitable.hpp>
#include <catch2/catch.hpp>

#include "gateway/net/errors.h"
#include "gateway/net/http_client.h"
#include "gateway/net/http_server.h"

namespace passerelle::net {
namespace {

namespace asio = boost::asio;

Awaitable<void> Sleep(milliseconds time) {
  asio::steady_timer timer(co_await asio::this_coro::executor, time);
  co_await timer.async_wait(asio::use_awaitable);
}

struct Talk {
  asio::io_context context;
  std::unique_ptr<Listener> listener;
  int handled = 0;

  Talk() {
    HttpOptions options;
    options.header_timeout = milliseconds(120);
    options.body_grace = milliseconds(120);
    auto listening =
        ListenHttp(context.get_executor(), options, [this](HttpRequest request) -> Awaitable<HttpResponse> {
          ++handled;
          HttpResponse response;
          response.body = request.method + " " + request.body;
          co_return response;
        });
    REQUIRE(listening);
    listener = *std::move(listening);
  }
  void Run(std::function<Awaitable<void>()> talk) {
    bool done = false;
    auto client = [&]() -> Awaitable<void> {
      co_await talk();
      done = true;
    };
    asio::co_spawn(context, client, asio::detached);
    for (int i = 0; i < 300 && !done; ++i) context.run_for(milliseconds(10));
    REQUIRE(done);
  }
  // Writes the pieces with a pause behind each; gives what came back.
  std::string Say(std::vector<std::string> pieces, milliseconds pause) {
    std::string heard;
    Run([&]() -> Awaitable<void> {
      auto stream = co_await Connect("127.0.0.1", listener->port(), nullptr, milliseconds(500));
      if (!stream) co_return;
      for (const auto& piece : pieces) {
        if (!co_await (*stream)->Write(piece, milliseconds(200))) break;
        co_await Sleep(pause);
      }
      char buffer[4096];
      auto got = co_await (*stream)->ReadSome(buffer, sizeof buffer, milliseconds(500));
      if (got) heard.assign(buffer, *got);
    });
    return heard;
  }
};

TEST_CASE("headers that trickle in are cut off with 408", "[net]") {
  Talk talk;
  std::vector<std::string> pieces{"GET / HTTP/1.1\r\n"};
  for (int i = 0; i < 10; ++i) pieces.push_back("X-Slow: 1\r\n");
  CHECK(talk.Say(pieces, milliseconds(30)).starts_with("HTTP/1.1 408 "));
  CHECK(talk.handled == 0);
}

TEST_CASE("a body that trickles in is cut off with 408", "[net]") {
  Talk talk;
  std::vector<std::string> pieces{"POST / HTTP/1.1\r\nHost: a\r\nContent-Length: 100\r\n\r\n"};
  for (int i = 0; i < 10; ++i) pieces.push_back("x");
  CHECK(talk.Say(pieces, milliseconds(30)).starts_with("HTTP/1.1 408 "));
  CHECK(talk.handled == 0);
}

TEST_CASE("a request in pieces within its time is answered", "[net]") {
  Talk talk;
  auto heard =
      talk.Say({"POST / HTTP/1.1\r\nHo", "st: a\r\nContent-Length: 4\r\n\r\nbo", "dy"}, milliseconds(20));
  CHECK(heard.starts_with("HTTP/1.1 200 "));
  CHECK(heard.ends_with("POST body"));
}

TEST_CASE("the client reads an answer, and says why there is none", "[net]") {
  Talk talk;
  auto call = [&](std::uint16_t port) {
    std::optional<Result<HttpResponse>> answer;
    talk.Run([&]() -> Awaitable<void> {
      HttpCall request;
      request.method = "POST";
      request.url = *ParseUrl("http://127.0.0.1:" + std::to_string(port) + "/x");
      request.body = "hello";
      request.total_timeout = milliseconds(200);
      answer = co_await Call(std::move(request));
    });
    return *std::move(answer);
  };
  auto answer = call(talk.listener->port());
  REQUIRE(answer);
  CHECK(answer->body == "POST hello");
  auto refused = call(1);
  REQUIRE_FALSE(refused);
  CHECK(refused.error().info == &errors::ConnectionFailed);
  auto silent = Listen(talk.context.get_executor(), {},
                       [](Stream&) -> Awaitable<void> { co_await Sleep(milliseconds(600)); });
  auto late = call((*silent)->port());
  REQUIRE_FALSE(late);
  CHECK(late.error().info == &errors::AnswerTooLate);
}

TEST_CASE("addresses are taken apart, and those that are none are refused", "[net]") {
  auto url = ParseUrl("https://record.example/fhir?x=1");
  REQUIRE(url);
  CHECK(url->host == "record.example");
  CHECK(url->port == 443);
  CHECK(url->path == "/fhir?x=1");
  CHECK(url->secure());
  CHECK(ParseUrl("mllp://[::1]:2600")->host == "::1");
  for (auto text : {"", "host:1", "ftp://h:1", "http://", "http://h:x", "http://user@h/"})
    CHECK_FALSE(ParseUrl(text));
}

}  // namespace
}  // namespace passerelle::net
