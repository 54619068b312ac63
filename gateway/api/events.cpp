// GET /api/events: the live tail as server-sent events. Each answer ends with what there is and the browser
// asks again from there (Last-Event-ID), at once when something came, so nothing has to be kept for a
// listener here.

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
    out += "id: " + std::to_string(it->seq) + "\nevent: message\ndata: " + json.Take() + "\n\n";
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

Awaitable<Response> Events(Request& request) {
  std::string_view last = request.http.headers.Get("Last-Event-ID");
  if (last.empty()) last = Find(request.query, "after").value_or("");
  auto after = WholeNumber(last, 0, INT64_MAX);
  std::string out = "retry: 1000\n\n";
  if (!after) {  // from now on
    CO_TRY(auto newest, Newest(*request.services.store.Read()));
    after = newest;
    out += "id: " + std::to_string(newest) + "\nevent: start\ndata: {}\n\n";
  } else {
    boost::asio::steady_timer timer(co_await boost::asio::this_coro::executor);
    for (auto end = std::chrono::steady_clock::now() + kWait; std::chrono::steady_clock::now() < end;) {
      CO_TRY(auto events, EventsAfter(*request.services.store.Read(), *after));
      out += events;
      if (!events.empty()) break;
      timer.expires_after(kLook);
      co_await timer.async_wait(boost::asio::use_awaitable);
    }
  }
  co_return TextAnswer(200, "text/event-stream; charset=utf-8", std::move(out));
}

}  // namespace passerelle::api
