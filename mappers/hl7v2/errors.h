#pragma once
// The errors of reading HL7 v2.

#include "fhir_model/base/error.h"

namespace passerelle::errors {
#include "fhir_model/base/define_errors.h"
#include "mappers/hl7v2/errors.def"
#include "fhir_model/base/undefine_errors.h"
}  // namespace passerelle::errors
