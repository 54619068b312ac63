#pragma once
// A StructureDefinition's tree as a spec::Profile.

#include "fhir_model/node/tree.h"
#include "fhir_model/spec/profile.h"

namespace passerelle::packages {

// Reads what stands in `definition` (its root is a StructureDefinition with a snapshot). The profile's text points
// into the tree, whose arena takes the JSON of fixed values and patterns.
spec::Profile ReadProfile(node::Tree& definition);

}  // namespace passerelle::packages
