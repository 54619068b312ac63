#include "gateway/app/definitions.h"

#include <filesystem>

#include "gateway/app/errors.h"

namespace passerelle::app {

Result<std::shared_ptr<const MappedDefinitions>> OpenDefinitions(const std::optional<std::string>& given,
                                                                 const std::string& configured) {
  std::string path = given.value_or(configured);
  if (path.empty()) {
    std::error_code failed;
    auto binary = std::filesystem::read_symlink("/proc/self/exe", failed);
    path = (binary.parent_path() / "definitions.pack").string();
  }
  if (std::error_code failed; !std::filesystem::is_regular_file(path, failed))
    return Error{errors::DefinitionsMissing, path};
  TRY(auto file, spec::MappedFile::Open(path));
  TRY(auto definitions, spec::Definitions::Open(file.bytes()));
  return std::make_shared<const MappedDefinitions>(MappedDefinitions{std::move(file), std::move(definitions)});
}

}  // namespace passerelle::app
