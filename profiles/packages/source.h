#pragma once
// Where FHIR packages come from: a folder, a .tgz as npm packs it, or one resource file. The only room that sees
// libarchive.

#include <functional>
#include <string>
#include <string_view>

#include "fhir_model/base/result.h"

namespace passerelle::packages {

struct PackageName {
  std::string id, version;  // "hl7.fhir.r4.examples", "4.0.1"
};

// Whether `path` names one resource file, and not a folder or an archive.
bool IsOneFile(const std::string& path);

// Calls visit(file name, bytes) for each JSON file of the package, in a stable order; an Error of visit ends it.
// A single resource file is a package without a name. Refused: names that leave the archive, links, more than 4 GiB
// or 100,000 files.
Result<PackageName> ReadPackage(const std::string& path,
                                const std::function<Status(std::string_view name, std::string bytes)>& visit);

}  // namespace passerelle::packages
