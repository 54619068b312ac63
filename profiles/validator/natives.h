#pragma once
// Native tests: the constraints that stand in many places, or that would take quadratic time as FHIRPath, as
// functions of the same meaning.

#include <string_view>

#include "profiles/validator/invariants.h"

namespace passerelle::validator {

// nullptr when there is none for this key with this published expression.
NativeTest FindNative(std::string_view key, std::string_view expression);

}  // namespace passerelle::validator
