#pragma once
// Compiles FHIR packages into one definitions pack (docs/pack.md).

#include <functional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "fhir_model/base/result.h"
#include "fhir_model/spec/library.h"

namespace passerelle::packages {

struct PackReport {
  std::size_t types = 0, shapes = 0, resources = 0;
  std::size_t bytes = 0;
  std::size_t snapshots = 0;   // made here, where a package had only the differential
  std::vector<Error> skipped;  // files that could not be read or made; the others are in the pack
};

// The pack's bytes. The first package that defines a type gives its shape; a resource keeps every version, a
// later package before an earlier one. `progress` is told each package as it is read. Packages without base
// types make a layer (report.types is 0), not a pack to build on. Snapshots that are missing are made, from
// what the packages hold and what `beneath` them is known already. With something beneath, resource files may be XML.
Result<std::string> BuildPack(std::span<const std::string> packages, PackReport& report,
                              const std::function<void(std::string_view)>& progress = {},
                              const spec::Library* beneath = nullptr);

// Writes the bytes beside `path` and renames, so that nobody maps half a pack.
Status WritePack(const std::string& path, std::string_view bytes);

}  // namespace passerelle::packages
