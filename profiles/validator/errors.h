#pragma once
// The errors of this room.

#include "fhir_model/base/error.h"

namespace passerelle::errors {
#include "fhir_model/base/define_errors.h"
#include "profiles/validator/errors.def"
#include "fhir_model/base/undefine_errors.h"
}  // namespace passerelle::errors
