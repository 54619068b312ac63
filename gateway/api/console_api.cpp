// What the console's screens ask for beside the journal and the record.

#include <algorithm>
#include <map>

#include "fhir_model/base/limits.h"
#include "gateway/api/answers.h"
#include "gateway/api/conversion_json.h"
#include "gateway/api/errors.h"
#include "gateway/api/handlers.h"
#include "gateway/api/json_writer.h"
#include "gateway/api/reads.h"
#include "gateway/pipeline/pipeline.h"

namespace passerelle::api {
namespace {

constexpr std::int64_t kCountDefault = 100, kCountMax = 1'000;
constexpr int kPageOfParked = 1'000;

void WriteFeed(const FeedStatus& feed, const Sayings& sayings, JsonWriter& out) {
  out.Member("name", feed.name).Member("kind", feed.kind).Member("address", feed.address);
  out.Member("state", feed.state).NullIfEmpty("cause_text", sayings.Cause(feed.cause));
  out.Member("tls", feed.tls).Member("authenticated", feed.authenticated);
  out.Member("production", feed.production).Member("dmp", feed.dmp);
  out.Member("connections", static_cast<std::int64_t>(feed.connections));
  out.RawMember("certificate_days", feed.certificate_days ? std::to_string(*feed.certificate_days) : "");
}

void WritePace(const Pace::Minute& minute, JsonWriter& out) {
  out.Key("per_second").BeginArray();
  for (auto count : minute.per_second) out.Value(static_cast<std::int64_t>(count));
  out.EndArray().RawMember("p99_ms",
                           minute.p99_ms ? std::to_string(static_cast<std::int64_t>(*minute.p99_ms)) : "");
}

// What waits there: how much, and since when. A message that is kept is owed a decision.
void WriteBacklog(const std::vector<pipeline::Backlog>& backlogs, const std::string& place, JsonWriter& out) {
  for (std::string_view state : {"owed", "parked"}) {
    auto found = std::find_if(backlogs.begin(), backlogs.end(), [&](const auto& one) {
      return one.place == place && (one.state == state || (state == "owed" && one.state == "kept"));
    });
    bool none = found == backlogs.end();
    out.Member(state, none ? 0 : found->count);
    out.NullIfEmpty(std::string(state) + "_since", none ? std::string() : found->since);
  }
}

void WriteFeeds(const std::vector<FeedStatus>& feeds, const std::vector<pipeline::Backlog>& backlogs,
                Pace* pace, const Sayings& sayings, JsonWriter& out) {
  out.BeginArray();
  for (const auto& feed : feeds) {
    out.BeginObject();
    WriteFeed(feed, sayings, out);
    WritePace(pace != nullptr ? pace->Read(feed.name) : Pace::Minute(), out);
    WriteBacklog(backlogs, feed.name, out);
    out.EndObject();
  }
  out.EndArray();
}

void WriteEntry(const pipeline::AuditEntry& entry, JsonWriter& out) {
  out.BeginObject().Member("id", entry.id).Member("at", entry.at).Member("who", entry.who);
  out.Member("action", entry.action).NullIfEmpty("patient", entry.patient).Member("resource", entry.resource);
  out.Member("purpose", entry.purpose);
  out.RawMember("message", entry.seq > 0 ? std::to_string(entry.seq) : "").EndObject();
}

}  // namespace

// In one glance: whether it works, how much there is, and each way in and out.
Awaitable<Response> Now(Request& request) {
  const Services& services = request.services;
  auto ready = Readiness(services);
  auto view = services.store.Read();
  CO_TRY(auto counts, view->Counts());
  CO_TRY(auto backlogs, view->Backlogs());
  CO_TRY(auto feed_backlogs, view->FeedBacklogs());
  auto a_day_ago = IsoNow(services, -std::chrono::hours(24));
  CO_TRY(auto refused_lately, view->CountSince(pipeline::State::Refused, a_day_ago));
  JsonWriter out;
  out.BeginObject().Member("ready", bool(ready));
  out.NullIfEmpty("reason", ready ? std::string_view() : request.sayings().Sentence(*ready.error().info));
  out.Member("at", IsoNow(services))
      .Member("environment", services.environment)
      .Member("version", services.version);
  out.Key("counts").BeginObject();
  for (const auto& [name, count] : counts)
    if (!name.starts_with("resources.")) out.Member(name, count);
  out.EndObject().Member("refused_lately", refused_lately);
  using Feeds = std::vector<FeedStatus>;
  out.Key("feeds");
  WriteFeeds(services.feeds ? services.feeds() : Feeds(), feed_backlogs, services.pace, request.sayings(), out);
  out.Key("targets");
  WriteFeeds(services.targets ? services.targets() : Feeds(), backlogs, services.target_pace, request.sayings(),
             out);
  co_return JsonAnswer(200, out.EndObject().Take());
}

// Nothing of it is stored, so nothing of it is audited.
Awaitable<Response> Convert(Request& request) {
  if (!request.services.convert) co_return Error{errors::ServiceMissing};
  co_return JsonAnswer(
      200, ConversionJson(request.services.convert(std::move(request.http.body)), request.sayings()));
}

std::string ConversionJson(const Conversion& made, const Sayings& sayings) {
  JsonWriter out;
  out.BeginObject().NullIfEmpty("format", made.format).NullIfEmpty("event", made.event);
  out.NullIfEmpty("refusal", made.refusal ? sayings.Cause(made.refusal->Text()) : std::string());
  if (made.refusal)
    out.Member("error", made.refusal->info->name).NullIfEmpty("place", made.refusal->place.path);
  out.RawMember("findings", sayings.Findings(pipeline::FindingsJson(made.issues), Quotes::Shown));
  out.RawMember("bundle", made.bundle_json).RawMember("ledger", made.ledger_json);
  return out.EndObject().Take();
}

// Who saw and did what, newest first; of one patient by his id, which says nothing of him. Looking here is
// looked at.
Awaitable<Response> AuditTrail(Request& request) {
  auto before = WholeNumber(Find(request.query, "before").value_or("0"), 0, INT64_MAX);
  auto count =
      WholeNumber(Find(request.query, "count").value_or(std::to_string(kCountDefault)), 1, kCountMax);
  if (!before || !count) co_return Error{errors::ParameterInvalid, before ? "count" : "before"};
  std::string patient(Find(request.query, "patient").value_or(""));
  if (!patient.empty() && !patient.starts_with("Patient/")) patient.insert(0, "Patient/");
  CO_TRY(auto entries,
         request.services.store.Read()->AuditOf(patient, *before, static_cast<int>(*count) + 1));
  bool more = static_cast<std::int64_t>(entries.size()) > *count;
  if (more) entries.pop_back();
  if (!patient.empty()) {
    std::vector<Seen> seen{{"audit", {patient}}};
    CO_CHECK_OK(co_await NoteReads(request, "read", std::move(seen)));
  }
  JsonWriter out;
  out.BeginObject().Key("entries").BeginArray();
  for (const auto& entry : entries) WriteEntry(entry, out);
  out.EndArray();
  std::string next;
  if (more)
    next = "/api/audit?before=" + std::to_string(entries.back().id) + "&count=" + std::to_string(*count) +
           (patient.empty() ? "" : "&patient=" + PercentEncode(patient.substr(8)));
  co_return JsonAnswer(200, out.NullIfEmpty("next", next).EndObject().Take());
}

// What waits for a person, by cause and target: how many, the first and the last.
Awaitable<Response> Parked(Request& request) {
  struct Group {
    std::int64_t count = 0, first = 0, last = 0, first_message = 0, last_message = 0;
  };
  std::map<std::pair<std::string, std::string>, Group> groups;
  auto view = request.services.store.Read();
  for (std::int64_t after = 0;;) {
    CO_TRY(auto page, view->Deliveries("parked", after, kPageOfParked));
    for (const auto& delivery : page) {
      Group& group = groups[{delivery.cause, delivery.target}];
      if (group.count++ == 0) group.first = delivery.id, group.first_message = delivery.seq;
      group.last = after = delivery.id;
      group.last_message = delivery.seq;
    }
    if (page.size() < kPageOfParked) break;
  }
  JsonWriter out;
  out.BeginObject().Key("groups").BeginArray();
  for (const auto& [key, group] : groups) {
    out.BeginObject();
    WriteCause(key.first, request.sayings(), out);
    out.Member("target", key.second).Member("count", group.count);
    out.Member("first", group.first).Member("last", group.last).Member("first_message", group.first_message);
    out.Member("last_message", group.last_message);
    out.EndObject();
  }
  co_return JsonAnswer(200, out.EndArray().EndObject().Take());
}

}  // namespace passerelle::api
