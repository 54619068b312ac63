// The bench over HTTP: opening a run, sending to it, following it, what it left; and the campaign.

#include "gateway/api/bench_desk.h"

#include <algorithm>
#include <boost/asio/steady_timer.hpp>

#include "fhir_model/base/limits.h"
#include "gateway/api/answers.h"
#include "gateway/api/errors.h"
#include "gateway/api/events.h"
#include "gateway/api/handlers.h"
#include "gateway/api/json_writer.h"

namespace passerelle::api {
namespace {

constexpr std::size_t kNameBytesMax = 100;
constexpr std::int64_t kEventsMax = 2'000;
constexpr std::int64_t kCampaignWeeksMax = 520;

Result<BenchDesk*> DeskOf(const Request& request) {
  if (request.services.bench == nullptr) return Error{errors::ServiceMissing};
  return request.services.bench;
}

BenchGuest GuestOf(const Request& request) {
  return {request.caller.name, request.caller.role != Role::Vendor, request.language()};
}

std::string Given(const Request& request, std::string_view name) {
  return std::string(Find(request.query, name).value_or(""));
}

EvidenceQuery VersionIn(const Request& request) {
  return {Given(request, "product"), Given(request, "version")};
}

Result<std::string> NameIn(const node::Tree& body, std::string_view member) {
  std::string name(body.ChildText(node::kRoot, member));
  if (name.empty() || name.size() > kNameBytesMax)
    return Error{errors::ParameterInvalid, std::string(member)};
  return name;
}

}  // namespace

Awaitable<Response> BenchOverview(Request& request) {
  CO_TRY(auto desk, DeskOf(request));
  CO_TRY(auto json, desk->Overview(GuestOf(request)));
  co_return JsonAnswer(200, std::move(json));
}

Awaitable<Response> OpenBenchRun(Request& request) {
  CO_TRY(auto desk, DeskOf(request));
  CO_TRY(auto body, json::Parse(request.http.body, kWireLimits));
  BenchOrder order;
  CO_TRY(order.product, NameIn(body, "product"));
  CO_TRY(order.version, NameIn(body, "version"));
  order.scenario = body.ChildText(node::kRoot, "scenario");
  if (order.scenario.empty()) { CO_TRY(order.suite, NameIn(body, "suite")); }
  CO_TRY(auto json, co_await desk->Open(GuestOf(request), std::move(order)));
  co_return JsonAnswer(201, std::move(json));
}

Awaitable<Response> OneBenchRun(Request& request) {
  CO_TRY(auto desk, DeskOf(request));
  CO_TRY(auto json, desk->Run(GuestOf(request), request.caught.at(0)));
  co_return JsonAnswer(200, std::move(json));
}

// Told whenever something was judged; what it came to is asked for with the run.
Awaitable<Response> BenchRunEvents(Request& request) {
  CO_TRY(auto desk, DeskOf(request));
  auto look = [desk, guest = GuestOf(request),
               run = request.caught.at(0)](std::optional<std::int64_t> after) -> Result<std::string> {
    TRY(auto changes, desk->Changes(guest, run));
    if (after && changes <= *after) return std::string();
    return EventText(changes, "run", "{\"changes\":" + std::to_string(changes) + "}");
  };
  co_return co_await FollowWith(request, look);
}

Awaitable<Response> SendToBenchRun(Request& request) {
  CO_TRY(auto desk, DeskOf(request));
  CO_TRY(auto json,
         co_await desk->Send(GuestOf(request), request.caught.at(0), std::move(request.http.body)));
  co_return JsonAnswer(200, std::move(json));
}

Awaitable<Response> CloseBenchRun(Request& request) {
  CO_TRY(auto desk, DeskOf(request));
  CO_TRY(auto json, co_await desk->Close(GuestOf(request), request.caught.at(0)));
  co_return JsonAnswer(200, std::move(json));
}

Awaitable<Response> BenchRunReport(Request& request) {
  CO_TRY(auto desk, DeskOf(request));
  CO_TRY(auto report, desk->Report(GuestOf(request), request.caught.at(0), Given(request, "format")));
  auto response = TextAnswer(200, report.content_type, std::move(report.bytes));
  response.headers.Set("Content-Disposition", "attachment; filename=\"" + report.file_name + "\"");
  response.headers.Set("Content-Security-Policy", "sandbox; default-src 'none'; style-src 'unsafe-inline'");
  co_return response;
}

Awaitable<Response> BenchRunInput(Request& request) {
  CO_TRY(auto desk, DeskOf(request));
  CO_TRY(auto bytes, desk->Input(GuestOf(request), request.caught.at(0), request.caught.at(1)));
  auto response = TextAnswer(200, "application/octet-stream", std::move(bytes));
  response.headers.Set("Content-Disposition", "attachment");
  response.headers.Set("Content-Security-Policy", "sandbox; default-src 'none'");
  co_return response;
}

// What a message of the run brought.
Awaitable<Response> BenchRunExchange(Request& request) {
  CO_TRY(auto desk, DeskOf(request));
  auto number = WholeNumber(request.caught.at(1), 1, INT32_MAX);
  if (!number) co_return Error{errors::RouteUnknown};
  CO_TRY(auto json,
         desk->Exchange(GuestOf(request), request.caught.at(0), static_cast<std::size_t>(*number)));
  co_return JsonAnswer(200, std::move(json));
}

Awaitable<Response> EvidenceMatrix(Request& request) {
  CO_TRY(auto desk, DeskOf(request));
  CO_TRY(auto json, desk->Evidence(GuestOf(request), VersionIn(request)));
  co_return JsonAnswer(200, std::move(json));
}

Awaitable<Response> ReplayEvidence(Request& request) {
  CO_TRY(auto desk, DeskOf(request));
  CO_TRY(auto json, desk->Replay(GuestOf(request), VersionIn(request)));
  co_return JsonAnswer(200, std::move(json));
}

Awaitable<Response> EvidenceArchive(Request& request) {
  CO_TRY(auto desk, DeskOf(request));
  CO_TRY(auto bytes, desk->EvidenceArchive(VersionIn(request)));
  auto response = TextAnswer(200, "application/zip", std::move(bytes));
  response.headers.Set("Content-Disposition", "attachment; filename=\"passerelle-evidence.zip\"");
  co_return response;
}

// What is let go stands in the label, each with its reason.
Awaitable<Response> GrantLabel(Request& request) {
  CO_TRY(auto desk, DeskOf(request));
  CO_TRY(auto body, json::Parse(request.http.body, kWireLimits));
  LabelWish wish;
  CO_TRY(wish.product, NameIn(body, "product"));
  CO_TRY(wish.version, NameIn(body, "version"));
  CO_TRY(wish.suite, NameIn(body, "suite"));
  wish.expires = body.ChildText(node::kRoot, "expires");
  for (auto member : node::Children(body, node::kRoot)) {
    if (body.name(member) != "waivers" || body[member].text == "[]") continue;
    wish.waivers.emplace_back(body.ChildText(member, "requirement"), body.ChildText(member, "reason"));
  }
  CO_TRY(auto json, desk->Grant(GuestOf(request), wish));
  co_return JsonAnswer(201, std::move(json));
}

Awaitable<Response> RevokeLabel(Request& request) {
  CO_TRY(auto desk, DeskOf(request));
  CO_TRY(auto json, desk->Revoke(request.caught.at(0)));
  co_return JsonAnswer(200, std::move(json));
}

Awaitable<Response> StartCampaign(Request& request) {
  CO_TRY(auto desk, DeskOf(request));
  CO_TRY(auto body, json::Parse(request.http.body, kWireLimits));
  auto weeks = WholeNumber(body.ChildText(node::kRoot, "weeks"), 1, kCampaignWeeksMax);
  auto seed = WholeNumber(body.ChildText(node::kRoot, "seed"), 0, INT64_MAX);
  if (!weeks || !seed) co_return Error{errors::ParameterInvalid, weeks ? "seed" : "weeks"};
  CO_CHECK_OK(desk->StartCampaign({static_cast<int>(*weeks), static_cast<std::uint64_t>(*seed)}));
  CO_TRY(auto json, desk->Campaign(request.language()));
  co_return JsonAnswer(202, std::move(json));
}

Awaitable<Response> CampaignFigures(Request& request) {
  CO_TRY(auto desk, DeskOf(request));
  CO_TRY(auto json, desk->Campaign(request.language()));
  co_return JsonAnswer(200, std::move(json));
}

Awaitable<Response> CampaignRuns(Request& request) {
  CO_TRY(auto desk, DeskOf(request));
  CampaignQuery query{Given(request, "product"),
                      Given(request, "requirement"),
                      Given(request, "event"),
                      Given(request, "couloir"),
                      {}};
  if (auto week = Find(request.query, "week")) {
    query.week = WholeNumber(*week, 0, INT32_MAX);
    if (!query.week) co_return Error{errors::ParameterInvalid, "week"};
  }
  auto count = WholeNumber(Find(request.query, "count").value_or("200"), 1, kEventsMax);
  if (!count) co_return Error{errors::ParameterInvalid, "count"};
  query.count_max = static_cast<std::size_t>(*count);
  CO_TRY(auto json, desk->CampaignEvents(query));
  co_return JsonAnswer(200, std::move(json));
}

}  // namespace passerelle::api
