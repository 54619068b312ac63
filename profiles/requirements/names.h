#pragma once
// Bare names of HL7 v2 and attributes (`PID-3.5`, `@root`) in the expressions of requirements, as
// docs/mapping.md has them in conditions: of the segment in hand, else of the nearest segment of that name.

#include <cstdint>
#include <optional>
#include <string_view>
#include <vector>

#include "fhir_model/path/path.h"

namespace passerelle::requirements {

// Slots are process-wide: a token keeps its number. Safe from any thread.
std::optional<std::uint32_t> NameSlot(std::string_view token);
void ResolveName(std::uint32_t slot, const path::Item& focus, std::vector<path::Item>& out);

}  // namespace passerelle::requirements
