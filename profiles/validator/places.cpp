#include "profiles/validator/places.h"

#include <algorithm>
#include <unordered_map>

namespace passerelle::validator {

using node::kNone;
using node::kRoot;
using node::NodeIndex;

void Places::Prepare() {
  if (!line_starts_.empty()) return;
  line_starts_.push_back(0);
  std::string_view source = tree_.source();
  for (auto at = source.find('\n'); at != source.npos; at = source.find('\n', at + 1))
    line_starts_.push_back(static_cast<std::uint32_t>(at) + 1);
}

std::uint32_t Places::Rank(NodeIndex at) {
  if (tree_[at].previous == kNone) return 0;
  if (ranks_.empty()) ranks_.assign(tree_.size(), kNone);
  if (ranks_[at] == kNone) RankSiblings(tree_[at].parent);
  return ranks_[at];
}

// All children of a node at once, so that a finding at each of them stays linear.
void Places::RankSiblings(NodeIndex parent) {
  std::unordered_map<node::NameId, std::uint32_t> seen;
  node::NameId name = 0;
  std::uint32_t rank = 0;
  for (NodeIndex child = tree_[parent].first; child != kNone; child = tree_[child].next) {
    if (tree_[child].name != name) {
      if (name != 0) seen[name] = rank;
      name = tree_[child].name;
      auto before = seen.find(name);
      rank = before == seen.end() ? 0 : before->second;
    }
    ranks_[child] = rank++;
  }
}

std::string Places::Step(NodeIndex at) {
  const auto& n = tree_[at];
  std::string step(tree_.name(at));
  const auto* info = definitions_.FindChild(tree_[n.parent].shape, n.name);
  if (info != nullptr && info->choice)
    step = std::string(node::NameText(info->element_name)) + ".ofType(" + std::string(info->type) + ")";
  const bool empty_array = n.kind == node::Kind::Null && n.text == "[]";
  const std::uint32_t rank = n.list || tree_[at].previous != kNone ? Rank(at) : 0;
  if ((n.list || rank > 0) && !empty_array) step += "[" + std::to_string(rank) + "]";
  return step;
}

std::string Places::Path(NodeIndex at) {
  std::vector<NodeIndex> steps;
  for (NodeIndex n = at; n != kRoot && n != kNone; n = tree_[n].parent) steps.push_back(n);
  std::string path(tree_.name(kRoot));
  for (auto it = steps.rbegin(); it != steps.rend(); ++it) path += "." + Step(*it);
  return path;
}

Place Places::Of(NodeIndex at) {
  Place place{Path(at), tree_[at].line, tree_[at].column};
  if (place.line == 0 || place.column != 0) return place;
  Prepare();
  std::uint32_t offset = place.line - 1;
  auto line = std::upper_bound(line_starts_.begin(), line_starts_.end(), offset);
  place.line = static_cast<std::uint32_t>(line - line_starts_.begin());
  place.column = offset - *std::prev(line) + 1;
  return place;
}

}  // namespace passerelle::validator
