#pragma once
// The rows of errors.def.

#include "fhir_model/base/error.h"

namespace passerelle::errors {
#include "fhir_model/base/define_errors.h"
#include "profiles/requirements/errors.def"
#include "fhir_model/base/undefine_errors.h"
}  // namespace passerelle::errors
