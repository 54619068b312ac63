#pragma once
// Grammar: groups the segments of a message as the event's structure says ("PATIENT_RESULT",
// "ORDER_OBSERVATION", ...), with recovery: a segment out of place joins the group where it stands and costs
// none of those after it. The structures are data: structures.def.
//
// The order of the segments never changes, so a grouped message is written byte for byte as it came. Time is
// linear in the number of segments. Safe from any thread.

#include <string_view>
#include <vector>

#include "fhir_model/base/issue.h"
#include "fhir_model/node/tree.h"

namespace passerelle::hl7v2 {

// Moves the segments below the root of `message` into group nodes. Structure by MSH-9.3, else by the event.
// Unknown structures stay flat, with an issue; misplaced segments are issues.
void Group(node::Tree& message, Issues& issues);

// The structure an event uses ("ADT^A04" -> "ADT_A01"), by table 0354; empty when unknown.
std::string_view StructureOf(std::string_view event);

// Every event of the structures ("ADT^A01", ...), in the order of the file.
std::vector<std::string_view> KnownEvents();

}  // namespace passerelle::hl7v2
