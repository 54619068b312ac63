#include "gateway/app/tables.h"

#include "gateway/app/overlays.h"

namespace passerelle::app {
namespace {
constexpr int kFirstSiteLayer = 2;
}

Result<engine::Program> CompileTables(const std::vector<std::string>& overlays, const spec::Definitions& definitions) {
  auto files = engine::ShippedTables();
  int layer = kFirstSiteLayer;
  for (const auto& folder : overlays) {
    TRY(auto site, ReadOverlay(folder, layer++));
    std::move(site.begin(), site.end(), std::back_inserter(files));
  }
  return engine::Program::Compile(files, definitions);
}

}  // namespace passerelle::app
