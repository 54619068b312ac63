#pragma once
// The campaign on our own bench and pipeline, and the files it leaves; for the command line and the console.

#include <string>

#include "fhir_model/base/result.h"
#include "gateway/app/bench.h"
#include "gateway/labelling/campaign.h"

namespace passerelle::app {

// `examples` is the folder of good files that versions start from. FileUnreadable where it has none,
// DefinitionsMissing where the bench has no definitions.
Result<labelling::CampaignResult> RunCampaign(const Bench& bench, const std::string& examples,
                                              const labelling::CampaignOptions& options);

// events.ndjson, weekly.csv, campaign.json and campaign.fr.json, report.html in the language of the options.
Status SaveCampaign(const std::string& folder, const labelling::CampaignResult& result,
                    const labelling::CampaignOptions& options);

}  // namespace passerelle::app
