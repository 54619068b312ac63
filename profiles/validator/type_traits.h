#pragma once
// What ElementDefinition may say of values of a type: bounds, lengths, bindings, targets.

#include <cstdint>
#include <string_view>

namespace passerelle::validator {

enum class Trait : std::uint8_t { HasRange = 1, HasLength = 2, CanBind = 4, HasTarget = 8 };

// False for a type that is not in the table, as well as for the structures that have none of these.
bool HasTrait(std::string_view type, Trait trait);

}  // namespace passerelle::validator
