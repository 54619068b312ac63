#pragma once
// Grammar: groups the segments of a message as the event's structure says ("PATIENT_RESULT", "ORDER_OBSERVATION", ...),
// with recovery: a segment out of place joins the group where it stands and costs none of those after it.

#include <string_view>

#include "fhir_model/base/issue.h"
#include "fhir_model/node/tree.h"

namespace passerelle::hl7v2 {

// Moves the segments below the root of `message` into group nodes. Structure by MSH-9.3, else by the event. Unknown
// structures stay flat, with an issue; misplaced segments are issues.
void Group(node::Tree& message, Issues& issues);

// The structure an event uses ("ADT^A04" -> "ADT_A01"), by table 0354; empty when unknown.
std::string_view StructureOf(std::string_view event);

}  // namespace passerelle::hl7v2
