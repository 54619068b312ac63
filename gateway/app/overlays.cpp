#include "gateway/app/overlays.h"

#include <algorithm>
#include <filesystem>

#include "fhir_model/base/errors.h"
#include "gateway/app/command.h"

namespace passerelle::app {

namespace fs = std::filesystem;

Result<std::vector<engine::TableFile>> ReadOverlay(const std::string& folder, int layer) {
  std::error_code error;
  std::vector<fs::path> paths;
  if (fs::is_regular_file(folder, error)) {
    paths.emplace_back(folder);
  } else {
    fs::recursive_directory_iterator it(folder, error), end;
    for (; !error && it != end; it.increment(error))
      if (it->path().extension() == ".map") paths.push_back(it->path());
    if (error) return Error{errors::FileUnreadable, folder};
  }
  std::sort(paths.begin(), paths.end());
  std::vector<engine::TableFile> files;
  for (const auto& path : paths) {
    TRY(auto text, ReadFile(path.string()));
    files.push_back({path.string(), std::move(text), layer});
  }
  return files;
}

}  // namespace passerelle::app
