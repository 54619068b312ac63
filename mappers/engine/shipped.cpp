#include "mappers/engine/shipped.h"

#include "mappers/engine/engine.h"

namespace passerelle::engine {

std::vector<TableFile> ShippedTables() {
  std::vector<TableFile> files;
  for (const ShippedFile* file = kShippedFiles; !file->name.empty(); ++file)
    files.push_back(
        {std::string(file->name), std::string(file->text), file->name.starts_with("fr/") ? 1 : 0});
  return files;
}

}  // namespace passerelle::engine
