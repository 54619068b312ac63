// POST /inbox: a message or document in any format, on the way that every message takes.

#include <boost/asio/co_spawn.hpp>
#include <boost/asio/use_awaitable.hpp>

#include "gateway/api/answers.h"
#include "gateway/api/errors.h"
#include "gateway/api/handlers.h"

namespace passerelle::api {
namespace {

std::vector<std::string> LabelsOf(std::string_view header) {
  std::vector<std::string> labels;
  while (!header.empty()) {
    auto end = header.find(',');
    std::string label;
    for (char c : header.substr(0, end))
      if (c != ' ' && c != '\t') label += c;
    if (!label.empty()) labels.push_back(std::move(label));
    header = end == header.npos ? std::string_view() : header.substr(end + 1);
  }
  return labels;
}

// By the answer's first letter: what went wrong before a format was known is said in FHIR.
std::string_view TypeOf(std::string_view answer) {
  if (answer.starts_with("MSH")) return "application/hl7-v2; charset=utf-8";
  return "application/fhir+json;charset=utf-8";
}

}  // namespace

Awaitable<Response> Inbox(Request& request) {
  const Services& services = request.services;
  if (!services.store.Accepting()) co_return Error{errors::GatewayBusy};
  pipeline::Frame frame;
  frame.feed = "http";
  frame.sender = request.caller.name;
  frame.content_type = request.http.headers.Get("Content-Type");
  frame.labels = LabelsOf(request.http.headers.Get(kLabelsHeader));
  frame.peer = request.http.peer;
  frame.bytes = std::move(request.http.body);
  frame.received = IsoNow(services);
  auto begun = std::chrono::steady_clock::now();
  auto process = services.pipeline.Process(std::move(frame));
  auto reply =
      co_await boost::asio::co_spawn(services.network, std::move(process), boost::asio::use_awaitable);
  if (services.pace != nullptr) services.pace->Note("http", std::chrono::steady_clock::now() - begun);
  if (reply.trouble) {
    auto trouble = ErrorAnswer(request, *reply.trouble);
    trouble.status = 503;  // nothing was kept: send again
    trouble.headers.Set("Retry-After", "5");
    co_return trouble;
  }
  auto response = TextAnswer(reply.answer.http_status, TypeOf(reply.answer.bytes), reply.answer.bytes);
  response.headers.Set("Location", "/messages/" + std::to_string(reply.seq));
  co_return response;
}

}  // namespace passerelle::api
