// The journal: messages, newest first.

#include "gateway/api/answers.h"
#include "gateway/api/errors.h"
#include "gateway/api/handlers.h"
#include "gateway/api/json_writer.h"
#include "gateway/api/message_json.h"

namespace passerelle::api {
namespace {

constexpr int kCountMax = 500;

Result<pipeline::MessageFilter> FilterOf(const Request& request) {
  pipeline::MessageFilter filter;
  for (const auto& [name, value] : request.query) {
    if (name == "state") {
      filter.state = pipeline::StateNamed(value);
      if (!filter.state) return Error{errors::ParameterInvalid, "state"};
    } else if (name == "feed") {
      filter.feed = value;
    } else if (name == "format") {
      filter.format = value;
    } else if (name == "control_id") {
      filter.control_id = value;
    } else if (name == "event") {
      filter.event = value;
    } else if (name == "since" || name == "until") {
      if (value.find_first_not_of("0123456789-T:.Z") != value.npos)
        return Error{errors::ParameterInvalid, name};
      (name == "since" ? filter.since : filter.until) = value;
    } else if (name == "before" || name == "count") {
      auto number = WholeNumber(value, 1, name == "count" ? kCountMax : INT64_MAX);
      if (!number) return Error{errors::ParameterInvalid, name};
      if (name == "before")
        filter.before = *number;
      else
        filter.count_max = static_cast<int>(*number);
    } else {
      return Error{errors::ParameterInvalid, "there is no filter of that name"};
    }
  }
  return filter;
}

// The address of what follows: the same filters, older than the last one shown.
std::string NextPage(const Request& request, pipeline::Seq before) {
  std::string out(request.http.Path());
  out += "?before=" + std::to_string(before);
  for (const auto& [name, value] : request.query)
    if (name != "before") out += "&" + PercentEncode(name) + "=" + PercentEncode(value);
  return out;
}

}  // namespace

void WriteMessage(const pipeline::KeptMessage& message, JsonWriter& out) {
  out.Member("seq", message.seq).Member("received", message.received).Member("feed", message.feed);
  out.Member("sender", message.sender).NullIfEmpty("format", message.format);
  out.NullIfEmpty("event", message.event).NullIfEmpty("control_id", message.control_id);
  out.Member("state", pipeline::StateName(message.state)).NullIfEmpty("cause", message.cause);
  out.NullIfEmpty("ack", message.answer ? message.answer->code : std::string());
  out.Member("attempts", message.attempts);
}

Awaitable<Response> ListMessages(Request& request) {
  CO_TRY(auto filter, FilterOf(request));
  auto view = request.services.store.Read();
  int wanted = filter.count_max++;
  CO_TRY(auto messages, view->Messages(filter));
  bool more = static_cast<int>(messages.size()) > wanted;
  if (more) messages.pop_back();
  JsonWriter out;
  out.BeginObject().Key("messages").BeginArray();
  for (const auto& message : messages) {
    out.BeginObject();
    WriteMessage(message, out);
    out.EndObject();
  }
  out.EndArray().NullIfEmpty("next", more ? NextPage(request, messages.back().seq) : std::string());
  co_return JsonAnswer(200, out.EndObject().Take());
}

}  // namespace passerelle::api
