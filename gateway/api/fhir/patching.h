#pragma once
// Patching: FHIRPath Patch (R4, 3.1.0.8) and JSON Patch (RFC 6902) on a stored resource.

#include "gateway/api/fhir/interactions.h"

namespace passerelle::api::fhir {

// `patch` is a Parameters resource, or a Binary that holds JSON Patch. PatchInvalid where it does not fit.
Result<Done> PatchResource(Interactions& interactions, const Request& request, std::string_view type,
                           std::string_view id, std::string_view if_match, const node::Tree& patch);

}  // namespace passerelle::api::fhir
