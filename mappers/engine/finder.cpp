#include "mappers/engine/finder.h"

#include <algorithm>

namespace passerelle::engine {

using node::Children;
using node::kNone;
using node::kRoot;
using node::NodeIndex;

void Finder::Look(NodeIndex of, Below& below) {
  if (hl7_) Prepare();
  below.node = of;
  below.name = tree_[of].name;
  below.somewhere = somewhere_;
  below.bits = 0;
  if (hl7_ && tree_[of].first == kNone) {  // a value is its own first component; a segment may be empty
    below.bits = ProbeBit(1);
    below.first[ProbeSlot(1)] = kNone;
  }
  for (NodeIndex i = tree_[of].first; i != kNone;) {
    const node::Node& child = tree_[i];
    const auto slot = ProbeSlot(hl7_ ? child.position : child.name);
    const std::uint64_t bit = std::uint64_t{1} << slot;
    if ((below.bits & bit) == 0) below.first[slot] = i;
    below.bits |= bit;
    i = child.next;
  }
}

bool Finder::IsSegment(NodeIndex i) const {
  if (i == kRoot || tree_[i].position != 0) return false;
  NodeIndex first = tree_[i].first;
  return first == kNone || tree_[first].position != 0;
}

NodeIndex Finder::Anchor(NodeIndex i) const {
  if (!hl7_) return i;
  while (tree_[i].position != 0) i = tree_[i].parent;
  return i;
}

// Numbers the nodes in document order; below segments there is nothing to be numbered.
void Finder::Prepare() {
  if (!ranges_.empty()) return;
  ranges_.resize(tree_.size(), {0, 0});
  if (hl7_) somewhere_ = 0;
  std::uint32_t order = 0;
  auto enter = [&](NodeIndex i) {
    if (hl7_) somewhere_ |= ProbeBit(tree_[i].name);
    ranges_[i].begin = ranges_[i].end = order++;
    in_order_.push_back(i);
  };
  NodeIndex at = kRoot;
  enter(at);
  while (true) {
    NodeIndex down = hl7_ && IsSegment(at) ? kNone : tree_[at].first;
    if (down != kNone) {
      has_apart_ = has_apart_ || (hl7_ && IsApart(at));
      enter(at = down);
      continue;
    }
    while (at != kRoot && tree_[at].next == kNone) {
      at = tree_[at].parent;
      ranges_[at].end = order - 1;
    }
    if (at == kRoot) return;
    enter(at = tree_[at].next);
  }
}

std::uint32_t Finder::OrderOf(NodeIndex i) {
  Prepare();
  return ranges_[Anchor(i)].begin;
}

// Whether `at`, below `level`, is in another repetition of what `branch` is one of.
bool Finder::IsInSister(NodeIndex at, NodeIndex level, NodeIndex branch) const {
  NodeIndex child = at;
  if (child == level) return false;
  while (tree_[child].parent != level) child = tree_[child].parent;
  return child != branch && child != at && tree_[child].name == tree_[branch].name;
}

bool Finder::IsApart(NodeIndex i) const {
  return std::find(apart_.begin(), apart_.end(), tree_[i].name) != apart_.end();
}

// Whether a group apart, below `level`, has `at` in it.
bool Finder::IsInApart(NodeIndex at, NodeIndex level) const {
  for (; at != level; at = tree_[at].parent)
    if (IsApart(at)) return true;
  return false;
}

NodeIndex Finder::Nearest(NodeIndex from, node::NameId name) {
  for (NodeIndex i = from; i != kNone; i = tree_[i].parent)
    if (tree_[i].name == name) return i;
  Prepare();
  auto [it, added] = by_name_.try_emplace(name);
  if (added)
    for (NodeIndex i : in_order_)
      if (tree_[i].name == name) it->second.push_back({ranges_[i].begin, i, i});
  return NearestOf(it->second, from, [](std::uint32_t) { return true; });
}

bool Finder::Holds(const Filter& filter, NodeIndex i) const {
  NodeIndex attribute = filter.name == 0 ? kNone : tree_.Child(i, filter.name);
  switch (filter.kind) {
    case Filter::HasAttribute: return attribute != kNone;
    case Filter::NoAttribute: return attribute == kNone;
    case Filter::Attribute: return attribute != kNone && tree_[attribute].text == filter.value;
    case Filter::Template: {
      static const node::NameId template_id = node::Intern("templateId"), root = node::Intern("@root");
      for (NodeIndex child : Children(tree_, i)) {
        if (tree_[child].name != template_id) continue;
        NodeIndex id = tree_.Child(child, root);
        if (id != kNone && tree_[id].text == filter.value) return true;
      }
      return false;
    }
    case Filter::Number: return true;  // counted by the caller
  }
  return false;
}

void Finder::FindPositions(NodeIndex from, NodeIndex start, const Positions& positions, std::size_t step,
                           std::vector<NodeIndex>& out) const {
  if (step == positions.size()) {
    out.push_back(from);
    return;
  }
  const std::uint16_t wanted = positions[step];
  if (tree_[from].first == kNone) {  // without components a value is its own first one
    if (wanted == 1 && tree_[from].position != 0) FindPositions(from, kNone, positions, step + 1, out);
    return;
  }
  for (NodeIndex child = start; child != kNone;) {
    const node::Node& part = tree_[child];
    if (part.position > wanted) break;  // components stand in their order
    if (part.position == wanted) FindPositions(child, part.first, positions, step + 1, out);
    child = part.next;
  }
}

void Finder::FindFields(const Source& source, NodeIndex hand, std::vector<NodeIndex>& out,
                        const Below* below) {
  const bool known = below != nullptr && below->name == source.origin;
  NodeIndex segment = known ? hand : Anchor(hand);
  if (tree_[segment].name != source.origin) segment = Nearest(hand, source.origin);
  if (segment == kNone) return;
  const std::uint16_t wanted = source.positions[0];
  if (known && !below->Has(wanted)) return;
  std::uint32_t repetition = 0;
  for (NodeIndex field = known ? below->first[ProbeSlot(wanted)] : tree_[segment].first; field != kNone;) {
    const node::Node& part = tree_[field];
    if (part.position > wanted) break;  // fields stand in their order
    if (part.position == wanted && (source.repetition == 0 || source.repetition == ++repetition))
      FindPositions(field, part.first, source.positions, 1, out);
    field = part.next;
  }
}

void Finder::FindSteps(NodeIndex start, const std::vector<Step>& steps, std::size_t at,
                       std::vector<NodeIndex>& out) const {
  const Step& step = steps[at];
  std::uint32_t number = 0;
  for (NodeIndex child = start; child != kNone; child = tree_[child].next) {
    while (tree_[child].name != step.name)
      if ((child = tree_[child].next) == kNone) return;
    bool holds = true;
    std::uint32_t wanted = 0;
    for (const Filter& filter : step.filters) {
      if (filter.kind == Filter::Number) wanted = filter.number;
      holds = holds && Holds(filter, child);
    }
    if (!holds) continue;
    ++number;
    if (wanted != 0 && wanted != number) continue;
    if (at + 1 == steps.size())
      out.push_back(child);
    else
      FindSteps(tree_[child].first, steps, at + 1, out);
  }
}

// In a message all of that name; from within a segment those in its group.
void Finder::FindSegments(const Source& source, NodeIndex hand, std::vector<NodeIndex>& out) {
  Prepare();
  NodeIndex top = Anchor(hand);
  if (top != kRoot && IsSegment(top)) top = tree_[top].parent;
  const auto& steps = source.steps;
  const Range range = ranges_[top];
  std::uint32_t number = 0;
  for (std::uint32_t order = range.begin; order <= range.end; ++order) {
    NodeIndex i = in_order_[order];
    if (tree_[i].name != steps.back().name || i == top) continue;
    std::size_t left = steps.size() - 1;
    if (source.direct && tree_[tree_[i].parent].name != steps[left - 1].name) continue;
    for (NodeIndex up = tree_[i].parent; left > 0 && up != kNone; up = tree_[up].parent)
      if (tree_[up].name == steps[left - 1].name) --left;
    if (left > 0) continue;
    ++number;
    bool chosen = true;
    for (const Filter& filter : steps.back().filters)
      chosen = chosen && filter.kind == Filter::Number && filter.number == number;
    if (chosen) out.push_back(i);
  }
}

void Finder::Find(const Source& source, NodeIndex hand, std::vector<NodeIndex>& out, const Below* below) {
  auto may_find = [&](std::uint32_t number) { return below == nullptr || below->Has(number); };
  auto start = [&](std::uint32_t number) {
    return below == nullptr ? tree_[hand].first : below->first[ProbeSlot(number)];
  };
  switch (source.kind) {
    case SourceKind::Self: out.push_back(hand); break;
    case SourceKind::Components:
      if (may_find(source.positions[0]))
        FindPositions(hand, start(source.positions[0]), source.positions, 0, out);
      break;
    case SourceKind::Fields: FindFields(source, hand, out, below); break;
    case SourceKind::Steps:
      if (may_find(source.steps[0].name)) FindSteps(start(source.steps[0].name), source.steps, 0, out);
      break;
    case SourceKind::Segments: FindSegments(source, hand, out); break;
    case SourceKind::Nearest:
      if (NodeIndex nearest = Nearest(hand, source.origin); nearest != kNone) {
        if (source.steps.empty())
          out.push_back(nearest);
        else
          FindSteps(tree_[nearest].first, source.steps, 0, out);
      }
      break;
    default: break;
  }
}

}  // namespace passerelle::engine
