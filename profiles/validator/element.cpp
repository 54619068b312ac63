// What stands at one element: the rules of its type, then what its definition asks.

#include "profiles/validator/families.h"

namespace passerelle::validator {

using node::kNone;
using node::NodeIndex;

void CheckResourceId(Run& run, NodeIndex at) {
  NodeIndex id = run.tree.Child(at, run.words.id);
  if (id == kNone) return;
  const auto& n = run.tree[id];
  if (n.first != kNone) run.Report(rules::ResourceIdExtended, id);
  if (n.text.size() > 64)
    run.Report(rules::ResourceIdTooLong, id, {std::to_string(n.text.size())});
  else if (!n.text.empty() && !IsResourceId(n.text))
    run.Report(rules::ResourceIdCharacters, id, {n.text});
}

void CheckAgainst(Run& run, NodeIndex at, std::string_view type, const ElementChecks& checks) {
  CheckValue(run, at, checks);
  if (checks.binding) CheckBinding(run, at, type, checks);
  if (checks.targets && type == "Reference") CheckTargets(run, at, checks);
  if (checks.targets && type == "canonical") CheckCanonicalTarget(run, at, checks);
  if (!checks.invariants.empty()) CheckInvariants(run, at, checks);
}

void CheckElement(Run& run, NodeIndex at, const ChildRules& rule) {
  if (rule.type_check != nullptr) rule.type_check(run, at);
  if (rule.checks != nullptr) CheckAgainst(run, at, rule.type, *rule.checks);
}

void CheckWholeResource(Run& run, NodeIndex at, const ShapeRules& shape) {
  if (shape.own != nullptr) CheckAgainst(run, at, shape.name, *shape.own);
  if (run.root_resource == at) CheckContained(run, at);
  CheckSpecials(run, at);
  CheckClaimedProfiles(run, at);
}

}  // namespace passerelle::validator
