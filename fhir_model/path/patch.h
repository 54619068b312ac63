#pragma once
// FHIRPath Patch (FHIR R4, 3.1.0.8): a Parameters resource whose "operation" parameters add, insert, delete,
// replace or move elements of another resource.
//
// All or nothing: the resource given stays as it was, the patched one is a new tree, typed by the
// definitions. What is left without content by a deletion goes too. Deleting what is not there is no error.
//
// Errors: PatchMalformed (the Parameters), PatchNotApplicable (no single target, an index beyond the list, a
// second value for what takes one), PathSyntax and the like for paths.

#include "fhir_model/base/result.h"
#include "fhir_model/node/tree.h"
#include "fhir_model/spec/spec.h"

namespace passerelle::path {

// `resource` and `parameters` are where the resource and the Parameters begin in their trees.
Result<node::Tree> ApplyPatch(const node::Tree& tree, node::NodeIndex resource, const node::Tree& patch,
                              node::NodeIndex parameters, const spec::Definitions& definitions);

}  // namespace passerelle::path
