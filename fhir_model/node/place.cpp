// Where a node stands, as people write it: paths, lines and columns.

#include <algorithm>
#include <vector>

#include "fhir_model/node/paths.h"

namespace passerelle::node {
namespace {

constexpr int kNear = 64;  // so many sisters are looked at for one rank before the family is counted

}  // namespace

Paths::Rank Paths::RankOf(NodeIndex i) {
  if (auto known = counted_.find(i); known != counted_.end()) return known->second;
  Rank rank;
  int near = 0;
  for (NodeIndex s = tree_[i].previous; s != kNone && near <= kNear; s = tree_[s].previous, ++near)
    rank.before += tree_[s].name == tree_[i].name;
  rank.several = rank.before > 0;
  for (NodeIndex s = tree_[i].next; !rank.several && s != kNone && near <= kNear; s = tree_[s].next, ++near)
    rank.several = tree_[s].name == tree_[i].name;
  if (near <= kNear) return rank;
  CountFamily(i);
  return counted_[i];
}

void Paths::CountFamily(NodeIndex i) {
  std::unordered_map<NameId, std::size_t> count;
  for (NodeIndex s : Children(tree_, tree_[i].parent)) counted_[s].before = count[tree_[s].name]++;
  for (NodeIndex s : Children(tree_, tree_[i].parent)) counted_[s].several = count[tree_[s].name] > 1;
}

std::string Paths::FhirStep(NodeIndex i) {
  std::string step(tree_.name(i));
  Rank rank = RankOf(i);
  if (tree_[i].list || rank.several) step += "[" + std::to_string(rank.before) + "]";
  return step;
}

std::string Paths::CdaStep(NodeIndex i) {
  std::string step = tree_[i].kind == Kind::Text ? "text()" : std::string(tree_.name(i));
  Rank rank = RankOf(i);
  if (rank.several && !tree_[i].attribute) step += "[" + std::to_string(rank.before + 1) + "]";
  return step;
}

// "PID-3[2].4" : the segment, its number when there are several, the field, its repetition, the rest.
std::string Paths::Hl7Path(NodeIndex i) {
  std::string path;
  for (NodeIndex n = i; n != kNone && n != kRoot; n = tree_[n].parent) {
    auto name = tree_.name(n);
    Rank rank = RankOf(n);
    std::string index = rank.several ? "[" + std::to_string(rank.before + 1) + "]" : "";
    auto dash = name.find('-');
    if (dash == name.npos) return std::string(name) + index + path;  // the segment
    std::string number = std::to_string(tree_[n].position);
    path = (name.find('.') == name.npos ? "-" + number + index : "." + number) + path;
  }
  return path;
}

// What the last path and this one have in common is written once.
std::string Paths::Of(NodeIndex i) {
  if (tree_.format() == Format::Hl7v2) return Hl7Path(i);
  const bool fhir = tree_.format() == Format::Fhir;
  way_.clear();
  for (NodeIndex n = i; n != kRoot && n != kNone; n = tree_[n].parent) way_.push_back(n);
  std::size_t common = 0;
  while (common < trail_.size() && common < way_.size() &&
         trail_[common].node == way_[way_.size() - 1 - common])
    ++common;
  trail_.resize(common);
  if (common > 0)
    text_.resize(trail_.back().end);
  else
    text_ = (fhir ? "" : "/") + std::string(tree_.name(kRoot));
  for (std::size_t left = way_.size() - common; left-- > 0;) {
    if (!text_.empty()) text_ += fhir ? '.' : '/';
    text_ += fhir ? FhirStep(way_[left]) : CdaStep(way_[left]);
    trail_.push_back({way_[left], text_.size()});
  }
  return text_;
}

std::string Tree::Path(NodeIndex i) const { return Paths(*this).Of(i); }

Place Tree::PlaceOf(NodeIndex i) const {
  Place place{Path(i), 0, 0};
  const Node& n = nodes_[i];
  if (n.line == 0) return place;
  if (n.column != 0) {
    place.line = n.line, place.column = n.column;
    return place;
  }
  auto before = source().substr(0, n.line - 1);
  // Segments of HL7 v2 may end in CR alone; everywhere else LF ends the line.
  char end = format_ == Format::Hl7v2 && before.find('\n') == before.npos ? '\r' : '\n';
  place.line = static_cast<std::uint32_t>(std::count(before.begin(), before.end(), end)) + 1;
  auto start = before.rfind(end);
  place.column = static_cast<std::uint32_t>(before.size() - (start == before.npos ? 0 : start + 1)) + 1;
  return place;
}

}  // namespace passerelle::node
