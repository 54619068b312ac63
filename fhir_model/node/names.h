#pragma once
// Names: element names as small numbers, so that a step of a path is a comparison of integers.
//
// One vocabulary for the whole process, append-only. Only trusted sources add to it (definitions, tables,
// compiled expressions); a parser looks up, and keeps names nobody knows inside its own Tree, so that hostile
// input cannot make the process grow. All functions are safe from any thread; Find takes no lock.

#include <cstdint>
#include <string_view>

namespace passerelle::node {

using NameId = std::uint32_t;  // 0: no name

// Names that a Tree keeps for itself have this bit.
inline constexpr NameId kLocalName = 0x8000'0000u;

// Adds `name` if it is new. The vocabulary holds at most 2^17 names; beyond that, a program fault.
NameId Intern(std::string_view name);

// 0 when nobody interned it.
NameId Find(std::string_view name);

// The text of a global name; valid for the life of the process.
std::string_view NameText(NameId id);

// For an HL7 v2 name that ends in ".1" ("PID-3.1") the name without it ("PID-3"), else 0: a field with a single
// component is that component (HL7 v2.5.1, 2.5.3).
NameId WithoutFirstComponent(NameId id);

}  // namespace passerelle::node
