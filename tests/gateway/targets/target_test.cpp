// Targets: what their answers mean, over real sockets.

#include "gateway/targets/target.h"

#include <catch2/catch.hpp>
#include <fstream>

#include "gateway/net/http_server.h"
#include "gateway/net/mllp.h"
#include "tests/gateway/store/fixture.h"

namespace passerelle::targets {
namespace {

using store::TemporaryFolder;

// One listener and one delivery to it.
struct Meeting {
  boost::asio::io_context context;
  std::unique_ptr<net::Listener> listener;

  Verdict Deliver(TargetOptions options, std::string payload) {
    options.name = "t";
    options.answer_timeout = net::milliseconds(200);
    auto target = MakeTarget(options);
    if (!target) FAIL(target.error().Text());
    pipeline::Delivery delivery;
    delivery.id = 7;
    delivery.payload = std::move(payload);
    std::optional<Verdict> verdict;
    context.restart();
    auto run = [&]() -> Awaitable<void> { verdict = co_await (*target)->Deliver(delivery); };
    boost::asio::co_spawn(context, run(), boost::asio::detached);
    for (int i = 0; i < 500 && !verdict; ++i) context.run_for(std::chrono::milliseconds(10));
    REQUIRE(verdict);
    return *verdict;
  }
  std::string Port() const { return std::to_string(listener->port()); }
};

Verdict FromFhirServer(int status, std::string body) {
  Meeting meeting;
  auto listener = net::ListenHttp(meeting.context.get_executor(), {},
                                  [=](net::HttpRequest) -> Awaitable<net::HttpResponse> {
                                    net::HttpResponse response;
                                    response.status = status;
                                    response.body = body;
                                    co_return response;
                                  });
  meeting.listener = *std::move(listener);
  return meeting.Deliver({"", "fhir", "http://127.0.0.1:" + meeting.Port() + "/fhir", "", {}, {}},
                         R"({"resourceType":"Bundle","entry":[{}]})");
}

TEST_CASE("a FHIR server has taken what its transaction-response says so of", "[targets]") {
  std::string head = R"({"resourceType":"Bundle","type":"transaction-response")";
  CHECK(FromFhirServer(200, head + R"(,"entry":[{"response":{"status":"201 Created"}}]})").say == Say::Taken);
  CHECK(FromFhirServer(200, head + R"(,"entry":[{"response":{"status":"409"}}]})").say == Say::Unwilling);
}

TEST_CASE("a 200 with rubbish in it proves nothing", "[targets]") {
  CHECK(FromFhirServer(200, "<html>welcome</html>").say == Say::Unwilling);
  CHECK(FromFhirServer(200, R"({"resourceType":"OperationOutcome"})").say == Say::Unwilling);
  CHECK(FromFhirServer(200, R"({"resourceType":"Bundle","type":"transaction-response"})").say ==
        Say::Unwilling);
}

TEST_CASE("a status says whether the content or the target is at fault", "[targets]") {
  CHECK(FromFhirServer(422, "").say == Say::Refused);
  CHECK(FromFhirServer(400, "").say == Say::Refused);
  CHECK(FromFhirServer(503, "").say == Say::Unwilling);
  CHECK(FromFhirServer(401, "").say == Say::Unwilling);
  CHECK(FromFhirServer(404, "").http_status == 404);
}

TEST_CASE("a target that is down or slow is unwilling", "[targets]") {
  Meeting meeting;
  for (auto [kind, scheme] : {std::pair{"fhir", "http"}, {"http", "http"}, {"mllp", "mllp"}}) {
    auto down = meeting.Deliver({"", kind, std::string(scheme) + "://127.0.0.1:1", "", {}, {}}, "{}");
    CHECK(down.say == Say::Unwilling);
    CHECK(down.cause.find("127.0.0.1:1: ") != std::string::npos);
  }
  auto silent = net::Listen(meeting.context.get_executor(), {}, [](net::Stream& stream) -> Awaitable<void> {
    char byte = 0;
    while (co_await stream.ReadSome(&byte, 1, net::kNoTimeout)) {}
  });
  meeting.listener = *std::move(silent);
  CHECK(meeting.Deliver({"", "http", "http://127.0.0.1:" + meeting.Port(), "", {}, {}}, "{}").say ==
        Say::Unwilling);
}

// A server that hears a request and ends the connection, after `words`.
Verdict FromCutServer(std::string kind, std::string scheme, std::string words) {
  Meeting meeting;
  auto listener =
      net::Listen(meeting.context.get_executor(), {}, [words](net::Stream& stream) -> Awaitable<void> {
        char buffer[4096];
        (void)co_await stream.ReadSome(buffer, sizeof buffer, net::kNoTimeout);
        if (!words.empty()) (void)co_await stream.Write(words, net::milliseconds(100));
      });
  meeting.listener = *std::move(listener);
  return meeting.Deliver({"", kind, scheme + "127.0.0.1:" + meeting.Port(), "", {}, {}}, "MSH|^~\\&|");
}

TEST_CASE("a target that ends the connection early has taken nothing", "[targets]") {
  for (std::string words :
       {"", "H", "HTTP/1.1 200 OK\r\n", "HTTP/1.1 200 OK\r\nContent-Length: 9\r\n\r\nhalf"})
    CHECK(FromCutServer("http", "http://", words).say == Say::Unwilling);
  for (std::string words : {"", "\x0b", "\x0bMSH|^~\\&|"})
    CHECK(FromCutServer("mllp", "mllp://", words).say == Say::Unwilling);
}

Verdict FromMllpListener(std::string answer) {
  Meeting meeting;
  auto listener =
      net::ListenMllp(meeting.context.get_executor(), {},
                      [=](net::MllpFrame, const net::Peer&) -> Awaitable<std::string> { co_return answer; });
  meeting.listener = *std::move(listener);
  return meeting.Deliver({"", "mllp", "mllp://127.0.0.1:" + meeting.Port(), "", {}, {}},
                         "MSH|^~\\&|A|B|C|D|20260101||ADT^A01|77|P|2.5\r");
}

TEST_CASE("an acknowledgement counts only for the message it names", "[targets]") {
  std::string head = "MSH|^~\\&|C|D|A|B|20260101||ACK|1|P|2.5\rMSA|";
  CHECK(FromMllpListener(head + "AA|77\r").say == Say::Taken);
  CHECK(FromMllpListener(head + "CA|77\r").say == Say::Taken);
  CHECK(FromMllpListener(head + "AE|77\r").say == Say::Refused);
  CHECK(FromMllpListener(head + "AR|77\r").say == Say::Unwilling);
  CHECK(FromMllpListener(head + "AA|78\r").say == Say::Unwilling);
  CHECK(FromMllpListener("hello").say == Say::Unwilling);
}

TEST_CASE("a folder gets one whole file, named by a number", "[targets]") {
  TemporaryFolder folder;
  Meeting meeting;
  TargetOptions options{"", "folder", folder.path.string(), "", {}, {}};
  CHECK(meeting.Deliver(options, "MSH|x").say == Say::Taken);
  CHECK(meeting.Deliver(options, "MSH|x").say == Say::Taken);
  std::vector<std::string> names;
  for (const auto& file : std::filesystem::directory_iterator(folder.path))
    names.push_back(file.path().filename());
  CHECK(names == std::vector<std::string>{"000000000007.hl7"});
}

TEST_CASE("a folder that cannot be written to is unwilling, and named", "[targets]") {
  TemporaryFolder parent;
  Meeting meeting;
  std::string folder = parent.path / "out";
  auto target = MakeTarget({"", "folder", folder, "", {}, {}});
  REQUIRE(target);
  std::filesystem::remove(folder);
  pipeline::Delivery delivery;
  delivery.payload = "MSH|x";
  auto verdict = store::Await(meeting.context, (*target)->Deliver(delivery));
  CHECK(verdict.say == Say::Unwilling);
  CHECK(verdict.cause.find("(" + folder + ": ") != std::string::npos);
}

TEST_CASE("a target that cannot be used is an error at start", "[targets]") {
  TemporaryFolder folder;
  std::string file = folder.path / "file";
  std::ofstream(file) << "in the way";
  auto in_the_way = MakeTarget({"t", "folder", file + "/out", "", {}, {}});
  REQUIRE_FALSE(in_the_way);
  CHECK(in_the_way.error().detail.starts_with("t: " + file + "/out: "));
  CHECK_FALSE(MakeTarget({"t", "fhir", "mllp://h:1", "", {}, {}}));
  CHECK_FALSE(MakeTarget({"t", "mllp", "http://h:1", "", {}, {}}));
  CHECK_FALSE(MakeTarget({"t", "fhir", "https://h:1", "", {"", "", "/nowhere.pem", {}}, {}}));
}

}  // namespace
}  // namespace passerelle::targets
