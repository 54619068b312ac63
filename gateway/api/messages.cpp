// The journal: messages newest first, and one with all that became of it.

#include "fhir_model/base/limits.h"
#include "gateway/api/answers.h"
#include "gateway/api/errors.h"
#include "gateway/api/handlers.h"
#include "gateway/api/json_writer.h"
#include "gateway/api/outbox_json.h"
#include "gateway/api/reads.h"
#include "gateway/api/state.h"

namespace passerelle::api {
namespace {

constexpr int kCountMax = 500;

void WriteSummary(const pipeline::KeptMessage& message, JsonWriter& out) {
  out.Member("seq", message.seq).Member("received", message.received).Member("feed", message.feed);
  out.Member("sender", message.sender).NullIfEmpty("format", message.format);
  out.NullIfEmpty("event", message.event).NullIfEmpty("control_id", message.control_id);
  out.Member("state", pipeline::StateName(message.state)).NullIfEmpty("cause", message.cause);
  out.NullIfEmpty("ack", message.answer ? message.answer->code : std::string());
  out.Member("attempts", message.attempts);
}

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

// Whose message it is: the patients written by it, else those its resources are about.
Result<std::vector<std::string>> PatientsOf(pipeline::View& view, const pipeline::KeptMessage& message) {
  std::vector<std::string> patients;
  if (!message.resources_json.empty()) {
    TRY(auto tree, json::Parse("{\"r\":" + message.resources_json + "}", kFileLimits));
    for (node::NodeIndex item : node::Children(tree, node::kRoot)) {
      std::string_view reference = tree[item].text.substr(0, tree[item].text.find("/_history"));
      auto slash = reference.find('/');
      if (slash == reference.npos) continue;
      TRY(auto version, view.Read(reference.substr(0, slash), reference.substr(slash + 1)));
      if (!version || version->deleted) continue;
      TRY(auto resource, json::Parse(version->json, kFileLimits));
      for (auto& patient : api::PatientsOf(resource)) patients.push_back(std::move(patient));
      if (!patients.empty()) break;
    }
  }
  if (patients.empty()) patients.emplace_back();  // looked at all the same
  return patients;
}

// Findings may quote the sender: to whom traits are masked, what stands in quotes is (safety rule 18).
std::string MaskQuotes(std::string_view findings) {
  auto tree = json::Parse("{\"f\":" + std::string(findings) + "}", kFileLimits);
  if (!tree) return "[]";
  for (node::NodeIndex finding : node::Children(*tree, node::kRoot)) {
    node::NodeIndex text = tree->Child(finding, "text");
    if (text == node::kNone) continue;
    std::string masked;
    bool inside = false;
    for (char c : (*tree)[text].text) {
      if (c == '"') {
        masked += inside ? "\"" : "\"…";
        inside = !inside;
      } else if (!inside) {
        masked += c;
      }
    }
    (*tree)[text].text = tree->Keep(masked);
  }
  std::string all = json::Write(*tree);
  return all == "{}" ? "[]" : all.substr(5, all.size() - 6);  // {"f":[...]}
}

// Operators and vendors see traits masked until they say why they must see them.
bool IsMasked(const Request& request, pipeline::Seq seq) {
  bool by_role = request.caller.role == Role::Operator || request.caller.role == Role::Vendor;
  return by_role && !request.state.reveals.Has(request.caller.name, seq, request.services.clock());
}

constexpr std::size_t kReasonBytesMin = 8, kReasonBytesMax = 500;

}  // namespace

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
    WriteSummary(message, out);
    out.EndObject();
  }
  out.EndArray().NullIfEmpty("next", more ? NextPage(request, messages.back().seq) : std::string());
  co_return JsonAnswer(200, out.EndObject().Take());
}

