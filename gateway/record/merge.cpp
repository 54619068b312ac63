#include "gateway/record/merge.h"

#include <set>
#include <string>

namespace passerelle::record {
namespace {

using node::Children;
using node::kNone;
using node::kRoot;
using node::NodeIndex;
using node::Tree;

bool SameIdentifier(const Tree& a, NodeIndex i, const Tree& b, NodeIndex j) {
  return a.ChildText(i, "system") == b.ChildText(j, "system") && a.ChildText(i, "value") == b.ChildText(j, "value");
}

bool HasIdentifier(const Tree& tree, NodeIndex resource, const Tree& known, NodeIndex identifier) {
  for (NodeIndex child : Children(tree, resource))
    if (tree.name(child) == "identifier" && SameIdentifier(tree, child, known, identifier)) return true;
  return false;
}

// "value[x]" elements are one element: deceasedBoolean and deceasedDateTime exclude each other.
std::string_view ChoiceStem(std::string_view name) {
  for (std::string_view stem : {"deceased", "multipleBirth", "onset", "abatement", "effective", "value", "performed"})
    if (name.starts_with(stem)) return stem;
  return name;
}

void RemoveAll(Tree& tree, NodeIndex resource, std::string_view stem) {
  for (NodeIndex child = tree[resource].first; child != kNone;) {
    NodeIndex next = tree[child].next;
    if (ChoiceStem(tree.name(child)) == stem) tree.Remove(child);
    child = next;
  }
}

}  // namespace

void MergeKnown(Tree& tree, NodeIndex incoming, const Tree& known, Authority authority) {
  std::set<std::string, std::less<>> here;
  for (NodeIndex child : Children(tree, incoming)) here.emplace(ChoiceStem(tree.name(child)));
  std::set<std::string, std::less<>> replaced;
  for (NodeIndex child : Children(known, kRoot)) {
    auto name = known.name(child);
    auto stem = ChoiceStem(name);
    if (name == "id" || name == "meta" || name == "text") continue;
    if (name == "identifier") {
      if (!HasIdentifier(tree, incoming, known, child)) tree.CopyToList(incoming, known, child);
      continue;
    }
    bool missing = !here.contains(stem);
    if (!missing && authority == Authority::Record && replaced.emplace(stem).second) RemoveAll(tree, incoming, stem);
    if (missing || authority == Authority::Record) tree.CopyToList(incoming, known, child);
  }
}

}  // namespace passerelle::record
