#pragma once
// The campaign: two years of a labelling effort as a model whose verdicts are real.
//
// Modelled are the vendors (which defects a version has, how fast they mend), the examiners' pace and the
// volumes. Every verdict comes from the bench that ran over the bytes a version makes; every acceptance or
// refusal in the field from the pipeline that read them. The same seed gives the same log, byte for byte: no
// clock, no other randomness.

#include <cstdint>
#include <functional>
#include <map>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "gateway/labelling/input.h"
#include "gateway/labelling/mutation.h"
#include "profiles/requirements/evaluate.h"

namespace passerelle::labelling {

// Where a number comes from: published, chosen so that the curve fits published points, invented, or counted
// in real runs.
enum class Mark : std::uint8_t { Fact, Fit, Model, Run };
std::string_view MarkName(Mark mark);

struct Figure {
  std::string name, value;
  Mark mark = Mark::Run;
  std::string source;  // of facts; else how it was made
  std::string behind =
      {};  // which events of the log it counts: "event=grant&couloir=HOP"; empty: no one kind
};

// What the simulation runs on. `examples` are good files by name; `pipeline` gives "AA", or the code and name
// of the refusal.
struct CampaignBench {
  const requirements::Catalogue* catalogue = nullptr;
  std::span<const Operator> operators;
  std::map<std::string, std::string> examples;
  Reader reader;
  const requirements::World* world = nullptr;
  std::function<std::string(const std::string& bytes)> pipeline;
};

struct CampaignOptions {
  int weeks = 104;
  std::uint64_t seed = 1;
  Language language = Language::English;  // of the report
  // Told before each week but the first; false: stop, what comes back is cut short.
  std::function<bool(int week)> go_on = {};
};

struct WeekRow {
  int week = 0;
  std::string date;
  std::size_t open = 0, labelled = 0, refused = 0, abandoned = 0, surveillance = 0, suspended = 0;
  std::size_t bench_runs = 0, failed_runs = 0, field_messages = 0, field_refused = 0, queue = 0;
  double documents_millions = 0, sites_fed = 0, sites_silent = 0;
};

struct CampaignResult {
  std::string log;         // one JSON line an event, each with the run it rests on
  std::string log_digest;  // SHA-256, hex
  std::vector<WeekRow> weeks;
  std::vector<Figure> inputs;  // facts, fits and models
  std::vector<Figure> indicators;
  std::vector<Figure> residuals;                                 // of the calibration
  std::vector<std::pair<std::string, std::size_t>> top_failing;  // requirement, runs
  std::size_t products = 0, bench_runs = 0, field_messages = 0;
};

CampaignResult Simulate(const CampaignOptions& options, const CampaignBench& bench);

std::string CampaignCsv(const CampaignResult& result);
std::string CampaignJson(const CampaignResult& result, const CampaignOptions& options);
std::string CampaignHtml(const CampaignResult& result, const CampaignOptions& options);

}  // namespace passerelle::labelling
