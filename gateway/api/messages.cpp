// The journal: messages, newest first.

#include <algorithm>
#include <set>

#include "fhir_model/json/json.h"
#include "gateway/api/answers.h"
#include "gateway/api/errors.h"
#include "gateway/api/handlers.h"
#include "gateway/api/json_writer.h"
#include "gateway/api/message_json.h"
#include "gateway/api/reads.h"
#include "gateway/api/sight.h"

namespace passerelle::api {
namespace {

constexpr int kCountMax = 500;

struct TextFilter {
  std::string_view name;
  std::string pipeline::MessageFilter::*member;
};
constexpr TextFilter kTextFilters[] = {{"feed", &pipeline::MessageFilter::feed},
                                       {"format", &pipeline::MessageFilter::format},
                                       {"control_id", &pipeline::MessageFilter::control_id},
                                       {"event", &pipeline::MessageFilter::event},
                                       {"finding", &pipeline::MessageFilter::finding},
                                       {"since", &pipeline::MessageFilter::since},
                                       {"until", &pipeline::MessageFilter::until}};

Status SetFilter(const Parameter& parameter, pipeline::MessageFilter& filter) {
  const auto& [name, value] = parameter;
  for (const auto& row : kTextFilters) {
    if (row.name != name) continue;
    bool time = name == "since" || name == "until";
    if (time && value.find_first_not_of("0123456789-T:.Z") != value.npos) return Error{errors::ParameterInvalid, name};
    filter.*row.member = value;
    return Ok();
  }
  if (name == "state") {
    filter.state = pipeline::StateNamed(value);
    return filter.state ? Ok() : Status(Error{errors::ParameterInvalid, name});
  }
  if (name != "before" && name != "count") return Error{errors::ParameterInvalid, "there is no filter of that name"};
  auto number = WholeNumber(value, 1, name == "count" ? kCountMax : INT64_MAX);
  if (!number) return Error{errors::ParameterInvalid, name};
  if (name == "before")
    filter.before = *number;
  else
    filter.count_max = static_cast<int>(*number);
  return Ok();
}

Result<pipeline::MessageFilter> FilterOf(const Parameters& parameters) {
  pipeline::MessageFilter filter;
  for (const auto& parameter : parameters) CHECK_OK(SetFilter(parameter, filter));
  return filter;
}

// The members of the body: a text or a number each.
Result<Parameters> PostedFilters(const Request& request) {
  TRY(auto body, json::Parse(request.http.body, kWireLimits));
  Parameters parameters;
  for (node::NodeIndex member : node::Children(body, node::kRoot)) {
    std::string name(body.name(member));
    if (body[member].kind == node::Kind::Element || body[member].list) return Error{errors::ParameterInvalid, name};
    parameters.push_back({std::move(name), std::string(body[member].text)});
  }
  return parameters;
}

// "system|value" or "value".
pipeline::Identifier IdentifierOf(std::string_view text) {
  auto bar = text.rfind('|');
  if (bar == text.npos) return {{}, std::string(text)};
  return {std::string(text.substr(0, bar)), std::string(text.substr(bar + 1))};
}

// All ids under which messages of whoever has the identifier were received.
Result<std::vector<std::string>> PatientsWith(pipeline::View& view, const pipeline::Identifier& identifier) {
  TRY(auto found, view.FindByIdentifier("Patient", identifier.system, identifier.value));
  std::set<std::string> patients;
  for (const auto& version : found) {
    TRY(auto survivor, Survivor(view, version.id));
    TRY(auto ids, Namesakes(view, survivor));
    for (const auto& id : ids) patients.insert("Patient/" + id);
  }
  return std::vector<std::string>(patients.begin(), patients.end());
}

struct Page {
  std::vector<pipeline::KeptMessage> messages;
  pipeline::Seq next = 0;  // the following ones are older than this; 0: there are none
};

Result<Page> ReadPage(pipeline::View& view, pipeline::MessageFilter filter) {
  int wanted = filter.count_max++;
  Page page;
  TRY(page.messages, view.Messages(filter));
  if (static_cast<int>(page.messages.size()) > wanted) {
    page.messages.pop_back();
    page.next = page.messages.back().seq;
  }
  return page;
}

void WritePage(const Page& page, const Sayings& sayings, JsonWriter& out) {
  out.BeginObject().Key("messages").BeginArray();
  for (const auto& message : page.messages) {
    out.BeginObject();
    WriteMessage(message, sayings, out);
    out.EndObject();
  }
  out.EndArray();
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

void WriteMessage(const pipeline::KeptMessage& message, const Sayings& sayings, JsonWriter& out) {
  out.Member("seq", message.seq).Member("received", message.received).Member("feed", message.feed);
  out.Member("sender", message.sender).NullIfEmpty("format", message.format);
  out.NullIfEmpty("event", message.event).NullIfEmpty("control_id", message.control_id);
  out.Member("state", pipeline::StateName(message.state));
  WriteCause(message.cause, sayings, out);
  out.NullIfEmpty("ack", message.answer ? message.answer->code : std::string());
  out.Member("attempts", message.attempts);
}

Awaitable<Response> ListMessages(Request& request) {
  CO_TRY(auto filter, FilterOf(request.query));
  CO_TRY(auto page, ReadPage(*request.services.store.Read(), filter));
  JsonWriter out;
  WritePage(page, request.sayings(), out);
  out.NullIfEmpty("next", page.next != 0 ? NextPage(request, page.next) : std::string());
  co_return JsonAnswer(200, out.EndObject().Take());
}

// The filters of ListMessages in the body, and `patient`, which may stand in no address. Who looks for a patient is
// noted, also when there is none with that identifier.
Awaitable<Response> SearchMessages(Request& request) {
  CO_TRY(auto parameters, PostedFilters(request));
  auto named = std::find_if(parameters.begin(), parameters.end(), [](const auto& p) { return p.name == "patient"; });
  std::string identifier = named == parameters.end() ? std::string() : std::move(named->value);
  if (named != parameters.end()) {
    if (identifier.empty()) co_return Error{errors::ParameterInvalid, "patient"};
    parameters.erase(named);
  }
  CO_TRY(auto filter, FilterOf(parameters));
  Page page;
  std::vector<Seen> seen;
  {
    auto view = request.services.store.Read();
    if (!identifier.empty()) {
      filter.named = IdentifierOf(identifier);
      CO_TRY(filter.patients, PatientsWith(*view, filter.named));
      seen.push_back({"messages", *filter.patients});
      if (filter.patients->empty()) seen.back().patients.emplace_back();
    }
    CO_TRY(page, ReadPage(*view, filter));
  }
  CO_CHECK_OK(co_await NoteReads(request, "search", std::move(seen)));
  JsonWriter out;
  WritePage(page, request.sayings(), out);
  if (page.next != 0)
    out.Member("next", page.next);
  else
    out.NullIfEmpty("next", {});
  co_return JsonAnswer(200, out.EndObject().Take());
}

}  // namespace passerelle::api
