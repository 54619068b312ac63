// Search parameters, capabilities, structures: what their definitions cannot say.

#include <algorithm>

#include "fhir_model/json/json.h"
#include "profiles/packages/errors.h"
#include "profiles/packages/snapshot.h"
#include "profiles/validator/families.h"

namespace passerelle::validator {

using node::kNone;
using node::NodeIndex;

void CheckCanonicalUrl(Run& run, NodeIndex resource) {
  NodeIndex url = run.tree.Child(resource, run.words.url);
  if (url == kNone || run.tree[url].text.empty() || IsAbsoluteUri(run.tree[url].text)) return;
  run.Report(rules::UrlRelative, url, {run.tree[url].text});
}

namespace {

// A member of a conformance resource that is known here: "type" of a SearchParameter.
std::string MemberOf(const Run& run, std::string_view canonical, std::string_view type,
                     std::string_view member) {
  auto found = run.engine.library.Find(canonical, type);
  if (!found) return {};
  auto tree = json::Parse(std::string(found->json), kFileLimits);
  return tree ? std::string(tree->ChildText(node::kRoot, member)) : std::string();
}

}  // namespace

void CheckSearchParameter(Run& run, NodeIndex resource) {
  CheckCanonicalUrl(run, resource);
  std::string_view type = run.Text(resource, run.words.type),
                   from = run.tree.ChildText(resource, "derivedFrom");
  std::size_t components = 0;
  for (NodeIndex child : node::Children(run.tree, resource))
    components += run.tree[child].name == run.words.component;
  if (type == "composite" && components < 2) run.Report(rules::CompositeComponents, resource);
  if (from.empty()) return;
  std::string wanted = MemberOf(run, from, "SearchParameter", "type");
  if (!wanted.empty() && wanted != type) run.Report(rules::SearchDerivedType, resource, {type, wanted, from});
}

void CheckCapabilityStatement(Run& run, NodeIndex resource) {
  CheckCanonicalUrl(run, resource);
  for (NodeIndex rest : node::Children(run.tree, resource)) {
    if (run.tree.name(rest) != "rest") continue;
    for (NodeIndex served : node::Children(run.tree, rest)) {
      if (run.tree[served].name != run.words.resource) continue;
      for (NodeIndex param : node::Children(run.tree, served)) {
        if (run.tree.name(param) != "searchParam") continue;
        std::string_view canonical = run.Text(param, run.words.definition),
                         type = run.Text(param, run.words.type);
        if (canonical.empty()) continue;
        std::string defined = MemberOf(run, canonical, "SearchParameter", "type");
        if (!defined.empty() && defined != type)
          run.Report(rules::CapabilitySearchType, param, {canonical, defined, type});
      }
    }
  }
}

namespace {

// Types whose values a value set can hold.
bool IsBindable(const Run& run, std::string_view type) {
  constexpr std::string_view kBindable[] = {
      "code", "Coding", "CodeableConcept", "Quantity", "string", "uri", "Extension", "url", "canonical", "id",
      "oid",  "uuid",   "markdown",        "xhtml"};
  if (std::find(std::begin(kBindable), std::end(kBindable), type) != std::end(kBindable)) return true;
  return run.engine.definitions().FindShape(type) == 0 || run.engine.definitions().IsA(type, "Quantity");
}

void CheckDifferential(Run& run, NodeIndex differential) {
  for (NodeIndex element : node::Children(run.tree, differential)) {
    if (run.tree[element].name != run.words.element) continue;
    bool root = run.Text(element, run.words.path).find('.') == std::string_view::npos;
    if (root && run.tree.Child(element, run.words.slicing) != kNone) run.Report(rules::RootSlicing, element);
    if (run.tree.Child(element, run.words.binding) == kNone) continue;
    std::string types;
    bool bindable = false, any = false;
    for (NodeIndex type : node::Children(run.tree, element)) {
      if (run.tree[type].name != run.words.type) continue;
      std::string_view code = run.Text(type, run.words.code);
      any = true;
      bindable |= IsBindable(run, code);
      types += (types.empty() ? "" : ", ") + std::string(code);
    }
    if (any && !bindable) run.Report(rules::BindingMisplaced, element, {types});
  }
}

// Whether a snapshot can be made: a differential that does not fit its base shows here.
void CheckSnapshot(Run& run, NodeIndex resource) {
  packages::Snapshots snapshots([&](std::string_view canonical) -> std::optional<node::Tree> {
    auto found = run.engine.library.Find(canonical, "StructureDefinition");
    if (!found) return std::nullopt;
    auto tree = json::Parse(std::string(found->json), kFileLimits);
    return tree ? std::optional(*std::move(tree)) : std::nullopt;
  });
  auto made = snapshots.Make(run.tree.Extract(resource));
  if (made) return;
  bool refused = made.error().info == &errors::SnapshotRefused;
  run.Report(refused ? rules::SnapshotRefused : rules::SnapshotUndecided, resource, {made.error().detail});
}

}  // namespace

void CheckStructureDefinition(Run& run, NodeIndex resource) {
  CheckCanonicalUrl(run, resource);
  NodeIndex type = run.tree.Child(resource, run.words.type);
  if (type != kNone && run.Text(resource, run.words.kind) == "logical" &&
      !IsAbsoluteUri(run.tree[type].text) && run.engine.definitions().FindShape(run.tree[type].text) == 0 &&
      !run.Text(resource, run.words.url).starts_with("http://hl7.org/fhir/StructureDefinition/"))
    run.Report(rules::StructureTypeUnknown, type, {run.tree[type].text});
  NodeIndex differential = run.tree.Child(resource, run.words.differential);
  if (differential == kNone) return;
  CheckDifferential(run, differential);
  if (run.Text(resource, run.words.derivation) == "constraint") CheckSnapshot(run, resource);
}

}  // namespace passerelle::validator
