#pragma once
// FolderTarget: a file for each delivery, named by the delivery's number, written beside and renamed in, so
// that nobody reads half of one and the same delivery twice is one file.

#include "gateway/targets/target.h"

namespace passerelle::targets {

Result<std::unique_ptr<Target>> MakeFolderTarget(const TargetOptions& options);

}  // namespace passerelle::targets
