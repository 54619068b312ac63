#pragma once
// The order of a differential: we take elements in any order, the reference refuses what is not in the
// order of the base.

#include <string>
#include <vector>

#include "fhir_model/node/tree.h"

namespace passerelle::packages {

// `definition` has a snapshot and a differential. The path of the first element of the differential that
// stands in the snapshot before those already named; empty: they are in order.
std::string FindDisorder(const node::Tree& definition);

// The differential's elements in the order of the snapshot; slices and what the snapshot does not have stay
// in the order in which they were written.
std::vector<node::NodeIndex> SortDifferential(const node::Tree& definition);

}  // namespace passerelle::packages
