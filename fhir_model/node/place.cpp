// Where a node stands, as people write it: paths, lines and columns.

#include <algorithm>
#include <vector>

#include "fhir_model/node/tree.h"

namespace passerelle::node {
namespace {

// How many siblings of the same name stand before i, and whether there are others at all.
std::pair<std::size_t, bool> Rank(const Tree& tree, NodeIndex i) {
  std::size_t before = 0;
  for (NodeIndex s = tree[i].previous; s != kNone; s = tree[s].previous)
    before += tree[s].name == tree[i].name;
  return {before, before > 0 || tree.NextOfName(i) != kNone};
}

std::string FhirStep(const Tree& tree, NodeIndex i) {
  std::string step(tree.name(i));
  auto [rank, several] = Rank(tree, i);
  if (tree[i].list || several) step += "[" + std::to_string(rank) + "]";
  return step;
}

std::string CdaStep(const Tree& tree, NodeIndex i) {
  std::string step = tree[i].kind == Kind::Text ? "text()" : std::string(tree.name(i));
  auto [rank, several] = Rank(tree, i);
  if (several && !tree[i].attribute) step += "[" + std::to_string(rank + 1) + "]";
  return step;
}

// "PID-3[2].4" : the segment, its number when there are several, the field, its repetition, the rest.
std::string Hl7Path(const Tree& tree, NodeIndex i) {
  std::string path;
  for (NodeIndex n = i; n != kNone && n != kRoot; n = tree[n].parent) {
    auto name = tree.name(n);
    auto [rank, several] = Rank(tree, n);
    std::string index = several ? "[" + std::to_string(rank + 1) + "]" : "";
    auto dash = name.find('-');
    if (dash == name.npos) return std::string(name) + index + path;  // the segment
    std::string number = std::to_string(tree[n].position);
    path = (name.find('.') == name.npos ? "-" + number + index : "." + number) + path;
  }
  return path;
}

}  // namespace

std::string Tree::Path(NodeIndex i) const {
  if (format_ == Format::Hl7v2) return Hl7Path(*this, i);
  std::string path;
  for (NodeIndex n = i; n != kRoot && n != kNone; n = nodes_[n].parent) {
    std::string step = format_ == Format::Fhir ? FhirStep(*this, n) : CdaStep(*this, n);
    path = path.empty() ? step : step + (format_ == Format::Fhir ? "." : "/") + path;
  }
  std::string top(name(kRoot));
  if (format_ == Format::Cda) return "/" + top + (path.empty() ? "" : "/" + path);
  return path.empty() ? top : top.empty() ? path : top + "." + path;
}

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
