#include "profiles/terminology/code_system.h"

#include <algorithm>
#include <bit>
#include <cstring>

namespace passerelle::terminology {
namespace {

using node::kNone;
using node::NodeIndex;

struct ContentWord {
  std::string_view word;
  Content content;
};
constexpr ContentWord kContents[] = {{"complete", Content::Complete},
                                     {"fragment", Content::Fragment},
                                     {"example", Content::Example},
                                     {"supplement", Content::Supplement}};

char Lower(char c) { return c >= 'A' && c <= 'Z' ? static_cast<char>(c | 0x20) : c; }

}  // namespace

std::uint64_t HashCode(std::string_view code) {
  std::uint64_t hash = code.size() * 0x9E3779B97F4A7C15u;
  const char* at = code.data();
  std::size_t left = code.size();
  for (; left >= 8; at += 8, left -= 8) {
    std::uint64_t block;
    std::memcpy(&block, at, 8);
    hash = (hash ^ block) * 0xD6E8FEB86659FD93u;
    hash ^= hash >> 32;
  }
  std::uint64_t block = 0;
  std::memcpy(&block, at, left);
  hash = (hash ^ block) * 0xD6E8FEB86659FD93u;
  return hash ^ hash >> 32;
}

std::string Fold(std::string_view text) {
  std::string folded;
  for (char c : text) {
    bool space = c == ' ' || c == '\t' || c == '\n' || c == '\r';
    if (space && (folded.empty() || folded.back() == ' ')) continue;
    folded += space ? ' ' : Lower(c);
  }
  if (!folded.empty() && folded.back() == ' ') folded.pop_back();
  return folded;
}

CodeSystem::CodeSystem(node::Tree tree, NodeIndex at) : tree_(std::move(tree)), root_(at) {
  url_ = tree_.ChildText(at, "url");
  hierarchy_meaning_ = tree_.ChildText(at, "hierarchyMeaning");
  count_ = tree_.ChildText(at, "count");
  version_ = tree_.ChildText(at, "version");
  name_ = tree_.ChildText(at, "name");
  case_sensitive_ = tree_.ChildText(at, "caseSensitive") != "false";
  supplements_ = tree_.Child(at, "supplements") != kNone;
  for (const auto& row : kContents)
    if (row.word == tree_.ChildText(at, "content")) content_ = row.content;
  Collect(at, kNone);
  Index();
  CollectEdges();
}

void CodeSystem::Collect(NodeIndex parent, std::uint32_t above) {
  for (NodeIndex child : node::Children(tree_, parent)) {
    if (tree_.name(child) != "concept") continue;
    auto number = static_cast<std::uint32_t>(concepts_.size());
    concepts_.push_back({tree_.ChildText(child, "code"), tree_.ChildText(child, "display"), 0, above, child});
    Collect(child, number);
    has_templates_ |= concepts_[number].code.ends_with("xxx");
    concepts_[number].end = static_cast<std::uint32_t>(concepts_.size());
  }
}

void CodeSystem::Index() {
  slots_.assign(std::bit_ceil(concepts_.size() * 2 + 1), 0);
  for (std::uint32_t i = 0; i < concepts_.size(); ++i) {
    std::size_t slot =
        HashCode(case_sensitive_ ? concepts_[i].code : Fold(concepts_[i].code)) & (slots_.size() - 1);
    while (slots_[slot] != 0) slot = (slot + 1) & (slots_.size() - 1);
    slots_[slot] = i + 1;
  }
}

void CodeSystem::CollectEdges() {
  for (std::uint32_t i = 0; i < concepts_.size(); ++i)
    for (const auto& property : Properties(i)) {
      bool up = property.code == "parent" || property.code == "subsumedBy", down = property.code == "child";
      if (!up && !down) continue;
      std::uint32_t other = Find(property.value);
      if (other == kNone) continue;
      edges_.push_back(up ? std::pair{other, i} : std::pair{i, other});
    }
  std::sort(edges_.begin(), edges_.end());
}

// The edges that begin at a concept.
std::pair<CodeSystem::Edges::const_iterator, CodeSystem::Edges::const_iterator> CodeSystem::EdgesFrom(
    std::uint32_t parent) const {
  return {std::lower_bound(edges_.begin(), edges_.end(), std::pair{parent, std::uint32_t{0}}),
          std::upper_bound(edges_.begin(), edges_.end(), std::pair{parent, kNone})};
}

std::uint32_t CodeSystem::Find(std::string_view code) const {
  std::string folded;
  if (!case_sensitive_) folded = Fold(code);
  for (std::size_t slot = HashCode(case_sensitive_ ? code : folded) & (slots_.size() - 1); slots_[slot] != 0;
       slot = (slot + 1) & (slots_.size() - 1)) {
    std::string_view there = concepts_[slots_[slot] - 1].code;
    if (case_sensitive_ ? there == code : Fold(there) == folded) return slots_[slot] - 1;
  }
  if (has_templates_ && code.size() > 3 && !code.ends_with("xxx"))
    return Find(std::string(code.substr(0, code.size() - 3)) + "xxx");
  return kNone;
}

bool CodeSystem::HasDesignation(std::uint32_t concept_index, std::string_view display) const {
  const auto& found = concepts_[concept_index];
  if (found.display == display) return true;
  std::string wanted = Fold(display);
  if (Fold(found.display) == wanted) return true;
  for (NodeIndex child : node::Children(tree_, found.node))
    if (tree_.name(child) == "designation" && Fold(tree_.ChildText(child, "value")) == wanted) return true;
  return false;
}

std::vector<CodeSystem::Property> CodeSystem::Properties(std::uint32_t concept_index) const {
  std::vector<Property> all;
  for (NodeIndex child : node::Children(tree_, concepts_[concept_index].node)) {
    if (tree_.name(child) != "property") continue;
    Property property{tree_.ChildText(child, "code"), {}};
    for (NodeIndex value : node::Children(tree_, child))
      if (tree_.name(value).starts_with("value"))
        property.value = tree_[value].first == kNone ? tree_[value].text : tree_.ChildText(value, "code");
    all.push_back(property);
  }
  return all;
}

std::string_view CodeSystem::PropertyType(std::string_view code) const {
  for (NodeIndex child : node::Children(tree_, root_))
    if (tree_.name(child) == "property" && tree_.ChildText(child, "code") == code)
      return tree_.ChildText(child, "type");
  return {};
}

bool CodeSystem::IsInactive(std::uint32_t concept_index) const {
  for (const auto& property : Properties(concept_index)) {
    if (property.code == "inactive" && property.value == "true") return true;
    if (property.code == "status" && (property.value == "retired" || property.value == "inactive"))
      return true;
  }
  return false;
}

std::vector<bool> CodeSystem::Below(std::uint32_t concept_index) const {
  std::vector<bool> below(concepts_.size());
  std::vector<std::uint32_t> open{concept_index};
  while (!open.empty()) {
    std::uint32_t top = open.back();
    open.pop_back();
    if (below[top]) continue;
    for (std::uint32_t i = top; i < concepts_[top].end; ++i) {
      if (below[i]) continue;
      below[i] = true;
      auto [from, to] = EdgesFrom(i);
      for (auto edge = from; edge != to; ++edge)
        if (!below[edge->second]) open.push_back(edge->second);
    }
  }
  return below;
}

std::vector<bool> CodeSystem::ChildrenOf(std::uint32_t concept_index) const {
  std::vector<bool> children(concepts_.size());
  for (std::uint32_t i = 0; i < concepts_.size(); ++i) children[i] = concepts_[i].parent == concept_index;
  auto [from, to] = EdgesFrom(concept_index);
  for (auto edge = from; edge != to; ++edge) children[edge->second] = true;
  return children;
}

}  // namespace passerelle::terminology
