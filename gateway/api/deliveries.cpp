// The outbox: what is owed, and setting it on its way again.

#include <map>

#include "gateway/api/answers.h"
#include "gateway/api/errors.h"
#include "gateway/api/handlers.h"
#include "gateway/api/outbox_json.h"

namespace passerelle::api {
namespace {

constexpr int kCountMax = 500;
constexpr int kReplayedAtOnce = 500;  // in one transaction

struct Selection {  // of deliveries to replay
  std::string target, cause;
  bool Takes(const pipeline::Delivery& delivery) const {
    return (target.empty() || delivery.target == target) && (cause.empty() || delivery.cause == cause);
  }
};

pipeline::AuditEntry ReplayEntry(const Request& request, const pipeline::Delivery& delivery) {
  pipeline::AuditEntry entry;
  entry.who = request.caller.name;
  entry.action = "replay";
  entry.patient = delivery.subject;
  entry.resource = "delivery " + std::to_string(delivery.id);
  entry.purpose = request.Purpose();
  entry.seq = delivery.seq;
  return entry;
}

}  // namespace

void WriteDelivery(const pipeline::Delivery& delivery, const Sayings& sayings, JsonWriter& out) {
  out.Member("id", delivery.id).Member("seq", delivery.seq).Member("target", delivery.target);
  out.Member("state", delivery.state);
  WriteCause(delivery.cause, sayings, out);
  out.NullIfEmpty("next_try", delivery.next_try);
}

Result<std::string> DeliveriesJson(pipeline::View& view, pipeline::Seq seq, const Sayings& sayings) {
  TRY(auto deliveries, view.DeliveriesOf(seq));
  JsonWriter out;
  out.BeginArray();
  for (const auto& delivery : deliveries) {
    TRY(auto attempts, view.AttemptsOf(delivery.id));
    out.BeginObject();
    WriteDelivery(delivery, sayings, out);
    out.Key("attempts").BeginArray();
    for (const auto& attempt : attempts) {
      out.BeginObject().Member("at", attempt.at).Member("outcome", attempt.outcome);
      out.Member("http_status", attempt.http_status);
      WriteCause(attempt.cause, sayings, out);
      out.EndObject();
    }
    out.EndArray().EndObject();
  }
  return out.EndArray().Take();
}

Awaitable<Response> ListDeliveries(Request& request) {
  auto state = Find(request.query, "state").value_or("");
  auto after = WholeNumber(Find(request.query, "after").value_or("0"), 0, INT64_MAX);
  auto count = WholeNumber(Find(request.query, "count").value_or("50"), 1, kCountMax);
  if (!after || !count) co_return Error{errors::ParameterInvalid, after ? "count" : "after"};
  auto view = request.services.store.Read();
  CO_TRY(auto deliveries, view->Deliveries(state, *after, static_cast<int>(*count) + 1));
  bool more = static_cast<std::int64_t>(deliveries.size()) > *count;
  if (more) deliveries.pop_back();
  JsonWriter out;
  out.BeginObject().Key("deliveries").BeginArray();
  for (const auto& delivery : deliveries) {
    out.BeginObject();
    WriteDelivery(delivery, request.sayings(), out);
    out.Member("attempts", delivery.attempts).EndObject();
  }
  out.EndArray();
  std::string next;
  if (more)
    next = std::string(request.http.Path()) + "?after=" + std::to_string(deliveries.back().id) +
           "&count=" + std::to_string(*count) +
           (state.empty() ? std::string() : "&state=" + PercentEncode(state));
  co_return JsonAnswer(200, out.NullIfEmpty("next", next).EndObject().Take());
}

Awaitable<Response> ReplayDelivery(Request& request) {
  auto id = WholeNumber(request.caught.at(0), 1, INT64_MAX);
  if (!id) co_return Error{errors::RouteUnknown};
  JsonWriter out;
  std::function<Status(pipeline::Transaction&)> work = [&](pipeline::Transaction& transaction) -> Status {
    TRY(auto delivery, transaction.OneDelivery(*id));
    if (!delivery) return Error{errors::RouteUnknown};
    CHECK_OK(transaction.OweAgain(*id));
    CHECK_OK(transaction.Audit(ReplayEntry(request, *delivery)));
    TRY(delivery, transaction.OneDelivery(*id));
    out.BeginObject();
    WriteDelivery(*delivery, request.sayings(), out);
    out.Member("attempts", delivery->attempts).EndObject();
    return Ok();
  };
  CO_CHECK_OK(co_await request.services.store.Write(work));
  if (request.services.wake_courier) request.services.wake_courier();
  co_return JsonAnswer(200, out.Take());
}

// All parked ones, or those of one target or cause; with dry_run=true only how many of which cause.
Awaitable<Response> ReplayDeliveries(Request& request) {
  Selection selection{std::string(Find(request.query, "target").value_or("")),
                      std::string(Find(request.query, "cause").value_or(""))};
  bool dry_run = Find(request.query, "dry_run") == "true";
  std::map<std::string, std::int64_t> by_cause;
  std::int64_t after = 0, total = 0;
  bool more = true;
  std::function<Status(pipeline::Transaction&)> work = [&](pipeline::Transaction& transaction) -> Status {
    TRY(auto parked, transaction.Deliveries("parked", after, kReplayedAtOnce));
    for (const auto& delivery : parked) {
      if (!selection.Takes(delivery)) continue;
      CHECK_OK(transaction.OweAgain(delivery.id));
      CHECK_OK(transaction.Audit(ReplayEntry(request, delivery)));
    }
    return Ok();
  };
  while (more) {
    std::vector<pipeline::Delivery> parked;
    {
      auto view = request.services.store.Read();
      CO_TRY(parked, view->Deliveries("parked", after, kReplayedAtOnce));
    }
    more = parked.size() == kReplayedAtOnce;
    for (const auto& delivery : parked) {
      if (!selection.Takes(delivery)) continue;
      ++by_cause[delivery.cause];
      ++total;
    }
    if (!dry_run && !parked.empty()) CO_CHECK_OK(co_await request.services.store.Write(work));
    if (!parked.empty()) after = parked.back().id;
  }
  if (!dry_run && total > 0 && request.services.wake_courier) request.services.wake_courier();
  JsonWriter out;
  out.BeginObject().Member(dry_run ? "would_replay" : "replayed", total).Key("causes").BeginArray();
  for (const auto& [cause, count] : by_cause) {
    out.BeginObject();
    WriteCause(cause, request.sayings(), out);
    out.Member("count", count).EndObject();
  }
  co_return JsonAnswer(200, out.EndArray().EndObject().Take());
}

}  // namespace passerelle::api
