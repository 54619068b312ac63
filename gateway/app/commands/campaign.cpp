// passerelle campaign: two years of labelling, simulated on real runs.

#include <array>
#include <cstdio>
#include <cstdlib>

#include "fhir_model/base/errors.h"
#include "gateway/app/bench.h"
#include "gateway/app/campaign_run.h"
#include "gateway/app/command.h"
#include "gateway/app/errors.h"

namespace passerelle::app {
namespace {

int Run(const Arguments& arguments) {
  if (arguments.files().size() != 1 || arguments.files().front() != "simulate")
    return Fail({errors::UsageWrong, "campaign wants simulate"}, kUsage);
  labelling::CampaignOptions options;
  options.weeks = std::atoi(arguments.Get("--weeks").value_or("104").c_str());
  options.seed = std::strtoull(arguments.Get("--seed").value_or("1").c_str(), nullptr, 10);
  options.language = LanguageOf(arguments);
  if (options.weeks < 1 || options.weeks > 520)
    return Fail({errors::UsageWrong, "--weeks is 1 to 520"}, kUsage);
  auto bench = OpenBench(arguments);
  if (!bench) return Fail(bench.error(), kUnreadable);
  auto made = RunCampaign(**bench, arguments.Get("--examples").value_or("examples/labelling"), options);
  if (!made) return Fail(made.error(), kUnreadable);
  const auto& result = *made;
  if (auto saved = SaveCampaign(arguments.Get("--out").value_or("campaign"), result, options); !saved)
    return Fail(saved.error(), kUnreadable);
  std::printf("%zu products, %zu bench runs, %zu field messages, log SHA-256 %s\n", result.products,
              result.bench_runs, result.field_messages, result.log_digest.c_str());
  for (const auto& figures : {result.indicators, result.residuals})
    for (const auto& figure : figures)
      std::printf("%-58s %-28s %.*s\n", figure.name.c_str(), figure.value.c_str(),
                  static_cast<int>(labelling::MarkName(figure.mark).size()),
                  labelling::MarkName(figure.mark).data());
  return kClean;
}

constexpr std::array<std::string_view, 10> kOptions = {
    "--language",   "--weeks",  "--seed",        "--out",  "--examples",
    "--value-sets", "--schema", "--definitions", "--mode", "--package"};

}  // namespace

extern const Command kCampaign;
const Command kCampaign{
    "campaign",
    "two years of labelling, simulated on real runs of bench and pipeline",
    R"(usage: passerelle campaign simulate [--weeks N] [--seed S] [--out DIR] [--examples DIR]
                                    [--language en|fr]

Writes DIR/events.ndjson (one line an event, each with the run it rests on), DIR/weekly.csv, DIR/campaign.json,
DIR/campaign.fr.json and DIR/report.html; below the bench's folder, as BENCH/campaign, the console shows it.
Vendors, repair and volumes are modelled; every verdict and refusal comes from a real run. The same seed gives the
same log, byte for byte. --examples has the good files that versions start from. --value-sets, --schema and
--definitions as in check.
)",
    kOptions,
    {},
    Run};

}  // namespace passerelle::app
