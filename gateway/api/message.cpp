// One message of the journal: what became of it, its bytes, and trying it again.

#include <boost/asio/co_spawn.hpp>
#include <boost/asio/use_awaitable.hpp>

#include "fhir_model/base/limits.h"
#include "gateway/api/answers.h"
#include "gateway/api/conversion_json.h"
#include "gateway/api/errors.h"
#include "gateway/api/handlers.h"
#include "gateway/api/json_writer.h"
#include "gateway/api/message_json.h"
#include "gateway/api/outbox_json.h"
#include "gateway/api/reads.h"
#include "gateway/api/state.h"

namespace passerelle::api {
namespace {

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

// Operators and vendors see traits masked until they say why they must see them.
bool IsMasked(const Request& request, pipeline::Seq seq) {
  bool by_role = request.caller.role == Role::Operator || request.caller.role == Role::Vendor;
  return by_role && !request.state.reveals.Has(request.caller.name, seq, request.services.clock());
}

constexpr std::size_t kReasonBytesMin = 8, kReasonBytesMax = 500;

Result<pipeline::Seq> SeqOf(const Request& request) {
  auto seq = WholeNumber(request.caught.at(0), 1, INT64_MAX);
  if (!seq) return Error{errors::RouteUnknown};
  return *seq;
}

// The message with its bytes, for those to whom nothing of it is masked; noted as read.
struct Opened {
  pipeline::KeptMessage message;
  pipeline::MessageBody body;
};
Awaitable<Result<Opened>> OpenMessage(Request& request, std::string_view what) {
  CO_TRY(auto seq, SeqOf(request));
  if (IsMasked(request, seq)) co_return Error{errors::RoleForbidden, "a reveal with its reason comes first"};
  Opened opened;
  std::vector<Seen> seen;
  {
    auto view = request.services.store.Read();
    CO_TRY(auto message, view->Message(seq));
    if (!message) co_return Error{errors::RouteUnknown};
    CO_TRY(opened.body, view->MessageAbridged(seq));
    CO_TRY(auto patients, PatientsOf(*view, *message));
    seen.push_back({"message " + std::to_string(seq) + " " + std::string(what), std::move(patients), seq});
    opened.message = *std::move(message);
  }
  CO_CHECK_OK(co_await NoteReads(request, "read", std::move(seen)));
  co_return opened;
}

// What was decided, oldest first. Acknowledgements may quote the sender.
Result<std::string> DecisionsJson(pipeline::View& view, pipeline::Seq seq, const Sayings& sayings,
                                  bool masked) {
  TRY(auto decisions, view.DecisionsOf(seq));
  JsonWriter out;
  out.BeginArray();
  for (const auto& decision : decisions) {
    out.BeginObject().Member("at", decision.at).Member("state", pipeline::StateName(decision.state));
    WriteCause(decision.cause, sayings, out);
    out.NullIfEmpty("ack", decision.answer ? decision.answer->code : std::string());
    out.NullIfEmpty("answer", decision.answer && !masked ? decision.answer->bytes : std::string());
    out.NullIfEmpty("settings", decision.settings_digest);
    out.RawMember("resources", decision.resources_json.empty() ? "[]" : decision.resources_json).EndObject();
  }
  return out.EndArray().Take();
}

// The versions that a decision wrote, "Patient/1/_history/2", as one Bundle.
Result<std::string> WrittenBundle(pipeline::View& view, const std::string& resources_json) {
  TRY(auto tree, json::Parse("{\"r\":" + resources_json + "}", kFileLimits));
  JsonWriter out;
  out.BeginObject().Member("resourceType", "Bundle").Member("type", "collection").Key("entry").BeginArray();
  for (node::NodeIndex item : node::Children(tree, node::kRoot)) {
    std::string_view path = tree[item].text;
    auto slash = path.find('/'), history = path.find("/_history/");
    if (slash == path.npos || history == path.npos || history < slash) continue;
    auto version = WholeNumber(path.substr(history + 10), 1, INT64_MAX);
    if (!version) continue;
    TRY(auto resource,
        view.ReadVersion(path.substr(0, slash), path.substr(slash + 1, history - slash - 1), *version));
    if (!resource || resource->deleted) continue;
    TRY(auto json, InBundle(*resource));
    out.BeginObject().Member("fullUrl", path.substr(0, history)).RawMember("resource", json);
    out.EndObject();
  }
  return out.EndArray().EndObject().Take();
}

// The same frame as it came in. What is kept of an answer on receipt stays with the message.
pipeline::Frame FrameOf(Opened opened, const Services& services) {
  const auto& message = opened.message;
  pipeline::Frame frame;
  frame.feed = message.feed;
  frame.sender = message.sender;
  frame.content_type = message.content_type;
  frame.labels = message.labels;
  frame.peer = message.peer;
  frame.wholeness = message.wholeness;
  frame.bytes = std::move(opened.body.bytes);
  frame.large = std::move(opened.body.large);
  frame.received = IsoNow(services);
  return frame;
}

}  // namespace

Awaitable<Response> OneMessage(Request& request) {
  CO_TRY(auto seq, SeqOf(request));
  JsonWriter out;
  Seen seen{"message " + std::to_string(seq), {}, seq};
  {
    auto view = request.services.store.Read();
    CO_TRY(auto message, view->Message(seq));
    if (!message) co_return Error{errors::RouteUnknown};
    CO_TRY(seen.patients, PatientsOf(*view, *message));
    CO_TRY(auto deliveries, DeliveriesJson(*view, seq, request.sayings()));
    out.BeginObject();
    WriteMessage(*message, request.sayings(), out);
    out.NullIfEmpty("content_type", message->content_type).Member("sha256", message->sha256);
    out.Key("peer").BeginObject().Member("address", message->peer.address).Member("tls", message->peer.tls);
    out.NullIfEmpty("certificate", message->peer.certificate_name).EndObject();
    bool masked = IsMasked(request, seq);
    out.RawMember("ledger", message->ledger_json);
    out.RawMember("findings", request.sayings().Findings(message->findings_json,
                                                         masked ? Quotes::Masked : Quotes::Shown));
    out.RawMember("resources", message->resources_json.empty() ? "[]" : message->resources_json);
    CO_TRY(auto decisions, DecisionsJson(*view, seq, request.sayings(), masked));
    out.RawMember("deliveries", deliveries).RawMember("decisions", decisions).Member("masked", masked);
    out.EndObject();
  }
  std::vector<Seen> all_seen{std::move(seen)};
  CO_CHECK_OK(co_await NoteReads(request, "read", std::move(all_seen)));
  co_return JsonAnswer(200, out.Take());
}

// For ten minutes this caller sees the traits in this message; the reason he gives stands in the audit.
Awaitable<Response> RevealMessage(Request& request) {
  CO_TRY(auto seq, SeqOf(request));
  CO_TRY(auto body, json::Parse(request.http.body, kWireLimits));
  std::string reason(body.ChildText(node::kRoot, "reason"));
  if (reason.size() < kReasonBytesMin || reason.size() > kReasonBytesMax)
    co_return Error{errors::ParameterInvalid, "reason"};
  pipeline::AuditEntry entry;
  {
    auto view = request.services.store.Read();
    CO_TRY(auto message, view->Message(seq));
    if (!message) co_return Error{errors::RouteUnknown};
    CO_TRY(auto patients, PatientsOf(*view, *message));
    entry = {
        request.caller.name, "reveal", patients.front(), "message " + std::to_string(seq), reason, {}, seq};
  }
  std::function<Status(pipeline::Transaction&)> work = [&](pipeline::Transaction& transaction) {
    return transaction.Audit(entry);
  };
  CO_CHECK_OK(co_await request.services.store.Write(work));
  request.state.reveals.Grant(request.caller.name, seq, request.services.clock());
  JsonWriter out;
  out.BeginObject().Member("minutes", static_cast<std::int64_t>(Reveals::kLifetime.count()));
  co_return JsonAnswer(200, out.EndObject().Take());
}

// The bytes as they came in. They are all traits: masked means not at all.
Awaitable<Response> MessageSource(Request& request) {
  CO_TRY(auto opened, co_await OpenMessage(request, "source"));
  auto response = TextAnswer(200, "application/octet-stream", std::move(opened.body.bytes));
  if (const auto& large = opened.body.large; large != nullptr) {
    response.body.clear();
    CO_TRY(response.large, request.services.store.Read()->Open({std::string(large->sha256()), 0, large->size()}));
  }
  response.headers.Set("Content-Security-Policy", "sandbox; default-src 'none'");
  co_return response;
}

// What the message wrote into the record: at its last attempt that wrote something, or at ?attempt=N, counted
// from 1.
Awaitable<Response> MessageWritten(Request& request) {
  auto attempt = WholeNumber(Find(request.query, "attempt").value_or("0"), 0, INT32_MAX);
  if (!attempt) co_return Error{errors::ParameterInvalid, "attempt"};
  CO_TRY(auto opened, co_await OpenMessage(request, "resources"));
  auto view = request.services.store.Read();
  CO_TRY(auto decisions, view->DecisionsOf(opened.message.seq));
  std::string resources;
  std::int64_t number = 0;
  for (const auto& decision : decisions)
    if (decision.resources_json.size() > 2 && (++number == *attempt || *attempt == 0))
      resources = decision.resources_json;
  CO_TRY(auto bundle, WrittenBundle(*view, resources.empty() ? "[]" : resources));
  co_return JsonAnswer(200, std::move(bundle));
}

// What today's tables make of it; nothing is stored.
Awaitable<Response> MessageSandbox(Request& request) {
  if (!request.services.convert) co_return Error{errors::ServiceMissing};
  CO_TRY(auto opened, co_await OpenMessage(request, "sandbox"));
  std::string bytes = std::move(opened.body.bytes);
  if (const auto& large = opened.body.large; large != nullptr) { CO_TRY(bytes, large->Read(0, large->size())); }
  co_return JsonAnswer(200, ConversionJson(request.services.convert(std::move(bytes)), request.sayings()));
}

// As if its sender had sent it once more: what was accepted keeps its answer; what was refused under other
// tables or settings, or for a circumstance, is tried anew (safety rule 13).
Awaitable<Response> ReplayMessage(Request& request) {
  CO_TRY(auto opened, co_await OpenMessage(request, "replay"));
  const Services& services = request.services;
  pipeline::AuditEntry entry;
  entry.who = request.caller.name;
  entry.action = "replay";
  entry.resource = "message " + std::to_string(opened.message.seq);
  entry.purpose = request.Purpose();
  entry.seq = opened.message.seq;
  std::function<Status(pipeline::Transaction&)> note = [&entry](pipeline::Transaction& transaction) {
    return transaction.Audit(entry);
  };
  CO_CHECK_OK(co_await services.store.Write(note));
  auto process = services.pipeline.Process(FrameOf(std::move(opened), services));
  auto reply =
      co_await boost::asio::co_spawn(services.network, std::move(process), boost::asio::use_awaitable);
  if (reply.trouble) co_return *reply.trouble;
  CO_TRY(auto message, services.store.Read()->Message(reply.seq));
  if (!message) co_return Error{errors::RouteUnknown};
  JsonWriter out;
  out.BeginObject();
  WriteMessage(*message, request.sayings(), out);
  co_return JsonAnswer(200, out.EndObject().Take());
}

}  // namespace passerelle::api
