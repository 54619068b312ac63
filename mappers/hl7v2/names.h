#pragma once
// Node names of HL7 v2 ("PID", "PID-3", "PID-3.4", "PID-3.4.2") from numbers, without building text each time.

#include <array>
#include <cstdint>
#include <string_view>

#include "fhir_model/node/tree.h"

namespace passerelle::hl7v2 {

// The segments of HL7 v2.1 to v2.9, and those of PAM-FR.
bool IsKnownSegment(std::string_view name);

// Where a value stands. 0 for what does not apply: {"PID", 3, 0, 0} is the field.
struct Position {
  std::array<char, 3> segment;
  std::uint32_t field = 0, component = 0, subcomponent = 0;
};

// The id under which a node of `tree` carries the name. Names in the segments of the standard become global (up to a
// fixed number of them, so that nobody can make the process grow); others stay the tree's own unless a table knows
// them. Safe from any thread.
node::NameId NameOf(node::Tree& tree, const Position& position);

}  // namespace passerelle::hl7v2
