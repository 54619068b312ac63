#pragma once
// The console's files, built from this folder (build.mjs) and embedded in the binary. Without Node at build time there
// are none, and the gateway says so under "/".

#include <span>

#include "gateway/api/api.h"

namespace passerelle::console {

std::span<const api::Asset> Assets();

}  // namespace passerelle::console
