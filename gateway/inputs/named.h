#pragma once
// Named: the identifiers of the patient that a source names, whatever becomes of it: who looks for a
// patient's messages finds those that were refused too.

#include <vector>

#include "fhir_model/node/tree.h"
#include "gateway/pipeline/message.h"

namespace passerelle::inputs {

// PID-3 of HL7 v2, the recordTarget of a CDA, the Patients of FHIR. At most 64.
std::vector<pipeline::Identifier> NamedIn(const node::Tree& source);

}  // namespace passerelle::inputs
