#pragma once
// Structure: one message structure of structures.def, compiled. Immutable, made once, safe from any thread.

#include <bitset>
#include <cstddef>
#include <string_view>
#include <vector>

#include "fhir_model/node/names.h"

namespace passerelle::hl7v2 {

inline constexpr std::size_t kSegmentsOfStructureMax = 96;
using SegmentSet = std::bitset<kSegmentsOfStructureMax>;
inline constexpr std::size_t kNotInStructure = kSegmentsOfStructureMax;

// A segment or a group. The elements of a structure stand in reading order, so what is in a group follows it,
// up to `end`, which is also where the element's next sibling stands.
struct Element {
  node::NameId name = 0;
  bool group = false, optional = false, repeats = false;
  bool told_by_first = false;  // a group that never begins without what it requires
  std::size_t end = 0;
  SegmentSet opens;     // the segments it may begin with when all that is required is there
  SegmentSet contains;  // all segments in it
};

struct Structure {
  std::string_view name;               // "ORU_R01"
  std::vector<Element> elements;       // elements[0] is the message itself, a group
  std::vector<node::NameId> segments;  // sorted; the n-th has bit n in the sets

  std::size_t NumberOf(node::NameId segment) const;  // kNotInStructure for others
};

// nullptr when there is none of that name.
const Structure* FindStructure(std::string_view name);

}  // namespace passerelle::hl7v2
