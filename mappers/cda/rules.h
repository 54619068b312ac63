#pragma once
// What the CDA reader noticed and carried on with; each tolerance is a rule of its own.

#include "fhir_model/base/issue.h"

namespace passerelle::rules {
#include "fhir_model/base/define_rules.h"
#include "mappers/cda/rules.def"
#include "fhir_model/base/undefine_rules.h"
}  // namespace passerelle::rules
