#pragma once
// Overlays: a site's own mapping tables, read from its folder.

#include <string>
#include <vector>

#include "fhir_model/base/result.h"
#include "mappers/engine/engine.h"

namespace passerelle::app {

// Every .map file below `folder`, as one layer, in the order of their names. The layer of the first overlay
// is 2.
Result<std::vector<engine::TableFile>> ReadOverlay(const std::string& folder, int layer);

}  // namespace passerelle::app
