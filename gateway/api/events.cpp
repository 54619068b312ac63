// GET /api/events: the live tail of messages.

#include "gateway/api/events.h"

#include <boost/asio/steady_timer.hpp>
#include <boost/asio/this_coro.hpp>
#include <boost/asio/use_awaitable.hpp>

#include "gateway/api/answers.h"
#include "gateway/api/errors.h"
#include "gateway/api/handlers.h"
#include "gateway/api/json_writer.h"

namespace passerelle::api {
namespace {

constexpr auto kWait = std::chrono::seconds(20);
constexpr auto kLook = std::chrono::milliseconds(250);
constexpr int kEventsMax = 100;
constexpr std::string_view kRetry = "retry: 100\n\n";

// Messages after `seq` in the order in which they came; of many the newest.
Result<std::string> EventsAfter(pipeline::View& view, pipeline::Seq seq) {
  pipeline::MessageFilter filter;
  filter.count_max = kEventsMax;
  TRY(auto messages, view.Messages(filter));
  std::string out;
  for (auto it = messages.rbegin(); it != messages.rend(); ++it) {
    // A message that is still being decided is told once it is, and those after it with it.
    if (it->state == pipeline::State::Kept) break;
    if (it->seq <= seq) continue;
    JsonWriter json;
    json.BeginObject().Member("seq", it->seq).Member("received", it->received).Member("feed", it->feed);
    json.NullIfEmpty("format", it->format)
        .NullIfEmpty("event", it->event)
        .NullIfEmpty("control_id", it->control_id);
    json.Member("state", pipeline::StateName(it->state)).NullIfEmpty("cause", it->cause);
    json.NullIfEmpty("ack", it->answer ? it->answer->code : std::string()).EndObject();
    out += EventText(it->seq, "message", json.Take());
  }
  return out;
}

Result<pipeline::Seq> Newest(pipeline::View& view) {
  pipeline::MessageFilter filter;
  filter.count_max = 1;
  TRY(auto messages, view.Messages(filter));
  return messages.empty() ? 0 : messages.front().seq;
}

}  // namespace

std::string EventText(std::int64_t id, std::string_view name, std::string_view json) {
  return "id: " + std::to_string(id) + "\nevent: " + std::string(name) + "\ndata: " + std::string(json) +
         "\n\n";
}

Awaitable<Response> FollowWith(Request& request, Look look) {
  std::string_view last = request.http.headers.Get("Last-Event-ID");
  if (last.empty()) last = Find(request.query, "after").value_or("");
  auto after = WholeNumber(last, 0, INT64_MAX);
  CO_TRY(auto events, look(after));
  boost::asio::steady_timer timer(co_await boost::asio::this_coro::executor);
  auto end = std::chrono::steady_clock::now() + kWait;
  while (after && events.empty() && std::chrono::steady_clock::now() < end) {
    timer.expires_after(kLook);
    co_await timer.async_wait(boost::asio::use_awaitable);
    CO_TRY(events, look(after));
  }
  co_return TextAnswer(200, "text/event-stream; charset=utf-8", std::string(kRetry) + events);
}

Awaitable<Response> Events(Request& request) {
  auto look = [&request](std::optional<std::int64_t> after) -> Result<std::string> {
    auto view = request.services.store.Read();
    if (after) return EventsAfter(*view, *after);
    TRY(auto newest, Newest(*view));  // from now on
    return EventText(newest, "start", "{}");
  };
  co_return co_await FollowWith(request, look);
}

}  // namespace passerelle::api
