// passerelle campaign: two years of labelling, simulated on real runs.

#include <array>
#include <cstdio>
#include <cstdlib>
#include <filesystem>
#include <fstream>

#include "fhir_model/base/errors.h"
#include "gateway/app/bench.h"
#include "gateway/app/command.h"
#include "gateway/app/errors.h"
#include "gateway/labelling/campaign.h"

namespace passerelle::app {
namespace {

// What the gateway would say of these bytes: AA, or the error that refuses them.
std::string PipelineOf(const normalise::Normaliser& normaliser, const std::string& bytes) {
  normalise::Options options;
  options.limits = kWireLimits;
  options.map.id_key = engine::kPublicIdKey;
  options.map.timezone = "Europe/Paris";
  auto made = normaliser.Run(bytes, options);
  if (!made.refusal) return "AA";
  return std::string(made.refusal->info->ack_code) + " " + std::string(made.refusal->info->name);
}

Status Save(const std::string& path, std::string_view text) {
  std::ofstream out(path, std::ios::binary);
  out << text << std::flush;
  if (!out) return Error{errors::FileUnwritable, path};
  return Ok();
}

Status SaveAll(const std::string& folder, const labelling::CampaignResult& result,
               const labelling::CampaignOptions& options) {
  std::error_code none;
  std::filesystem::create_directories(folder, none);
  CHECK_OK(Save(folder + "/events.ndjson", result.log));
  CHECK_OK(Save(folder + "/weekly.csv", labelling::CampaignCsv(result)));
  CHECK_OK(Save(folder + "/campaign.json", labelling::CampaignJson(result, options)));
  return Save(folder + "/report.html", labelling::CampaignHtml(result, options));
}

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
  if (!(*bench)->normaliser) return Fail({errors::DefinitionsMissing}, kUnreadable);
  auto operators = labelling::ReadOperators(labelling::ShippedMutants());
  if (!operators) return Fail(operators.error(), kUnreadable);
  labelling::CampaignBench campaign;
  campaign.catalogue = &(*bench)->catalogue, campaign.operators = *operators;
  campaign.reader = (*bench)->reader, campaign.world = &(*bench)->world;
  campaign.reader.draft = nullptr;
  std::string examples = arguments.Get("--examples").value_or("examples/labelling");
  std::error_code none;
  for (const auto& entry : std::filesystem::directory_iterator(examples, none))
    if (auto bytes = ReadFile(entry.path().string()))
      campaign.examples[entry.path().filename().string()] = *std::move(bytes);
  if (campaign.examples.empty()) return Fail({errors::FileUnreadable, examples}, kUnreadable);
  campaign.pipeline = [&](const std::string& bytes) { return PipelineOf(*(*bench)->normaliser, bytes); };
  auto result = labelling::Simulate(options, campaign);
  if (auto saved = SaveAll(arguments.Get("--out").value_or("campaign"), result, options); !saved)
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

Writes DIR/events.ndjson (one line an event, each with the run it rests on), DIR/weekly.csv, DIR/campaign.json
and DIR/report.html; below the bench's folder, as BENCH/campaign, the console shows it.
Vendors, repair and volumes are modelled; every verdict and refusal comes from a real run. The same seed gives the
same log, byte for byte. --examples has the good files that versions start from. --value-sets, --schema and
--definitions as in check.
)",
    kOptions,
    {},
    Run};

}  // namespace passerelle::app
