#include "gateway/labelling/campaign_indicators.h"

#include <algorithm>
#include <cmath>
#include <cstdio>

#include "gateway/labelling/campaign_facts.h"
#include "gateway/labelling/campaign_parts.h"

namespace passerelle::labelling {
namespace {

std::string Number(double value, int digits = 1) {
  char text[48];
  std::snprintf(text, sizeof text, "%.*f", digits, value);
  return text;
}
std::string Percent(double part, double whole) {
  return whole == 0 ? "none" : Number(100 * part / whole) + " %";
}
std::string Count(std::size_t n) { return std::to_string(n); }

std::size_t Labelled(const Simulation& simulation, std::string_view couloir, int week) {
  return static_cast<std::size_t>(
      std::count_if(simulation.products().begin(), simulation.products().end(), [&](const Product& p) {
        return (couloir.empty() || p.couloir->id == couloir) && p.granted >= 0 && p.granted <= week;
      }));
}

int Quartile(std::vector<int> values, double at) {
  if (values.empty()) return 0;
  std::sort(values.begin(), values.end());
  return values[static_cast<std::size_t>(at * static_cast<double>(values.size() - 1))];
}

WeekRow Sum(const std::vector<WeekRow>& weeks) {
  WeekRow sum;
  for (const auto& week : weeks) {
    sum.field_messages += week.field_messages, sum.field_refused += week.field_refused;
    sum.bench_runs += week.bench_runs, sum.failed_runs += week.failed_runs;
    sum.documents_millions += week.documents_millions;
    sum.queue = std::max(sum.queue, week.queue);
  }
  return sum;
}

void FieldIndicators(const Tally& tally, const WeekRow& sum, const WeekRow& last, std::vector<Figure>& out) {
  double expected = 0;
  for (const auto& couloir : facts::kCouloirs)
    expected += couloir.documents_per_year_millions / 52 / facts::kShareFed;
  out.push_back({"Share really fed, last week", Percent(last.documents_millions, expected), Mark::Model,
                 "refusals counted, volumes and adoption modelled; one message stands for a product's week"});
  out.push_back({"Silent installations, last week",
                 Percent(last.sites_silent, last.sites_silent + last.sites_fed), Mark::Model,
                 "the silent share is an input"});
  out.push_back({"Feed latency", "not measured", Mark::Run,
                 "a wall clock would break the sameness of two runs; see passerelle bench"});
  out.push_back(
      {"Refused in the field",
       Percent(static_cast<double>(sum.field_refused), static_cast<double>(sum.field_messages)), Mark::Run,
       Count(sum.field_refused) + " of " + Count(sum.field_messages) + " messages read by the pipeline",
       "event=refused in the field"});
  for (const auto& [code, count] : tally.refusals)
    out.push_back({"  refused with " + code, Count(count), Mark::Run, "pipeline"});
  out.push_back({"Wrong patient, per million messages",
                 Number(sum.field_messages ? 1e6 * static_cast<double>(tally.wrong_patient) /
                                                 static_cast<double>(sum.field_messages)
                                           : 0,
                        0),
                 Mark::Run, "message and document name different people"});
  out.push_back({"Discordance between laboratory and field", Count(tally.discordant), Mark::Run,
                 "messages refused of a version that the bench had passed"});
}

}  // namespace

std::string_view MarkName(Mark mark) {
  constexpr std::string_view kNames[] = {"fact", "fit", "model", "run"};
  return kNames[static_cast<std::size_t>(mark)];
}

std::vector<Figure> InputsOf(const CampaignOptions& options) {
  std::vector<Figure> inputs;
  inputs.push_back({"Weeks and seed", std::to_string(options.weeks) + ", " + std::to_string(options.seed),
                    Mark::Model, "given"});
  for (const auto& couloir : facts::kCouloirs)
    inputs.push_back({"Solutions, " + std::string(couloir.name), std::to_string(couloir.products), Mark::Fact,
                      std::string(facts::kCouloirSource)});
  auto warp = FitFrance();
  inputs.push_back(
      {"Week of a label", Number(warp.at) + " + " + Number(warp.per_week, 2) + " x the Italian week",
       Mark::Fit,
       "least squares over the four French checkpoints; shape from " + std::string(facts::kItalySource)});
  for (const auto& couloir : facts::kCouloirs)
    if (auto own = FitFrance(couloir.id); own.at != warp.at)
      inputs.push_back({"Week of a label, " + std::string(couloir.name),
                        Number(own.at) + " + " + Number(own.per_week, 2) + " x the Italian week", Mark::Fit,
                        "moved to the checkpoints of its own"});
  inputs.push_back({"Candidates beside those labelled in the end", std::to_string(facts::kRefused),
                    Mark::Fact, std::string(facts::kRefusedSource)});
  inputs.push_back({"Skill of those who are refused",
                    "0.02 of what was told, per round; refused after eight rounds", Mark::Fit,
                    "so that about as many are refused as were"});
  inputs.push_back({"Candidature before the label", "twelve weeks, before the bench and the examiners ran",
                    Mark::Fit, "so that the published points are met, over twelve seeds"});
  inputs.push_back({"Last candidature", "24 weeks before the counter closes", Mark::Fit,
                    "so that the close is met, over eight seeds"});
  inputs.push_back({"Before the counter closes", "thirteen weeks in which nine of ten deposit at once",
                    Mark::Model, "the close is published (week 119), the hurry invented"});
  inputs.push_back({"Defects of a first version", "Poisson, mean 3.2, from the operators that apply",
                    Mark::Model, "invented"});
  inputs.push_back({"Skill of repair", "0.35 to 0.85 of what was told, per round", Mark::Model, "invented"});
  inputs.push_back({"Examiners", "14 dossiers a week, two weeks on a desk", Mark::Model, "invented"});
  inputs.push_back({"Releases", "one in 30 weeks, 35 % with a regression", Mark::Model, "invented"});
  inputs.push_back({"Sites that set their software up wrongly", "5 % of the week's sample, one defect each",
                    Mark::Model, "invented"});
  inputs.push_back({"Silent sites", "40 %", Mark::Model,
                    "more than half of equipped doctors report malfunctions (fnmr.fr)"});
  inputs.push_back({"Documents fed of those made", "one in two", Mark::Fact, "ameli presse 2024-02-29"});
  return inputs;
}

std::vector<Figure> IndicatorsOf(const Simulation& simulation, const CampaignResult& result) {
  const auto& tally = simulation.tally();
  auto sum = Sum(result.weeks);
  const auto& last = result.weeks.back();
  std::vector<Figure> out;
  auto labelled = static_cast<double>(Labelled(simulation, "", last.week));
  for (const auto& couloir : facts::kCouloirs)
    out.push_back({"Labelled, " + std::string(couloir.name),
                   Count(Labelled(simulation, couloir.id, last.week)) + " of " +
                       std::to_string(CandidatesOf(couloir)) + " candidates",
                   Mark::Run, "dossiers granted on bench runs",
                   "event=grant&couloir=" + std::string(couloir.id)});
  out.push_back({"Weeks from admission to label, quartiles",
                 std::to_string(Quartile(tally.weeks_to_label, 0.25)) + ", " +
                     std::to_string(Quartile(tally.weeks_to_label, 0.5)) + ", " +
                     std::to_string(Quartile(tally.weeks_to_label, 0.75)),
                 Mark::Run,
                 "of " + Count(tally.weeks_to_label.size()) + " labels; those still open are not counted",
                 "event=grant"});
  out.push_back({"First-pass yield", Percent(static_cast<double>(tally.first_pass), labelled), Mark::Run,
                 "granted at round 0", "event=grant"});
  out.push_back({"Bench runs that failed",
                 Percent(static_cast<double>(sum.failed_runs), static_cast<double>(sum.bench_runs)),
                 Mark::Run, Count(sum.failed_runs) + " of " + Count(sum.bench_runs) + " bench runs",
                 "event=deposit"});
  out.push_back(
      {"Requirement quality: verdicts not decided",
       Percent(static_cast<double>(tally.undecided), static_cast<double>(tally.undecided + tally.decided)),
       Mark::Run, "of all verdicts in bench runs"});
  out.push_back({"Releases declared equivalent",
                 Percent(static_cast<double>(tally.equivalent), static_cast<double>(tally.declared)),
                 Mark::Run,
                 Count(tally.equivalent) + " of " + Count(tally.declared) +
                     "; Italy: 486 on 77 of 580 records, by hand",
                 "event=regression same"});
  out.push_back({"Regressions caught before the field",
                 Percent(static_cast<double>(tally.regressions_caught),
                         static_cast<double>(tally.regressions_caught + tally.regressions_missed)),
                 Mark::Run, Count(tally.regressions_missed) + " passed the bench",
                 "event=regression differs"});
  FieldIndicators(tally, sum, last, out);
  out.push_back({"Proof automation", "100 %", Mark::Run,
                 "every step of this simulation rests on a run; real dossiers: 20 to 36 %"});
  out.push_back({"Examiner workload: decisions, longest queue",
                 Count(tally.decisions) + ", " + Count(sum.queue), Mark::Model,
                 "pace modelled, queue counted"});
  out.push_back({"Overrides", "0", Mark::Model, "no examiner of the simulation overrides a verdict"});
  return out;
}

std::vector<Figure> ResidualsOf(const Simulation& simulation, const CampaignResult& result) {
  std::vector<Figure> out;
  int weeks = result.weeks.back().week;
  for (const auto& checkpoint : facts::kFrance) {
    std::string name = "Week " + std::to_string(checkpoint.week) + ", " +
                       (checkpoint.couloir.empty() ? std::string("all") : std::string(checkpoint.couloir)) +
                       ": published " + std::to_string(checkpoint.labelled);
    if (checkpoint.week > weeks) {
      out.push_back({name, "beyond the simulation", Mark::Fact, std::string(checkpoint.source)});
      continue;
    }
    auto simulated = static_cast<int>(Labelled(simulation, checkpoint.couloir, checkpoint.week));
    out.push_back({name,
                   "simulated " + std::to_string(simulated) + ", residual " +
                       std::to_string(simulated - checkpoint.labelled),
                   Mark::Run, std::string(checkpoint.source)});
  }
  if (weeks >= facts::kCounterCloses) {
    const auto& close = result.weeks[facts::kCounterCloses];
    out.push_back({"Week 119: those not labelled",
                   "still open " + std::to_string(close.open) + ", refused " + std::to_string(close.refused) +
                       ", given up " + std::to_string(close.abandoned),
                   Mark::Run,
                   "what the residual of that week is made of; " + std::string(facts::kRefusedSource)});
  }
  // The largest distance of the shares, each curve against its own end.
  auto warp = FitFrance();
  double end = static_cast<double>(Labelled(simulation, "", weeks)), distance = 0;
  double reached = (weeks - warp.at) / warp.per_week, reached_share = 0;
  for (double share = 0; share <= 1; share += 0.01)
    if (ItalianWeek(share) <= reached) reached_share = share;
  for (int week = 0; week <= weeks && end > 0 && reached_share > 0; ++week) {
    double italian = 0;
    for (double share = 0; share <= reached_share; share += 0.01)
      if (warp.at + warp.per_week * ItalianWeek(share) <= week) italian = share / reached_share;
    distance =
        std::max(distance, std::abs(static_cast<double>(Labelled(simulation, "", week)) / end - italian));
  }
  out.push_back({"Largest distance to the Italian curve in the French time", Number(distance, 3), Mark::Run,
                 std::string(facts::kItalySource)});
  return out;
}

}  // namespace passerelle::labelling
