#include "profiles/packages/order.h"

#include <algorithm>
#include <string_view>
#include <vector>

#include "profiles/packages/differential.h"

namespace passerelle::packages {

using node::kNone;
using node::kRoot;
using node::NodeIndex;
using node::Tree;

namespace {

struct Named {
  std::string_view path, slice;
};

std::vector<Named> Names(const Tree& definition, std::string_view list) {
  std::vector<Named> names;
  NodeIndex at = definition.Child(kRoot, list);
  if (at == kNone) return names;
  for (NodeIndex element : node::Children(definition, at))
    if (definition.name(element) == "element")
      names.push_back({definition.ChildText(element, "path"), definition.ChildText(element, "sliceName")});
  return names;
}

// "Observation.valueQuantity.code" is said of "Observation.value[x].code".
bool SamePath(std::string_view whole, std::string_view said) {
  while (true) {
    std::string_view a = whole.substr(0, whole.find('.')), b = said.substr(0, said.find('.'));
    if (a != b && !(IsChoice(a) && b.starts_with(Stem(a)))) return false;
    bool ends = a.size() == whole.size();
    if (ends || b.size() == said.size()) return ends && b.size() == said.size();
    whole.remove_prefix(a.size() + 1);
    said.remove_prefix(b.size() + 1);
  }
}

// `node` and what stands below it, its children by where `whole` has them first.
void Emit(DiffNode& node, const std::string& path, const std::vector<Named>& whole,
          std::vector<NodeIndex>& out) {
  if (node.at != kNone) out.push_back(node.at);
  auto place = [&](const DiffNode& child) {
    std::string said = path + "." + child.name;
    return std::find_if(whole.begin(), whole.end(),
                        [&](const Named& one) { return SamePath(one.path, said); });
  };
  std::stable_sort(node.children.begin(), node.children.end(),
                   [&](const DiffNode& a, const DiffNode& b) { return place(a) < place(b); });
  for (auto& child : node.children) Emit(child, path + "." + child.name, whole, out);
}

}  // namespace

std::vector<NodeIndex> SortDifferential(const Tree& definition) {
  std::vector<NodeIndex> sorted;
  DiffNode root = ReadDifferential(definition);
  Emit(root, root.name, Names(definition, "snapshot"), sorted);
  return sorted;
}

std::string FindDisorder(const Tree& definition) {
  const auto whole = Names(definition, "snapshot");
  auto from = whole.begin();
  for (const auto& said : Names(definition, "differential")) {
    auto is_it = [&](const Named& one) {
      return SamePath(one.path, said.path) && (said.slice.empty() || one.slice == said.slice);
    };
    auto next = std::find_if(from, whole.end(), is_it);
    if (next != whole.end())
      from = std::next(next);
    else if (std::any_of(whole.begin(), from, is_it))
      return std::string(said.path);
  }
  return {};
}

}  // namespace passerelle::packages
