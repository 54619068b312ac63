#pragma once
// The errors of FHIRPath.

#include "fhir_model/base/error.h"

namespace passerelle::errors {
#include "fhir_model/base/define_errors.h"
#include "fhir_model/path/errors.def"
#include "fhir_model/base/undefine_errors.h"
}  // namespace passerelle::errors
