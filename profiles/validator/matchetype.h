#pragma once
// Matchetypes: whether a resource is what an example says, where the example may leave open what it does not
// care about (the extensions .../tools/StructureDefinition/matchetype-*, and values such as "$uuid$"). Pure
// functions.

#include "fhir_model/base/issue.h"
#include "fhir_model/node/tree.h"

namespace passerelle::validator {

// Places are JSONPath-like: "$.name[0].text".
void CompareWithMatchetype(const node::Tree& resource, const node::Tree& matchetype, Issues& issues);

}  // namespace passerelle::validator
