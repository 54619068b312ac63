// The campaign as the console reads it: the same figures as on the page for people, and what its charts are
// drawn of.

#include <algorithm>
#include <cstdio>

#include "fhir_model/base/limits.h"
#include "fhir_model/json/json.h"
#include "gateway/labelling/campaign.h"
#include "gateway/labelling/campaign_facts.h"
#include "gateway/labelling/words.h"

namespace passerelle::labelling {
namespace {

std::string Number(double value) {
  char text[32];
  std::snprintf(text, sizeof text, "%.6g", value);
  return text;
}

std::string Text(std::string_view value) {
  std::string out;
  json::WriteString(value, out);
  return out;
}

// Writes "[a,b,...]" of what `write` gives for each.
std::string ListOf(const auto& all, const auto& write) {
  std::string out = "[";
  for (const auto& one : all) {
    if (out.size() > 1) out += ',';
    out += write(one);
  }
  return out + "]";
}

std::string Figures(const std::vector<Figure>& figures, Language language) {
  auto say = [&](std::string_view english) { return Text(CampaignInLanguage(english, language)); };
  return ListOf(figures, [&](const Figure& figure) {
    return "{\"name\":" + say(figure.name) + ",\"value\":" + say(figure.value) + ",\"mark\":\"" +
           std::string(MarkName(figure.mark)) + "\",\"source\":" + say(figure.source) +
           ",\"behind\":" + Text(figure.behind) + "}";
  });
}

struct Column {
  std::string_view name;
  double (*value)(const WeekRow& row);
};
constexpr Column kColumns[] = {
    {"open", [](const WeekRow& row) { return static_cast<double>(row.open); }},
    {"labelled", [](const WeekRow& row) { return static_cast<double>(row.labelled); }},
    {"bench_runs", [](const WeekRow& row) { return static_cast<double>(row.bench_runs); }},
    {"failed_runs", [](const WeekRow& row) { return static_cast<double>(row.failed_runs); }},
    {"field_messages", [](const WeekRow& row) { return static_cast<double>(row.field_messages); }},
    {"field_refused", [](const WeekRow& row) { return static_cast<double>(row.field_refused); }},
    {"documents_millions", [](const WeekRow& row) { return row.documents_millions; }},
    {"sites_fed", [](const WeekRow& row) { return row.sites_fed; }},
    {"sites_silent", [](const WeekRow& row) { return row.sites_silent; }},
};

// What the log says of one product: when its dossier was admitted, when it was first labelled (-1: not yet).
struct Way {
  std::string couloir;
  int admitted = -1, labelled = -1;
};

std::map<std::string, Way> WaysOf(std::string_view log) {
  std::map<std::string, Way> ways;
  while (!log.empty()) {
    auto line = log.substr(0, log.find('\n'));
    log.remove_prefix(std::min(log.size(), line.size() + 1));
    auto event = json::Parse(std::string(line), kFileLimits);
    if (!event) continue;
    auto name = event->ChildText(node::kRoot, "event");
    if (name != "admissible" && name != "grant") continue;
    Way& way = ways[std::string(event->ChildText(node::kRoot, "product"))];
    way.couloir = event->ChildText(node::kRoot, "couloir");
    int& when = name == "grant" ? way.labelled : way.admitted;
    if (when < 0) when = std::atoi(std::string(event->ChildText(node::kRoot, "week")).c_str());
  }
  return ways;
}

// First labels up to each week, for each kind of software.
std::string Kinds(const std::map<std::string, Way>& ways, std::size_t weeks, Language language) {
  return ListOf(facts::kCouloirs, [&](const facts::Couloir& couloir) {
    std::vector<int> labelled(weeks, 0);
    for (const auto& [product, way] : ways)
      if (way.couloir == couloir.id && way.labelled >= 0 && static_cast<std::size_t>(way.labelled) < weeks)
        ++labelled[static_cast<std::size_t>(way.labelled)];
    int sum = 0;
    return "{\"id\":" + Text(couloir.id) + ",\"name\":" + Text(CampaignInLanguage(couloir.name, language)) +
           ",\"products\":" + std::to_string(couloir.products) +
           ",\"labelled\":" + ListOf(labelled, [&sum](int more) { return std::to_string(sum += more); }) +
           "}";
  });
}

// Kaplan-Meier: the share of admitted dossiers that after so many weeks has no label yet. Who is still under
// way at the end counts as long as he was watched.
std::string Survival(const std::map<std::string, Way>& ways, int weeks) {
  std::map<int, std::pair<int, int>> ends;  // after so many weeks: labelled, no longer watched
  int at_risk = 0;
  for (const auto& [product, way] : ways) {
    if (way.admitted < 0) continue;
    ++at_risk;
    if (way.labelled >= 0)
      ++ends[way.labelled - way.admitted].first;
    else
      ++ends[weeks - way.admitted].second;
  }
  double share = 1;
  std::string out = "[[0,1]";
  for (const auto& [after, count] : ends) {
    if (count.first > 0) share *= 1 - static_cast<double>(count.first) / at_risk;
    at_risk -= count.first + count.second;
    out += ",[" + std::to_string(after) + "," + Number(share) + "]";
  }
  return out + "]";
}

}  // namespace

std::string CampaignJson(const CampaignResult& result, const CampaignOptions& options) {
  auto ways = WaysOf(result.log);
  std::string out =
      "{\"seed\":" + std::to_string(options.seed) + ",\"log_sha256\":" + Text(result.log_digest);
  out += ",\"products\":" + std::to_string(result.products) +
         ",\"bench_runs\":" + std::to_string(result.bench_runs) +
         ",\"field_messages\":" + std::to_string(result.field_messages);
  out += ",\"weeks\":" + ListOf(result.weeks, [](const WeekRow& row) { return Text(row.date); });
  out += ",\"series\":{";
  for (const auto& column : kColumns)
    out += (out.back() == '{' ? "" : ",") + Text(column.name) + ":" +
           ListOf(result.weeks, [&](const WeekRow& row) { return Number(column.value(row)); });
  out += "},\"kinds\":" + Kinds(ways, result.weeks.size(), options.language);
  out += ",\"survival\":" + Survival(ways, static_cast<int>(result.weeks.size()));
  out += ",\"top_failing\":" + ListOf(result.top_failing, [](const auto& row) {
           return "{\"requirement\":" + Text(row.first) + ",\"runs\":" + std::to_string(row.second) + "}";
         });
  for (const auto& [name, figures] : {std::pair{"indicators", &result.indicators},
                                      {"residuals", &result.residuals},
                                      {"inputs", &result.inputs}})
    out += ",\"" + std::string(name) + "\":" + Figures(*figures, options.language);
  return out + "}\n";
}

}  // namespace passerelle::labelling
