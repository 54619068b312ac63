#pragma once
// The mapping tables in force: those that ship with the binary, and the site's overlays on top of them.

#include <string>
#include <vector>

#include "fhir_model/spec/library.h"
#include "mappers/engine/engine.h"

namespace passerelle::app {

// Every *.map file below the folders, in the order of their names; each folder is a layer of its own.
// FileUnreadable.
Result<std::vector<engine::TableFile>> ReadOverlays(const std::vector<std::string>& folders);

// The shipped tables with the overlays. The first error of several, with its file and line.
Result<engine::Program> CompileTables(const std::vector<std::string>& overlays,
                                      const spec::Definitions& definitions);

}  // namespace passerelle::app
