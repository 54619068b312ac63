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
  ranks_.assign(tree_.size(), 0);
  std::unordered_map<node::NameId, std::uint32_t> apart;  // for siblings whose equals do not stand together
  for (NodeIndex parent = 0; parent < tree_.size(); ++parent) {
    apart.clear();
    for (NodeIndex child = tree_[parent].first; child != kNone; child = tree_[child].next) {
      NodeIndex before = tree_[child].previous;
      if (before != kNone && tree_[before].name == tree_[child].name) {
        ranks_[child] = ranks_[before] + 1;
        apart[tree_[child].name] = ranks_[child] + 1;
      } else {
        ranks_[child] = apart[tree_[child].name]++;
      }
    }
  }
}

std::string Places::Step(NodeIndex at) {
  const auto& n = tree_[at];
  std::string step(tree_.name(at));
  const auto* info = definitions_.FindChild(tree_[n.parent].shape, n.name);
  if (info != nullptr && info->choice)
    step = std::string(node::NameText(info->element_name)) + ".ofType(" + std::string(info->type) + ")";
  const bool empty_array = n.kind == node::Kind::Null && n.text == "[]";
  if ((n.list || ranks_[at] > 0) && !empty_array) step += "[" + std::to_string(ranks_[at]) + "]";
  return step;
}

std::string Places::Path(NodeIndex at) {
  Prepare();
  std::vector<NodeIndex> steps;
  for (NodeIndex n = at; n != kRoot && n != kNone; n = tree_[n].parent) steps.push_back(n);
  std::string path(tree_.name(kRoot));
  for (auto it = steps.rbegin(); it != steps.rend(); ++it) path += "." + Step(*it);
  return path;
}

Place Places::Of(NodeIndex at) {
  Place place{Path(at), tree_[at].line, tree_[at].column};
  if (place.line == 0 || place.column != 0) return place;
  std::uint32_t offset = place.line - 1;
  auto line = std::upper_bound(line_starts_.begin(), line_starts_.end(), offset);
  place.line = static_cast<std::uint32_t>(line - line_starts_.begin());
  place.column = offset - *std::prev(line) + 1;
  return place;
}

}  // namespace passerelle::validator
