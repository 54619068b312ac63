#pragma once
// Which slice an element belongs to: all discriminators of a slicing together.

#include "profiles/validator/profile_rules.h"
#include "profiles/validator/run.h"

namespace passerelle::validator {

// The nodes that the path leads to.
std::vector<At> Follow(Run& run, At from, const std::vector<Step>& path);

bool MatchesSlice(Run& run, node::NodeIndex at, std::size_t position, const SliceRules& slice,
                  std::size_t slice_number);

}  // namespace passerelle::validator
