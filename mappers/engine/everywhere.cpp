// What no row has used: rows of `everywhere`, and what is kept because nothing may be lost.

#include <algorithm>

#include "mappers/engine/run.h"

namespace passerelle::engine {

using node::Children;
using node::kNone;
using node::kRoot;
using node::NodeIndex;

// Whether the node or one above it is what a row of `everywhere` means.
bool Run::StandsIn(const Source& source, NodeIndex node) const {
  for (; node != kNone; node = source_[node].parent)
    if (MatchesUpwards(source, source_, node)) return true;
  return false;
}

// Rows that map what nobody used; those that drop are asked when the ledger is made.
void Run::RunEverywhere() {
  std::vector<std::uint8_t> used(source_.size());
  for (const Use& use : account_->uses) used[use.source] = 1;
  for (const Drop& drop : account_->drops) used[drop.source] = 1;
  for (NodeIndex leaf : LeavesOf(source_)) {
    bool free = true;
    for (NodeIndex up = leaf; up != kNone; up = source_[up].parent) free = free && used[up] == 0;
    if (!free) continue;
    for (const Row& row : p_.everywhere) {
      if (row.target == TargetKind::Drop || row.target == TargetKind::Kept) continue;
      if (!StandsIn(row.source, leaf)) continue;
      if (row.condition != kNoNumber && !Holds(row.condition, leaf, leaf)) continue;
      if (RunOn(row, {leaf, {}, false}, {leaf, kNone})) break;
    }
  }
}

// What of the source came to nothing so far, and which resource stands around it.
class Run::Rest {
 public:
  struct Place {
    std::uint32_t owner;  // number of the resource
    std::string way;      // elements from there on: "a.b"
  };

  explicit Rest(Run& run) : run_(run), fates_(run.source_.size()), owners_(run.source_.size(), kNoNumber) {
    MarkUses();
    for (const Drop& drop : run_.account_->drops) fates_[drop.source] |= kDropped;
    MarkDrops();
    MarkBelow();
    for (auto number = static_cast<std::uint32_t>(run_.made_.size()); number-- > 0;) SetOwner(number);
  }

  bool IsFree(NodeIndex leaf) const {
    for (NodeIndex up = leaf; up != kNone; up = run_.source_[up].parent)
      if (fates_[up] != 0) return false;
    return true;
  }
  // Whether no attribute of the element went anywhere: then they say one thing together.
  bool IsUntouched(NodeIndex element) const {
    for (NodeIndex child : Children(run_.source_, element))
      if (run_.source_[child].attribute && (fates_[child] & kUsed) != 0) return false;
    return (fates_[element] & kUsed) == 0;
  }
  void MarkFrom(std::size_t use) {
    for (; use < run_.account_->uses.size(); ++use) fates_[run_.account_->uses[use].source] |= kUsed;
  }
  // The resource that the nearest node around became.
  Place PlaceOf(NodeIndex hand) const {
    const node::Tree& source = run_.source_;
    Place place{kNoNumber, Word(hand)};
    NodeIndex at = source[hand].parent;
    for (; at != kNone && owners_[at] == kNoNumber; at = source[at].parent)
      place.way = place.way.empty() ? Word(at) : Word(at) + "." + place.way;  // runs of text have no name
    if (at != kNone) place.owner = owners_[at];
    return place;
  }

 private:
  static constexpr std::uint8_t kUsed = 1, kDropped = 2, kBelow = 4;

  // Uses whose element still stands, itself or in the one it was merged into.
  void MarkUses() {
    const node::Tree& bundle = run_.draft_.bundle;
    std::vector<std::uint8_t> stands(bundle.size());
    for (NodeIndex at = kRoot; at != kNone;) {
      stands[at] = 1;
      if (bundle[at].first != kNone) {
        at = bundle[at].first;
        continue;
      }
      while (at != kRoot && bundle[at].next == kNone) at = bundle[at].parent;
      at = bundle[at].next;
    }
    const auto& merged = run_.account_->merged;
    for (auto it = merged.rbegin(); it != merged.rend(); ++it) stands[it->first] |= stands[it->second];
    for (const Use& use : run_.account_->uses)
      if (stands[use.element] != 0) fates_[use.source] |= kUsed;
  }

