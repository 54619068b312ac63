#include "profiles/validator/places.h"

#include <algorithm>
#include <unordered_map>

namespace passerelle::validator {

using node::kNone;
using node::kRoot;
using node::NodeIndex;

void Places::FindLines(std::uint32_t offset) {
  std::string_view source = tree_.source();
  while (line_starts_.back() <= offset) {
    auto end = source.find('\n', line_starts_.back());
    line_starts_.push_back(static_cast<std::uint32_t>(std::min(end, source.size())) + 1);
  }
}

std::uint32_t Places::Rank(NodeIndex at) {
  // Most have few siblings before them.
  constexpr std::uint32_t kFew = 16;
  std::uint32_t rank = 0, walked = 0;
  NodeIndex before = tree_[at].previous;
  for (; before != kNone && walked < kFew; before = tree_[before].previous, ++walked)
    rank += tree_[before].name == tree_[at].name;
  if (before == kNone) return rank;
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

void Places::AddStep(NodeIndex at, std::string& path) {
  const auto& n = tree_[at];
  const auto* info = definitions_.FindChild(tree_[n.parent].shape, n.name);
  if (info != nullptr && info->choice) {
    path += node::NameText(info->element_name);
    path += ".ofType(";
    path += info->type;
    path += ')';
  } else {
    path += tree_.name(at);
  }
  const bool empty_array = n.kind == node::Kind::Null && n.text == "[]";
  const std::uint32_t rank = n.list || n.previous != kNone ? Rank(at) : 0;
  if ((n.list || rank > 0) && !empty_array) {
    path += '[';
    path += std::to_string(rank);
    path += ']';
  }
}

void Places::AddPath(NodeIndex at, std::string& path) {
  if (at == kRoot || at == kNone) {
    path += tree_.name(kRoot);
    return;
  }
  AddPath(tree_[at].parent, path);
  path += '.';
  AddStep(at, path);
}

std::string Places::Path(NodeIndex at) {
  std::string path;
  AddPath(at, path);
  return path;
}

Place Places::Of(NodeIndex at) {
  Place place{Path(at), tree_[at].line, tree_[at].column};
  if (place.line == 0 || place.column != 0) return place;
  std::uint32_t offset = place.line - 1;
  FindLines(offset);
  auto line = std::upper_bound(line_starts_.begin(), line_starts_.end(), offset);
  place.line = static_cast<std::uint32_t>(line - line_starts_.begin());
  place.column = offset - *std::prev(line) + 1;
  return place;
}

}  // namespace passerelle::validator
