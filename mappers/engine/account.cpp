#include "mappers/engine/account.h"

#include <algorithm>
#include <unordered_map>

#include "fhir_model/node/paths.h"

namespace passerelle::engine {

using node::Children;
using node::Kind;
using node::kNone;
using node::kRoot;
using node::NodeIndex;
using node::Tree;

namespace {

// What has nothing but white space in it is no leaf.
bool IsLeaf(const Tree& tree, NodeIndex i) {
  auto is_blank = [](char c) { return c == ' ' || c == '\t' || c == '\r' || c == '\n'; };
  const std::string_view text = tree[i].text;
  return tree[i].kind != Kind::Element && !std::all_of(text.begin(), text.end(), is_blank);
}

// Calls visit(i) for every node of the tree, parents first.
template <class Visit>
void ForEachNode(const Tree& tree, const Visit& visit) {
  NodeIndex at = kRoot;
  while (true) {
    visit(at);
    if (tree[at].first != kNone) {
      at = tree[at].first;
      continue;
    }
    while (at != kRoot && tree[at].next == kNone) at = tree[at].parent;
    if (at == kRoot) return;
    at = tree[at].next;
  }
}

// Names elements of the Bundle from their resource on: "Observation[2].code.coding[0].code".
class Namer {
 public:
  explicit Namer(const Tree& bundle) : bundle_(bundle), paths_(bundle) {
    static const node::NameId resource = node::Intern("resource");
    std::unordered_map<node::NameId, std::uint32_t> count;
    for (NodeIndex entry : Children(bundle, kRoot)) {
      NodeIndex i = bundle.Child(entry, resource);
      if (i != kNone) numbers_[i] = count[bundle[i].resource]++;
    }
    for (auto& [i, number] : numbers_)
      if (count[bundle[i].resource] < 2) number = kNoNumber;
  }

  // Empty for what no longer stands in the Bundle. Leaves of one text have one target: the last name is kept.
  const std::string& Name(NodeIndex element) {
    if (element != last_ || element == kNone) name_ = Compose(element), last_ = element;
    return name_;
  }

 private:
  std::string Compose(NodeIndex element) {
    std::vector<NodeIndex> steps;
    NodeIndex at = element;
    while (at != kNone && numbers_.find(at) == numbers_.end()) {
      if (at == kRoot) return paths_.Of(element);
      steps.push_back(at);
      at = bundle_[at].parent;
    }
    if (at == kNone) return {};
    std::string name(bundle_.NameText(bundle_[at].resource));
    if (auto number = numbers_.at(at); number != kNoNumber) name += "[" + std::to_string(number) + "]";
    while (!steps.empty()) {
      NodeIndex step = steps.back();
      steps.pop_back();
      name.append(".").append(paths_.FhirStep(step));
    }
    return name;
  }

  const Tree& bundle_;
  node::Paths paths_;
  NodeIndex last_ = kNone;
  std::string name_;
  std::unordered_map<NodeIndex, std::uint32_t> numbers_;  // resources; kNoNumber: the only one of its type
};

// What became of one leaf, while it is found out.
struct Fates {
  const Account& account;
  const Tree& source;
  const Tree& bundle;
  Namer namer;
  std::vector<std::uint32_t> first_use, next_use, drop;  // by node, by use, by node
  std::unordered_map<NodeIndex, NodeIndex> standing;

  Fates(const Account& a, const Tree& s, const Tree& b)
      : account(a),
        source(s),
        bundle(b),
        namer(b),
        first_use(s.size(), kNoNumber),
        next_use(a.uses.size(), kNoNumber),
        drop(s.size(), kNoNumber),
        standing(a.merged.begin(), a.merged.end()) {
    for (std::uint32_t i = static_cast<std::uint32_t>(a.uses.size()); i-- > 0;) {
      next_use[i] = first_use[a.uses[i].source];
      first_use[a.uses[i].source] = i;
    }
    for (std::uint32_t i = static_cast<std::uint32_t>(a.drops.size()); i-- > 0;) drop[a.drops[i].source] = i;
  }