  void MarkDrops() {
    for (NodeIndex i = 0; i < run_.source_.size(); ++i) {
      if (fates_[i] != 0) continue;
      auto rows = run_.p_.everywhere_drops.find(run_.source_[i].name);
      if (rows == run_.p_.everywhere_drops.end()) continue;
      for (auto number : rows->second) {
        const Row& row = run_.p_.everywhere[number];
        if (!MatchesUpwards(row.source, run_.source_, i)) continue;
        if (row.condition != kNoNumber && !run_.Holds(row.condition, i, i)) continue;
        fates_[i] |= kDropped;
        run_.account_->drops.push_back({i, row.number});
        break;
      }
    }
  }

  // What stands below a node that went somewhere went with it. A node comes after the one above it.
  void MarkBelow() {
    for (NodeIndex i = 1; i < run_.source_.size(); ++i)
      if (NodeIndex up = run_.source_[i].parent; up != kNone && fates_[up] != 0) fates_[i] |= kBelow;
  }

  void SetOwner(std::uint32_t number) {
    static const node::NameId extension = node::Intern("extension");
    const auto standing = run_.Standing(number);
    const Made& made = run_.made_[standing];
    if (made.gone || made.resource == kRoot) return;
    if (run_.p_.definitions.FindChild(run_.p_.slots[made.slot].shape, extension) == nullptr) return;
    owners_[run_.made_[number].source] = standing;
  }

  // A name without what an address cannot have: "@code" is code, "{uri}local" is uri:local.
  std::string Word(NodeIndex i) const {
    std::string word(run_.source_.name(i));
    std::erase_if(word, [](char c) { return c == '@' || c == '{' || c == ' '; });
    std::replace(word.begin(), word.end(), '}', ':');
    return word;
  }

  Run& run_;
  std::vector<std::uint8_t> fates_;
  std::vector<std::uint32_t> owners_;  // by node of the source: the first resource that was made of it
};

void Run::KeepRest() {
  Rest rest(*this);
  account_->drops_are_all = true;
  for (NodeIndex leaf : LeavesOf(source_)) {
    if (!rest.IsFree(leaf)) continue;
    auto uses = account_->uses.size();
    NodeIndex element = source_[leaf].parent;
    bool whole = source_[leaf].attribute && rest.IsUntouched(element);
    auto keep = [&](NodeIndex hand) {
      auto place = rest.PlaceOf(hand);
      if (place.owner != kNoNumber) Keep(place.owner, place.way, hand, hand == leaf);
      rest.MarkFrom(uses);
    };
    if (whole) keep(element);
    if (rest.IsFree(leaf)) keep(leaf);
  }
}

// An extension of the resource, named after the way to the node in hand, by the first row that has a form for
// it. Text below an element are leaves of their own.
void Run::Keep(std::uint32_t owner, std::string_view way, NodeIndex hand, bool is_leaf) {
  static const node::NameId extension_name = node::Intern("extension"), url_name = node::Intern("url");
  for (const Row& row : p_.everywhere) {
    if (row.target != TargetKind::Kept || (row.reads_text && !is_leaf) || !StandsIn(row.source, hand))
      continue;
    if (row.condition != kNoNumber && !Holds(row.condition, hand, hand)) continue;
    auto attempt = Begin();
    NodeIndex extension = output_.Add(made_[owner].resource, extension_name);
    NodeIndex url = output_.Add(extension, url_name);
    output_.SetValue(url, draft_.bundle.Keep(row.url + std::string(way)));
    bool came = Fill(row, extension, {hand, {}, false});
    auto first = account_->uses.begin() + static_cast<std::ptrdiff_t>(attempt.uses);
    if (came &&
        (is_leaf ? std::any_of(first, account_->uses.end(), [&](const Use& u) { return u.source == hand; })
                 : first != account_->uses.end()))
      return;
    Undo(attempt, extension);
  }
}

}  // namespace passerelle::engine
