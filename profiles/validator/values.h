#pragma once
// Comparing values: fixed values, patterns, bounds.

#include <optional>
#include <string_view>

#include "fhir_model/node/tree.h"

namespace passerelle::validator {

// Every child of the pattern has its match among the children of the value; for a primitive, the same text.
bool MatchesPattern(const node::Tree& tree, node::NodeIndex value, const node::Tree& pattern_tree,
                    node::NodeIndex pattern);
// The same children in the same order, ids apart.
bool MatchesFixed(const node::Tree& tree, node::NodeIndex value, const node::Tree& fixed_tree,
                  node::NodeIndex fixed);

// -1, 0, 1; nothing when one of them is no decimal. Exact, whatever the number of digits.
std::optional<int> CompareDecimals(std::string_view a, std::string_view b);

// -1, 0, 1 for two values of one type: numbers, dates, times, texts, Quantities by their units; nothing when
// they cannot be compared.
std::optional<int> CompareValues(const node::Tree& tree, node::NodeIndex at, const node::Tree& bound_tree,
                                 node::NodeIndex bound);

}  // namespace passerelle::validator
