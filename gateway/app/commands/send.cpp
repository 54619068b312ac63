// passerelle send

#include <algorithm>
#include <array>
#include <boost/asio/co_spawn.hpp>
#include <boost/asio/detached.hpp>
#include <boost/asio/io_context.hpp>
#include <cstdio>

#include "gateway/app/command.h"
#include "gateway/app/errors.h"
#include "gateway/net/http_client.h"
#include "gateway/net/mllp.h"
#include "mappers/hl7v2/ack.h"
#include "mappers/hl7v2/batch.h"

namespace passerelle::app {
namespace {

namespace asio = boost::asio;
constexpr net::milliseconds kTimeout{60'000};

struct Sending {
  net::Url url;
  std::shared_ptr<net::TlsContext> tls;
  std::string token;
  std::unique_ptr<net::Stream> stream;  // MLLP: one connection for all files
};

struct Answered {
  bool accepted = false;
  std::string text;
};

bool AcceptsAll(const std::string& answer) {
  Issues ignored;
  auto batch = hl7v2::SplitBatch(answer, ignored);
  return !batch.messages.empty() &&
         std::all_of(batch.messages.begin(), batch.messages.end(), [](auto message) {
           auto code = hl7v2::AckCodeNamed(hl7v2::ReadAcknowledgement(message).code);
           return code && hl7v2::Accepts(*code);
         });
}

Awaitable<Result<Answered>> SendByMllp(Sending& sending, std::string bytes) {
  EndSegmentsWithCr(bytes);
  if (!sending.stream) {
    CO_TRY(sending.stream, co_await net::Connect(sending.url.host, sending.url.port, sending.tls, kTimeout));
  }
  auto answer = co_await net::ExchangeMllp(*sending.stream, bytes, kTimeout);
  if (!answer) {
    sending.stream.reset();
    co_return answer.error();
  }
  Answered answered{AcceptsAll(*answer), *answer};
  std::replace(answered.text.begin(), answered.text.end(), '\r', '\n');
  co_return answered;
}

// By the first letter; the gateway looks for itself.
std::string_view ContentType(std::string_view bytes) {
  auto first = bytes.find_first_not_of(" \t\r\n\xEF\xBB\xBF");
  char letter = first == bytes.npos ? '\0' : bytes[first];
  if (letter == '{') return "application/fhir+json";
  return letter == '<' ? "application/xml" : "x-application/hl7-v2+er7";
}

Awaitable<Result<Answered>> SendByHttp(Sending& sending, std::string bytes) {
  net::HttpCall call;
  call.method = "POST";
  call.url = sending.url;
  if (call.url.path == "/") call.url.path = "/inbox";
  call.tls = sending.tls;
  call.total_timeout = kTimeout;
  call.headers.Add("Content-Type", std::string(ContentType(bytes)));
  if (!sending.token.empty()) call.headers.Add("Authorization", "Bearer " + sending.token);
  call.body = std::move(bytes);
  CO_TRY(auto answer, co_await net::Call(std::move(call)));
  co_return Answered{answer.status >= 200 && answer.status < 300,
                     "HTTP " + std::to_string(answer.status) + "\n" + answer.body};
}

using Exchange = Awaitable<Result<Answered>> (*)(Sending& sending, std::string bytes);

Awaitable<int> SendAll(Sending& sending, const std::vector<std::string>& files) {
  bool mllp = sending.url.scheme.starts_with("mllp");
  int worst = kClean;
  for (const auto& file : files) {
    auto bytes = ReadFile(file);
    if (!bytes) {
      worst = Fail(bytes.error(), kUnreadable);
      continue;
    }
    Exchange exchange = mllp ? SendByMllp : SendByHttp;
    auto answered = co_await exchange(sending, *std::move(bytes));
    if (!answered) {
      worst = std::max(worst, Fail(answered.error(), kFindings));
      continue;
    }
    std::printf("%s: %s\n%s\n", file.c_str(), answered->accepted ? "accepted" : "not accepted",
                answered->text.c_str());
    std::fflush(stdout);
    if (!answered->accepted) worst = std::max<int>(worst, kFindings);
  }
  co_return worst;
}

Result<Sending> Prepare(const Arguments& arguments) {
  Sending sending;
  TRY(sending.url, net::ParseUrl(arguments.Get("--to").value_or("")));
  if (sending.url.secure()) {
    TRY(sending.tls, net::MakeClientTls({arguments.Get("--cert").value_or(""),
                                         arguments.Get("--key").value_or(""),
                                         arguments.Get("--ca").value_or(""),
                                         {}}));
  }
  if (auto file = arguments.Get("--token-file")) {
    TRY(sending.token, ReadFile(*file));
    sending.token.erase(sending.token.find_last_not_of(" \r\n") + 1);
  }
  return sending;
}

int Run(const Arguments& arguments) {
  if (!arguments.Has("--to") || arguments.files().empty())
    return Fail({errors::UsageWrong, "send wants --to URL and files"}, kUsage);
  auto sending = Prepare(arguments);
  if (!sending) return Fail(sending.error(), kUsage);
  asio::io_context network;
  int code = kFindings;
  asio::co_spawn(network, SendAll(*sending, arguments.files()),
                 [&code](std::exception_ptr fault, int worst) { code = fault ? int{kFindings} : worst; });
  network.run();
  return code;
}

constexpr std::array<std::string_view, 5> kOptions = {"--to", "--token-file", "--ca", "--cert", "--key"};

}  // namespace

extern const Command kSend;
const Command kSend{
    "send",
    "a client: sends files and prints what was answered",
    R"(usage: passerelle send --to URL [--token-file FILE] [--ca FILE] [--cert FILE --key FILE] FILE...

URL is mllp://HOST:PORT, mllps://HOST:PORT, http://HOST:PORT or https://HOST:PORT (to /inbox, unless it has a path).
Exit codes: 0 all were accepted, 1 not all, 2 usage, 3 a file could not be read.
)",
    kOptions,
    {},
    Run};

}  // namespace passerelle::app
