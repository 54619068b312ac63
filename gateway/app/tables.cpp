#include "gateway/app/tables.h"

#include <algorithm>
#include <filesystem>

#include "fhir_model/base/errors.h"
#include "gateway/app/command.h"

namespace passerelle::app {
namespace {

namespace fs = std::filesystem;
constexpr int kFirstSiteLayer = 2;

}  // namespace

Result<std::vector<engine::TableFile>> ReadOverlays(const std::vector<std::string>& folders) {
  std::vector<engine::TableFile> files;
  int layer = kFirstSiteLayer;
  for (const auto& folder : folders) {
    std::error_code failed;
    std::vector<fs::path> paths;
    for (const auto& entry : fs::recursive_directory_iterator(folder, failed))
      if (entry.path().extension() == ".map") paths.push_back(entry.path());
    if (failed) return Error{errors::FileUnreadable, failed.message(), {folder}};
    std::sort(paths.begin(), paths.end());
    for (const auto& path : paths) {
      TRY(auto text, ReadFile(path.string()));
      files.push_back({path.string(), std::move(text), layer});
    }
    ++layer;
  }
  return files;
}

Result<engine::Program> CompileTables(const std::vector<std::string>& overlays,
                                      const spec::Definitions& definitions) {
  auto files = engine::ShippedTables();
  TRY(auto site, ReadOverlays(overlays));
  std::move(site.begin(), site.end(), std::back_inserter(files));
  return engine::Program::Compile(files, definitions);
}

}  // namespace passerelle::app
