#pragma once
// Whole files: what is written is on the disk when it is said to be, all of it or not at all.

#include <string>
#include <string_view>

#include "fhir_model/base/result.h"

namespace passerelle::app {

// Takes the place of what was there; FileUnwritable leaves that as it was. One writer of a path at a time.
Status WriteWhole(const std::string& path, std::string_view text, int mode = 0644);
// `from` takes the place of `to`.
Status PutInPlace(const std::string& from, const std::string& to);

}  // namespace passerelle::app
