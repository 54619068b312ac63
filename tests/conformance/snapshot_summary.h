#pragma once
// What two snapshots must have in common to say the same to a validator, whatever else their texts are.

#include <string>

#include "fhir_model/node/tree.h"

namespace passerelle::tests {

// The first element in which they differ, as "expected ...\n    found ..."; empty: they say the same.
std::string FirstDifference(const node::Tree& published, const node::Tree& made);

}  // namespace passerelle::tests
