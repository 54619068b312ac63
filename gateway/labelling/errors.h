#pragma once
// The errors of this room.

#include "fhir_model/base/error.h"

namespace passerelle::errors {
#include "fhir_model/base/define_errors.h"
#include "gateway/labelling/errors.def"
#include "fhir_model/base/undefine_errors.h"
}  // namespace passerelle::errors
