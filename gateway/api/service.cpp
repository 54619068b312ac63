// Health and metrics: whether the gateway lives, can work, and how much it does.

#include <boost/asio/co_spawn.hpp>
#include <boost/asio/use_awaitable.hpp>
#include <cstdio>
#include <fstream>
#include <set>

#include "gateway/api/answers.h"
#include "gateway/api/errors.h"
#include "gateway/api/handlers.h"
#include "gateway/api/json_writer.h"
#include "gateway/api/state.h"

#include <unistd.h>

namespace passerelle::api {
namespace {

// The Prometheus text format, 0.0.4.
class MetricsText {
 public:
  void Add(std::string_view name, std::string_view kind, std::string_view help, std::string_view labels,
           double value) {
    if (described_.insert(std::string(name)).second) {
      out_ += "# HELP " + std::string(name) + " " + std::string(help) + "\n# TYPE " + std::string(name) +
              " " + std::string(kind) + "\n";
    }
    Line(name, labels, value);
  }
  void Line(std::string_view name, std::string_view labels, double value) {
    char number[32];
    std::snprintf(number, sizeof number, "%.10g", value);
    out_ += std::string(name) + (labels.empty() ? "" : "{" + std::string(labels) + "}") + " " + number + "\n";
  }
  std::string Take() { return std::move(out_); }

 private:
  std::set<std::string> described_;
  std::string out_;
};

struct KindRow {
  std::string_view prefix, name, label, help;
};
constexpr KindRow kKinds[] = {
    {"messages.", "passerelle_messages", "state", "Messages kept, by state."},
    {"deliveries.", "passerelle_deliveries", "state", "Deliveries, by state."},
    {"resources.", "passerelle_resources", "type", "Resources of the record that are not deleted, by type."},
};

void AddStoreCounts(const std::vector<std::pair<std::string, std::int64_t>>& counts, MetricsText& out) {
  for (const auto& kind : kKinds)
    for (const auto& [name, count] : counts)
      if (name.starts_with(kind.prefix))
        out.Add(kind.name, "gauge", kind.help,
                std::string(kind.label) + "=\"" + name.substr(kind.prefix.size()) + "\"",
                static_cast<double>(count));
}

std::string RouteLabels(std::size_t route) {
  return "method=\"" + std::string(Routes()[route].method) + "\",route=\"" +
         std::string(Routes()[route].pattern) + "\"";
}

void AddTraffic(const Traffic::Numbers& numbers, MetricsText& out) {
  for (const auto& [key, count] : numbers.answers)
    out.Add("passerelle_http_requests_total", "counter", "Answers over HTTP, by route and status.",
            RouteLabels(key.first) + ",status=\"" + std::to_string(key.second) + "\"",
            static_cast<double>(count));
  for (const auto& [route, latency] : numbers.latencies) {
    const std::string name = "passerelle_http_request_seconds", labels = RouteLabels(route);
    for (std::size_t i = 0; i < Traffic::kBoundsMs.size(); ++i) {
      char bound[32];
      std::snprintf(bound, sizeof bound, "%g", Traffic::kBoundsMs[i] / 1000);
      if (i == 0 && route == numbers.latencies.begin()->first)
        out.Add(name + "_bucket", "counter", "Time to answer over HTTP.", labels + ",le=\"" + bound + "\"",
                static_cast<double>(latency.within[i]));
      else
        out.Line(name + "_bucket", labels + ",le=\"" + bound + "\"", static_cast<double>(latency.within[i]));
    }
    out.Line(name + "_bucket", labels + ",le=\"+Inf\"", static_cast<double>(latency.count));
    out.Line(name + "_sum", labels, latency.sum_s);
    out.Line(name + "_count", labels, static_cast<double>(latency.count));
  }
}

double ResidentBytes() {
  std::ifstream statm("/proc/self/statm");
  double total = 0, resident = 0;
  statm >> total >> resident;
  return resident * static_cast<double>(::sysconf(_SC_PAGESIZE));
}

Awaitable<std::size_t> Backlog(pipeline::Pipeline& pipeline) { co_return pipeline.backlog(); }

net::HttpResponse Health(std::string_view reason) {
  JsonWriter out;
  out.BeginObject().Member("status", reason.empty() ? std::string_view("ok") : "unavailable");
  if (!reason.empty()) out.Member("reason", reason);
  return JsonAnswer(reason.empty() ? 200 : 503, out.EndObject().Take());
}

}  // namespace

Status Readiness(const Services& services) {
  if (services.ready) CHECK_OK(services.ready());
  return services.store.Accepting() ? Ok() : Status(Error{errors::DiskFull});
}

Awaitable<Response> Live(Request&) { co_return Health({}); }

Awaitable<Response> Ready(Request& request) {
  auto ready = Readiness(request.services);
  co_return Health(ready ? std::string_view() : request.sayings().Sentence(*ready.error().info));
}

Awaitable<Response> Metrics(Request& request) {
  MetricsText out;
  {
    auto view = request.services.store.Read();
    CO_TRY(auto counts, view->Counts());
    AddStoreCounts(counts, out);
  }
  auto count = Backlog(request.services.pipeline);
  std::size_t backlog =
      co_await boost::asio::co_spawn(request.services.network, std::move(count), boost::asio::use_awaitable);
  out.Add("passerelle_backlog", "gauge", "Messages acknowledged on receipt and not yet decided.", {},
          static_cast<double>(backlog));
  out.Add("process_resident_memory_bytes", "gauge", "Resident memory of the process.", {}, ResidentBytes());
  AddTraffic(request.state.traffic.Read(), out);
  if (request.services.samples)
    for (const auto& sample : request.services.samples())
      out.Add(sample.name, sample.counter ? "counter" : "gauge", sample.help, sample.labels, sample.value);
  co_return TextAnswer(200, "text/plain; version=0.0.4; charset=utf-8", out.Take());
}

}  // namespace passerelle::api
