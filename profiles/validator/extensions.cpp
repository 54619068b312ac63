// Extensions: known, in place, a modifier or not, of the right type.

#include "profiles/validator/families.h"

namespace passerelle::validator {

using node::kNone;
using node::NodeIndex;

void CheckExtension(Run& run, NodeIndex at) {
  bool value = false, parts = false;
  for (NodeIndex child : node::Children(run.tree, at)) {
    node::NameId name = run.tree[child].name;
    parts |= name == run.words.extension;
    value |= name != run.words.extension && name != run.words.url && name != run.words.id;
  }
  if (value == parts && run.tree[at].first != kNone) run.Report(rules::ExtensionValueOrParts, at);
}

}  // namespace passerelle::validator
