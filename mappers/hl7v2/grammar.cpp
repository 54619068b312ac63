#include "mappers/hl7v2/grammar.h"

#include <optional>
#include <string>

#include "mappers/hl7v2/rules.h"
#include "mappers/hl7v2/structure.h"

namespace passerelle::hl7v2 {
namespace {

using node::Children;
using node::Kind;
using node::kNone;
using node::kRoot;
using node::NodeIndex;
using node::Tree;

constexpr int kMisplacedMax = 10;  // one message does not fill a report

// Walks through a structure with the segments of a message, one after the other.
class Grouper {
 public:
  Grouper(Tree& tree, const Structure& structure, Issues& issues)
      : tree_(tree), s_(structure), issues_(issues) {
    levels_.push_back({0, 0, kRoot, {}});
  }

  void Add(NodeIndex segment) {
    std::size_t number = s_.NumberOf(tree_[segment].name);
    if (number != kNotInStructure && (Place(segment, number, Way::Strict) ||
                                      Place(segment, number, Way::Lenient) || Reopen(segment, number)))
      return;
    if (tree_.name(segment)[0] != 'Z') Misplaced(segment);
    tree_.Move(segment, levels_.back().node);
  }

 private:
  // Strict: nothing that is required is passed over. Lenient: it is, but in groups told by their first; then
  // a group begins again only for a segment that it has already had.
  enum class Way { Strict, Lenient };

  // An open group: which element it is, the last of its elements that had a segment, and its node.
  struct Level {
    std::size_t group, at;
    NodeIndex node;
    SegmentSet had;
  };

  bool Place(NodeIndex segment, std::size_t number, Way way) {
    for (std::size_t depth = levels_.size(); depth-- > 0;) {
      if (!s_.elements[levels_[depth].group].contains.test(number)) continue;
      if (auto element = Forward(depth, number, way)) {
        Enter(depth, *element, segment, number);
        return true;
      }
    }
    return false;
  }

  // The element of an open group, from where it stands on, that takes the segment.
  std::optional<std::size_t> Forward(std::size_t depth, std::size_t number, Way way) const {
    const Level& level = levels_[depth];
    std::size_t end = s_.elements[level.group].end;
    std::size_t i = level.at == 0 ? level.group + 1 : level.at;
    for (; i < end; i = s_.elements[i].end) {
      const Element& element = s_.elements[i];
      bool current = i == level.at;
      bool may = !current || element.repeats;
      if (may && element.opens.test(number)) return i;
      if (way == Way::Lenient && may && !element.told_by_first && element.contains.test(number)) {
        bool again = current && element.group;
        if (!again || levels_[depth + 1].had.test(number)) return i;
      }
      if (way == Way::Strict && !current && !element.optional) break;
    }
    return std::nullopt;
  }

  // A group that stands before the present place begins again.
  bool Reopen(NodeIndex segment, std::size_t number) {
    for (std::size_t depth = levels_.size(); depth-- > 0;) {
      const Level& level = levels_[depth];
      for (std::size_t i = level.group + 1; i < level.at; i = s_.elements[i].end) {
        const Element& element = s_.elements[i];
        if (!element.group || !element.repeats || !element.opens.test(number)) continue;
        Misplaced(segment);
        Enter(depth, i, segment, number);
        return true;
      }
    }
    return false;
  }

  // Closes what is deeper than `depth`, opens the groups down to the segment and puts it there.
  void Enter(std::size_t depth, std::size_t element, NodeIndex segment, std::size_t number) {
    levels_.resize(depth + 1);
    levels_.back().at = element;
    while (s_.elements[element].group) {
      NodeIndex node = tree_.Append(levels_.back().node, s_.elements[element].name, Kind::Element);
      tree_[node].line = tree_[segment].line;
      std::size_t inner = FirstFor(element, number);
      levels_.push_back({element, inner, node, {}});
      element = inner;
    }
    for (Level& level : levels_) level.had.set(number);
    tree_.Move(segment, levels_.back().node);
  }

  // The element of a group that the segment opens, else the first that contains it.
  std::size_t FirstFor(std::size_t group, std::size_t number) const {
    std::size_t first = 0;
    for (std::size_t i = group + 1; i < s_.elements[group].end; i = s_.elements[i].end) {
      if (s_.elements[i].opens.test(number)) return i;
      if (first == 0 && s_.elements[i].contains.test(number)) first = i;
    }
    return first;
  }

  void Misplaced(NodeIndex segment) {
    if (++misplaced_ <= kMisplacedMax)
      if (issues_.Wants(rules::SegmentMisplaced))
        issues_.Add(rules::SegmentMisplaced, tree_.PlaceOf(segment), {tree_.name(segment), s_.name});
  }

  Tree& tree_;
  const Structure& s_;
  Issues& issues_;
  std::vector<Level> levels_;
  int misplaced_ = 0;
};

// MSH-9.3 where it is a structure of this type of message, else what the event says.
const Structure* StructureFor(const Tree& message) {
  NodeIndex header = message[kRoot].first;
  NodeIndex type = header == kNone ? kNone : message.Child(header, "MSH-9");
  if (type == kNone) return nullptr;
  std::string event(message[type].text);  // of a field with one component
  if (auto part = message.ChildText(type, "MSH-9.1"); !part.empty()) event = part;
  auto named = message.ChildText(type, "MSH-9.3");
  if (named.substr(0, named.find('_')) == event)
    if (const Structure* structure = FindStructure(named)) return structure;
  if (auto trigger = message.ChildText(type, "MSH-9.2"); !trigger.empty()) {
    if (const Structure* structure = FindStructure(StructureOf(event + "^" + std::string(trigger))))
      return structure;
  }
  return FindStructure(StructureOf(event));
}

}  // namespace

void Group(Tree& message, Issues& issues) {
  const Structure* structure = StructureFor(message);
  if (structure == nullptr) {
    issues.Add(rules::StructureUnknown, {"MSH-9", 1, 0});
    return;
  }
  std::vector<NodeIndex> segments;
  for (NodeIndex segment : Children(message, kRoot)) segments.push_back(segment);
  Grouper grouper(message, *structure, issues);
  for (NodeIndex segment : segments) grouper.Add(segment);
}

}  // namespace passerelle::hl7v2