Awaitable<Response> OneMessage(Request& request) {
  auto seq = WholeNumber(request.caught.at(0), 1, INT64_MAX);
  if (!seq) co_return Error{errors::RouteUnknown};
  JsonWriter out;
  Seen seen{"message " + std::to_string(*seq), {}, *seq};
  {
    auto view = request.services.store.Read();
    CO_TRY(auto message, view->Message(*seq));
    if (!message) co_return Error{errors::RouteUnknown};
    CO_TRY(seen.patients, PatientsOf(*view, *message));
    CO_TRY(auto deliveries, DeliveriesJson(*view, *seq));
    out.BeginObject();
    WriteSummary(*message, out);
    out.NullIfEmpty("content_type", message->content_type).Member("sha256", message->sha256);
    out.Key("peer").BeginObject().Member("address", message->peer.address).Member("tls", message->peer.tls);
    out.NullIfEmpty("certificate", message->peer.certificate_name).EndObject();
    bool masked = IsMasked(request, *seq);
    std::string findings = message->findings_json.empty() ? "[]" : message->findings_json;
    out.RawMember("ledger", message->ledger_json)
        .RawMember("findings", masked ? MaskQuotes(findings) : findings);
    out.RawMember("resources", message->resources_json.empty() ? "[]" : message->resources_json);
    out.RawMember("deliveries", deliveries);
    out.EndObject();
  }
  std::vector<Seen> all_seen{std::move(seen)};
  CO_CHECK_OK(co_await NoteReads(request, "read", std::move(all_seen)));
  co_return JsonAnswer(200, out.Take());
}

// For ten minutes this caller sees the traits in this message; the reason he gives stands in the audit.
Awaitable<Response> RevealMessage(Request& request) {
  auto seq = WholeNumber(request.caught.at(0), 1, INT64_MAX);
  if (!seq) co_return Error{errors::RouteUnknown};
  CO_TRY(auto body, json::Parse(request.http.body, kWireLimits));
  std::string reason(body.ChildText(node::kRoot, "reason"));
  if (reason.size() < kReasonBytesMin || reason.size() > kReasonBytesMax)
    co_return Error{errors::ParameterInvalid, "reason"};
  pipeline::AuditEntry entry;
  {
    auto view = request.services.store.Read();
    CO_TRY(auto message, view->Message(*seq));
    if (!message) co_return Error{errors::RouteUnknown};
    CO_TRY(auto patients, PatientsOf(*view, *message));
    entry = {
        request.caller.name, "reveal", patients.front(), "message " + std::to_string(*seq), reason, {}, *seq};
  }
  std::function<Status(pipeline::Transaction&)> work = [&](pipeline::Transaction& transaction) {
    return transaction.Audit(entry);
  };
  CO_CHECK_OK(co_await request.services.store.Write(work));
  request.state.reveals.Grant(request.caller.name, *seq, request.services.clock());
  JsonWriter out;
  out.BeginObject().Member("minutes", static_cast<std::int64_t>(Reveals::kLifetime.count()));
  co_return JsonAnswer(200, out.EndObject().Take());
}

// The bytes as they came in. They are all traits: masked means not at all.
Awaitable<Response> MessageSource(Request& request) {
  auto seq = WholeNumber(request.caught.at(0), 1, INT64_MAX);
  if (!seq) co_return Error{errors::RouteUnknown};
  if (IsMasked(request, *seq)) co_return Error{errors::RoleForbidden, "a reveal with its reason comes first"};
  std::vector<Seen> seen;
  std::string bytes;
  {
    auto view = request.services.store.Read();
    CO_TRY(auto message, view->Message(*seq));
    if (!message) co_return Error{errors::RouteUnknown};
    CO_TRY(bytes, view->MessageBytes(*seq));
    CO_TRY(auto patients, PatientsOf(*view, *message));
    seen.push_back({"message " + std::to_string(*seq) + " source", std::move(patients), *seq});
  }
  CO_CHECK_OK(co_await NoteReads(request, "read", std::move(seen)));
  auto response = TextAnswer(200, "application/octet-stream", std::move(bytes));
  response.headers.Set("Content-Security-Policy", "sandbox; default-src 'none'");
  co_return response;
}

}  // namespace passerelle::api
