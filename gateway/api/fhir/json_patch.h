#pragma once
// JSON Patch (RFC 6902) on a resource. A list is the elements of one name; "/_birthDate/..." leads into the
// extensions of a primitive, as FHIR JSON writes them.

#include <string_view>

#include "fhir_model/base/result.h"
#include "fhir_model/node/tree.h"

namespace passerelle::api::fhir {

// `operations` is the text of the patch. PatchInvalid with the operation's place; the tree is then half
// changed and must be thrown away.
Status ApplyJsonPatch(std::string_view operations, node::Tree& resource);

}  // namespace passerelle::api::fhir
