#pragma once
// Probe: what tells at a glance that a row has nothing to do on a node, as bits: names and positions
// modulo 64. All rows of a map start from the same node, and most of them find nothing there. Private to this
// room.

#include <cstdint>

#include "fhir_model/node/names.h"

namespace passerelle::engine {

inline constexpr std::uint32_t kProbeSlots = 64;
constexpr std::uint8_t ProbeSlot(std::uint32_t number) {
  return static_cast<std::uint8_t>(number % kProbeSlots);
}
constexpr std::uint64_t ProbeBit(std::uint32_t number) { return std::uint64_t{1} << ProbeSlot(number); }

// What a row needs, by its source and its condition; the row may still find nothing.
struct Probe {
  std::uint64_t below = 0;      // right below the node in hand: names in CDA, positions in HL7 v2
  std::uint64_t somewhere = 0;  // of the segments and groups of a message
  node::NameId origin = 0;      // `below` counts on nodes of this name only
  bool starts_chain = true;     // not an else row
};

}  // namespace passerelle::engine
