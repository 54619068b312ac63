#pragma once
// Finder: what sources find in one input. Private to this room.
//
// "Nearest" is the same walk for sources and for resources: outward from a node, level by level; at each the
// level's own node, then what stands below it, the last one before the node first. What stands in a sister
// repetition of the branch that the walk comes from is not seen. Nor is what stands in a group apart from
// outside it; from within it nothing of another group is.

#include <algorithm>
#include <array>
#include <cstdint>
#include <memory_resource>
#include <string_view>
#include <unordered_map>
#include <vector>

#include "fhir_model/node/tree.h"
#include "mappers/engine/probe.h"
#include "mappers/engine/source.h"

namespace passerelle::engine {

class Finder {
 public:
  // What it remembers lives in `memory`; `apart` are names of groups.
  Finder(const node::Tree& tree, const std::vector<node::NameId>& apart, std::pmr::memory_resource* memory)
      : tree_(tree), hl7_(tree.format() == node::Format::Hl7v2), apart_(apart), by_name_(memory) {}

  // What stands right below a node: tells which rows have nothing to do on it, and where the others begin to
  // look.
  struct Below {
    node::NodeIndex node;
    node::NameId name;        // of the node
    std::uint64_t somewhere;  // bits of the segments and groups of the message, else all
    std::uint64_t bits = 0;
    std::array<node::NodeIndex, kProbeSlots> first;  // child of each slot; only where the bit is set
    bool Has(std::uint32_t number) const { return (bits & ProbeBit(number)) != 0; }
    bool MayFind(const Probe& probe) const {
      const bool here = (bits & probe.below) == probe.below || (probe.origin != 0 && probe.origin != name);
      return here && (somewhere & probe.somewhere) == probe.somewhere;
    }
  };
  void Look(node::NodeIndex of, Below& below);

  // Appends the nodes that `source` (not a constant, not an expression) finds from `hand`; `below`, if known,
  // is of the hand.
  void Find(const Source& source, node::NodeIndex hand, std::vector<node::NodeIndex>& out,
            const Below* below = nullptr);
  node::NodeIndex Nearest(node::NodeIndex from, node::NameId name);

  // Something that stands at a node: candidates are sorted by their node's order.
  struct Candidate {
    std::uint32_t order;
    node::NodeIndex at;
    std::uint32_t what;
  };
  using Candidates = std::pmr::vector<Candidate>;
  // The `what` of the nearest candidate that `accept` takes, else 0xFFFFFFFF.
  template <class Accept>
  std::uint32_t NearestOf(const Candidates& candidates, node::NodeIndex from, const Accept& accept);

  // Place in the order of the document; of a value of HL7 v2 that of its segment.
  std::uint32_t OrderOf(node::NodeIndex i);

  // The segment that `i` is or stands in (HL7 v2), the node itself elsewhere.
  node::NodeIndex Anchor(node::NodeIndex i) const;

 private:
  struct Range {
    std::uint32_t begin, end;  // orders of the node and of the last node below it
  };

  void Prepare();
  bool IsSegment(node::NodeIndex i) const;
  // `start` is the first node that may be meant.
  void FindFields(const Source& source, node::NodeIndex hand, std::vector<node::NodeIndex>& out,
                  const Below* below);
  void FindPositions(node::NodeIndex from, node::NodeIndex start, const Positions& positions,
                     std::size_t step, std::vector<node::NodeIndex>& out) const;
  void FindSteps(node::NodeIndex start, const std::vector<Step>& steps, std::size_t step,
                 std::vector<node::NodeIndex>& out) const;
  void FindSegments(const Source& source, node::NodeIndex hand, std::vector<node::NodeIndex>& out);
  bool Holds(const Filter& filter, node::NodeIndex i) const;
  bool IsInSister(node::NodeIndex at, node::NodeIndex level, node::NodeIndex branch) const;
  bool IsApart(node::NodeIndex i) const;
  bool IsInApart(node::NodeIndex at, node::NodeIndex level) const;

  const node::Tree& tree_;
  const bool hl7_;
  const std::vector<node::NameId>& apart_;
  bool has_apart_ = false;     // the tree has such a group
  std::uint64_t somewhere_ = ~std::uint64_t{0};
  std::vector<Range> ranges_;  // by node; empty until asked for
  std::vector<node::NodeIndex> in_order_;
  std::pmr::unordered_map<node::NameId, Candidates> by_name_;  // those asked for
};

template <class Accept>
std::uint32_t Finder::NearestOf(const Candidates& candidates, node::NodeIndex from, const Accept& accept) {
  constexpr std::uint32_t kNothing = 0xFFFF'FFFFu;
  if (candidates.empty()) return kNothing;
  Prepare();
  const node::NodeIndex start = Anchor(from);
  const std::uint32_t here = ranges_[start].begin;
  auto after = [](std::uint32_t order, const Candidate& c) { return order < c.order; };
  auto middle = static_cast<std::size_t>(std::upper_bound(candidates.begin(), candidates.end(), here, after) -
                                         candidates.begin());
  node::NodeIndex branch = node::kNone;
  // What lies between these two was seen at an inner level.
  std::size_t low = middle, high = middle;
  bool left_apart = false;
  for (node::NodeIndex level = start; level != node::kNone; branch = level, level = tree_[level].parent) {
    const Range range = ranges_[level];
    auto before = [](const Candidate& c, std::uint32_t order) { return c.order < order; };
    auto begin = candidates.begin();
    auto first = static_cast<std::size_t>(
        std::lower_bound(begin, begin + static_cast<std::ptrdiff_t>(low), range.begin, before) - begin);
    auto last = static_cast<std::size_t>(
        std::upper_bound(begin + static_cast<std::ptrdiff_t>(high), candidates.end(), range.end, after) -
        begin);
    for (std::size_t i = first; i < low && candidates[i].at == level; ++i)
      if (accept(candidates[i].what)) return candidates[i].what;
    left_apart = left_apart || (has_apart_ && branch != node::kNone && IsApart(branch));
    auto visible = [&](const Candidate& c) {
      if (!accept(c.what) || (branch != node::kNone && IsInSister(c.at, level, branch))) return false;
      return !has_apart_ || (left_apart ? tree_[c.at].parent == node::kRoot : !IsInApart(c.at, level));
    };
    for (std::size_t i = low; i > first; --i)
      if (visible(candidates[i - 1])) return candidates[i - 1].what;
    for (std::size_t i = high; i < last; ++i)
      if (visible(candidates[i])) return candidates[i].what;
    low = first, high = last;
  }
  return kNothing;
}

}  // namespace passerelle::engine
