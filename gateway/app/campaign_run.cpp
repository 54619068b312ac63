#include "gateway/app/campaign_run.h"

#include <filesystem>

#include "fhir_model/base/errors.h"
#include "gateway/app/command.h"
#include "gateway/app/errors.h"
#include "gateway/app/whole_file.h"

namespace passerelle::app {
namespace {

namespace fs = std::filesystem;

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

}  // namespace

Result<labelling::CampaignResult> RunCampaign(const Bench& bench, const std::string& examples,
                                              const labelling::CampaignOptions& options) {
  if (!bench.normaliser) return Error{errors::DefinitionsMissing};
  TRY(auto operators, labelling::ReadOperators(labelling::ShippedMutants()));
  labelling::CampaignBench campaign;
  campaign.catalogue = &bench.catalogue, campaign.operators = operators;
  campaign.reader = bench.reader, campaign.world = &bench.world;
  campaign.reader.draft = nullptr;
  std::error_code none;
  for (const auto& entry : fs::directory_iterator(examples, none))
    if (auto bytes = ReadFile(entry.path().string()))
      campaign.examples[entry.path().filename().string()] = *std::move(bytes);
  if (campaign.examples.empty()) return Error{errors::FileUnreadable, examples};
  campaign.pipeline = [&](const std::string& bytes) { return PipelineOf(*bench.normaliser, bytes); };
  return labelling::Simulate(options, campaign);
}

Status SaveCampaign(const std::string& folder, const labelling::CampaignResult& result,
                    const labelling::CampaignOptions& options) {
  std::error_code none;
  fs::create_directories(folder, none);
  auto json = [&](Language language) {
    auto in_language = options;
    in_language.language = language;
    return labelling::CampaignJson(result, in_language);
  };
  CHECK_OK(WriteWhole(folder + "/events.ndjson", result.log));
  CHECK_OK(WriteWhole(folder + "/weekly.csv", labelling::CampaignCsv(result)));
  CHECK_OK(WriteWhole(folder + "/campaign.json", json(Language::English)));
  CHECK_OK(WriteWhole(folder + "/campaign.fr.json", json(Language::French)));
  return WriteWhole(folder + "/report.html", labelling::CampaignHtml(result, options));
}

}  // namespace passerelle::app
