#pragma once
// What the validator can find.

#include "fhir_model/base/issue.h"

namespace passerelle::validator::rules {
#include "fhir_model/base/define_rules.h"
#include "profiles/validator/rules.def"
#include "fhir_model/base/undefine_rules.h"
}  // namespace passerelle::validator::rules
