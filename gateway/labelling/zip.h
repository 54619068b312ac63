#pragma once
// Zip: a ZIP that somebody else made, read into memory, and the plain one that we make.
//
// Reading trusts nothing that the archive says: names that leave its folder, sizes that lie, contents that
// swell, ciphers and repeated names are refused, and the whole archive with them.

#include <string>
#include <string_view>
#include <vector>

#include "fhir_model/base/result.h"

namespace passerelle::labelling {

struct ZipFile {
  std::string name, bytes;
};

bool LooksLikeZip(std::string_view bytes);

// The files of an archive in the order of its directory; folders are left out.
Result<std::vector<ZipFile>> ReadZip(std::string_view bytes);

// Stored, not compressed; all of 1980-01-01, so that the same files give the same bytes.
std::string WriteZip(const std::vector<ZipFile>& files);

}  // namespace passerelle::labelling