  std::string TargetOf(NodeIndex element) {
    for (int turns = 0; turns < 8; ++turns) {
      if (auto name = namer.Name(element); !name.empty()) return name;
      auto it = standing.find(element);
      if (it == standing.end()) return {};
      element = it->second;
    }
    return {};
  }

  void AddUses(NodeIndex at, LedgerLine& line) {
    for (auto use = first_use[at]; use != kNoNumber; use = next_use[use]) {
      auto target = TargetOf(account.uses[use].element);
      if (target.empty() || std::find(line.targets.begin(), line.targets.end(), target) != line.targets.end())
        continue;
      if (line.row.empty()) line.row = account.program->RowName(account.uses[use].row);
      line.targets.push_back(std::move(target));
    }
  }

  // Went into an entry that was taken out on purpose.
  bool SetDiscarded(NodeIndex leaf, LedgerLine& line) const {
    if (account.discarded.empty()) return false;
    for (NodeIndex at = leaf; at != kNone; at = source[at].parent)
      for (auto use = first_use[at]; use != kNoNumber; use = next_use[use]) {
        NodeIndex top = account.uses[use].element;
        while (bundle[top].parent != kNone) top = bundle[top].parent;
        for (const auto& [entry, reason] : account.discarded) {
          if (entry != top) continue;
          line.fate = Fate::Dropped;
          line.row = account.program->RowName(account.uses[use].row);
          line.reason = reason;
          return true;
        }
      }
    return false;
  }

  bool SetDropped(NodeIndex leaf, LedgerLine& line) const {
    for (NodeIndex at = leaf; at != kNone; at = source[at].parent) {
      if (drop[at] == kNoNumber) continue;
      auto row = account.drops[drop[at]].row;
      line.fate = Fate::Dropped;
      line.row = row == kNullValue ? "hl7v2" : account.program->RowName(row);
      line.reason = row == kNullValue ? "null: there is no value" : account.program->reasons.at(row);
      return true;
    }
    if (account.drops_are_all) return false;
    for (NodeIndex at = leaf; at != kNone; at = source[at].parent)
      for (const Row& row : account.program->everywhere) {
        if (row.target != TargetKind::Drop || !MatchesUpwards(row.source, source, at)) continue;
        line.fate = Fate::Dropped;
        line.row = account.program->RowName(row.number);
        line.reason = row.text;
        return true;
      }
    return false;
  }
};

}  // namespace

bool MatchesUpwards(const Source& source, const Tree& tree, NodeIndex i) {
  if (source.kind == SourceKind::Fields) {
    std::size_t left = source.positions.size();
    for (; left > 0; --left, i = tree[i].parent)
      if (i == kNone || tree[i].position != source.positions[left - 1]) return false;
    return i != kNone && tree[i].name == source.origin;
  }
  if (source.steps.empty()) return source.kind == SourceKind::Nearest && tree[i].name == source.origin;
  for (auto step = source.steps.rbegin(); step != source.steps.rend(); ++step, i = tree[i].parent)
    if (i == kNone || tree[i].name != step->name) return false;
  return true;
}

std::vector<NodeIndex> LeavesOf(const Tree& source) {
  std::vector<NodeIndex> leaves;
  leaves.reserve(source.size());
  ForEachNode(source, [&](NodeIndex i) {
    if (IsLeaf(source, i)) leaves.push_back(i);
  });
  return leaves;
}

std::vector<LedgerLine> Account::Lines(const Tree& source, const Tree& bundle) const {
  Fates fates(*this, source, bundle);
  node::Paths places(source);
  std::vector<LedgerLine> lines;
  for (NodeIndex leaf : LeavesOf(source)) {
    LedgerLine& line = lines.emplace_back();
    line.leaf = leaf;
    line.place = places.Of(leaf);
    for (NodeIndex at = leaf; at != kNone; at = source[at].parent) fates.AddUses(at, line);
    if (!line.targets.empty())
      line.fate = Fate::Mapped;
    else if (!fates.SetDiscarded(leaf, line))
      fates.SetDropped(leaf, line);
  }
  return lines;
}

}  // namespace passerelle::engine
