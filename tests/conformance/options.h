#pragma once
// How the suites convert: as on a French site, without a secret, so that ids are the same on every machine.

#include "mappers/engine/engine.h"
#include "mappers/normalise/normalise.h"

namespace passerelle::tests {

inline normalise::Options PublicOptions() {
  normalise::Options options;
  options.limits = kFileLimits;
  options.map.id_key = engine::kPublicIdKey;
  options.map.timezone = "Europe/Paris";
  return options;
}

// Of messages: what has no authority counts as one sender's.
inline engine::MapOptions PublicMapOptions() {
  auto options = PublicOptions().map;
  options.scope = "conformance";
  return options;
}

}  // namespace passerelle::tests
