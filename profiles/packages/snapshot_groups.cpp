// Groups of elements of which only one may be there: if one of them must be, no other can.

#include <algorithm>

#include "profiles/packages/element_merge.h"
#include "profiles/packages/snapshot_fields.h"
#include "profiles/packages/snapshot_walk.h"

namespace passerelle::packages {

using node::NodeIndex;

namespace {

// The members of a group of which a rule lets only one be there, "(a | b | c).count() = 1" or "<= 1"; of
// other rules none.
std::vector<std::string_view> OnlyOneOf(std::string_view expression) {
  auto close = expression.find(')');
  if (!expression.starts_with('(') || close == expression.npos) return {};
  std::string_view end = expression.substr(close + 1);
  if (end != ".count() = 1" && end != ".count() <= 1") return {};
  std::vector<std::string_view> members;
  for (std::string_view rest = expression.substr(1, close - 1); !rest.empty();) {
    auto bar = rest.find('|');
    std::string_view member = rest.substr(0, bar);
    member.remove_prefix(std::min(member.find_first_not_of(' '), member.size()));
    member = member.substr(0, member.find_last_not_of(' ') + 1);
    if (member.empty() || member.find_first_of(" .(") != member.npos) return {};
    members.push_back(member);
    rest = bar == rest.npos ? std::string_view() : rest.substr(bar + 1);
  }
  return members;
}

}  // namespace

void SnapshotWalk::CloseGroups() {
  for (const auto& [id, at] : by_id_)
    for (NodeIndex rule : Fields(out_, at, "constraint")) {
      std::vector<NodeIndex> group;
      for (auto member : OnlyOneOf(out_.ChildText(rule, "expression")))
        if (auto found = by_id_.find(id + "." + std::string(member)); found != by_id_.end())
          group.push_back(found->second);
      auto required = [&](NodeIndex member) { return Number(out_.ChildText(member, "min")) > 0; };
      if (std::count_if(group.begin(), group.end(), required) != 1) continue;
      for (NodeIndex member : group)
        if (!required(member)) SetField(out_, member, "max", "0");
    }
}

}  // namespace passerelle::packages
