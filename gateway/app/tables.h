#pragma once
// The mapping tables in force: those that ship with the binary, and the site's overlays on top of them.

#include <string>
#include <vector>

#include "mappers/engine/engine.h"

namespace passerelle::app {

// Each folder of `overlays` is a layer of its own, a later one above an earlier one. The first error of several, with
// its file and line.
Result<engine::Program> CompileTables(const std::vector<std::string>& overlays, const spec::Definitions& definitions);

}  // namespace passerelle::app
