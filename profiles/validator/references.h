#pragma once
// Finding what a reference names, within the input or by the caller's means.

#include "profiles/validator/run.h"

namespace passerelle::validator {

enum class Where : std::uint8_t { Nowhere, Contained, Bundled, Outside };

struct Target {
  At resource;
  Where where = Where::Nowhere;
  std::size_t matches = 0;  // in the Bundle
};

// What the text of a reference that stands at `at` names.
Target Resolve(Run& run, node::NodeIndex at, std::string_view reference);

}  // namespace passerelle::validator
