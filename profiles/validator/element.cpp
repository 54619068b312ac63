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

void CheckElement(Run& run, NodeIndex at, const ChildRules& rule) {
  if (rule.extension) CheckExtension(run, at);
}

void CheckWholeResource(Run&, NodeIndex, const ShapeRules&) {}

}  // namespace passerelle::validator
