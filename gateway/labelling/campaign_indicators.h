#pragma once
// What an auditor wants to know of a campaign, each figure marked by where it comes from. Private to this
// room.

#include <vector>

#include "gateway/labelling/campaign.h"

namespace passerelle::labelling {

class Simulation;

std::vector<Figure> InputsOf(const CampaignOptions& options);
std::vector<Figure> IndicatorsOf(const Simulation& simulation, const CampaignResult& result);
// Of the label curve against Italy's shape and France's checkpoints.
std::vector<Figure> ResidualsOf(const Simulation& simulation, const CampaignResult& result);

}  // namespace passerelle::labelling
