#pragma once
// The rules of this room.

#include "fhir_model/base/issue.h"

namespace passerelle::rules {
#include "fhir_model/base/define_rules.h"
#include "mappers/engine/rules.def"
#include "fhir_model/base/undefine_rules.h"
}  // namespace passerelle::rules
