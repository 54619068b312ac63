#include "gateway/api/fhir/patching.h"

#include "fhir_model/base/digest.h"
#include "fhir_model/json/json.h"
#include "fhir_model/path/patch.h"
#include "gateway/api/errors.h"
#include "gateway/api/fhir/json_patch.h"

namespace passerelle::api::fhir {

using node::kRoot;
using node::Tree;

namespace {

constexpr std::string_view kJsonPatch = "application/json-patch+json";

Result<Tree> Patched(const spec::Definitions& definitions, Tree current, const Tree& patch) {
  if (patch.name(kRoot) == "Parameters") return path::ApplyPatch(current, kRoot, patch, kRoot, definitions);
  if (patch.name(kRoot) != "Binary" || !patch.ChildText(kRoot, "contentType").starts_with(kJsonPatch))
    return Error{errors::PatchInvalid, "a patch is Parameters, or JSON Patch in a Binary"};
  TRY(auto operations, DecodeBase64(patch.ChildText(kRoot, "data")));
  CHECK_OK(ApplyJsonPatch(operations, current));
  // Read again: what was added has no types yet.
  return json::Parse(json::Write(current), kFileLimits, &definitions);
}

}  // namespace

Result<Done> PatchResource(Interactions& interactions, const Request& request, std::string_view type,
                           std::string_view id, std::string_view if_match, const Tree& patch) {
  const spec::Definitions& definitions = request.services.definitions;
  TRY(auto current, interactions.Current(type, id, if_match));
  TRY(auto tree, json::Parse(current.json, kFileLimits, &definitions));
  TRY(auto patched, Patched(definitions, std::move(tree), patch));
  if (patched.name(kRoot) != type || patched.ChildText(kRoot, "id") != current.id)
    return Error{errors::PatchInvalid, "type and id stay what they are"};
  Issues issues;
  auto checked = CheckResource(request, patched, issues);
  if (!checked && issues.HasErrors())
    return Error{errors::ResourceInvalid, std::string(issues.all().front().rule->id),
                 issues.all().front().place};
  if (!checked) return checked.error();
  return interactions.Update(patched, current.id, {}, false, "PATCH");
}

}  // namespace passerelle::api::fhir
