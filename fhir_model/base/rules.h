#pragma once

#include "fhir_model/base/issue.h"

namespace passerelle::rules {
#include "fhir_model/base/define_rules.h"
#include "fhir_model/base/rules.def"
#include "fhir_model/base/undefine_rules.h"
}  // namespace passerelle::rules
