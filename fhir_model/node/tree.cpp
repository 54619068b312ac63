#include "fhir_model/node/tree.h"

#include <algorithm>
#include <cassert>
#include <cstring>

namespace passerelle::node {

Tree::Tree(Format format, NameId root_name)
    : format_(format), arena_(std::make_unique<std::pmr::monotonic_buffer_resource>(4096)) {
  nodes_.reserve(64);
  New(root_name, Kind::Element, {});
}

std::string_view Tree::AdoptSource(std::string bytes) {
  source_ = std::make_unique<std::string>(std::move(bytes));
  return *source_;
}

char* Tree::Allocate(std::size_t bytes) {
  arena_bytes_ += bytes;
  return static_cast<char*>(arena_->allocate(bytes == 0 ? 1 : bytes, 1));
}

std::string_view Tree::Keep(std::string_view text) {
  if (text.empty()) return std::string_view("", 0);
  char* copy = Allocate(text.size());
  std::memcpy(copy, text.data(), text.size());
  return {copy, text.size()};
}

NameId Tree::NameOf(std::string_view name) {
  if (NameId known = Find(name)) return known;
  if (auto it = local_ids_.find(name); it != local_ids_.end()) return it->second;
  auto kept = Keep(name);
  local_names_.push_back(kept);
  NameId id = kLocalName | static_cast<NameId>(local_names_.size() - 1);
  local_ids_.emplace(kept, id);
  return id;
}

NameId Tree::FindName(std::string_view name) const {
  // A name that became global after this tree was read is still local here.
  if (auto it = local_ids_.find(name); it != local_ids_.end()) return it->second;
  return Find(name);
}

std::string_view Tree::NameText(NameId id) const {
  return id & kLocalName ? local_names_[id & ~kLocalName] : node::NameText(id);
}

inline NodeIndex Tree::New(NameId name, Kind kind, std::string_view text) {
  auto i = static_cast<NodeIndex>(nodes_.size());
  assert(i != kNone);
  Node& n = nodes_.emplace_back();
  n.name = name;
  n.kind = kind;
  n.text = text;
  return i;
}

void Tree::Link(NodeIndex i, NodeIndex parent, NodeIndex before) {
  Node& n = nodes_[i];
  Node& p = nodes_[parent];
  n.parent = parent;
  n.next = before;
  n.previous = before == kNone ? p.last : nodes_[before].previous;
  (n.previous == kNone ? p.first : nodes_[n.previous].next) = i;
  (before == kNone ? p.last : nodes_[before].previous) = i;
}

void Tree::Unlink(NodeIndex i) {
  Node& n = nodes_[i];
  if (n.parent == kNone) return;
  Node& p = nodes_[n.parent];
  (n.previous == kNone ? p.first : nodes_[n.previous].next) = n.next;
  (n.next == kNone ? p.last : nodes_[n.next].previous) = n.previous;
  n.parent = n.previous = n.next = kNone;
}

NodeIndex Tree::Append(NodeIndex parent, NameId name, Kind kind, std::string_view text) {
  NodeIndex i = New(name, kind, text);
  Node& p = nodes_[parent];
  Node& n = nodes_.back();
  n.parent = parent;
  n.previous = p.last;
  (p.last == kNone ? p.first : nodes_[p.last].next) = i;
  p.last = i;
  return i;
}

NodeIndex Tree::InsertBefore(NodeIndex sibling, NameId name, Kind kind, std::string_view text) {
  NodeIndex i = New(name, kind, text);
  Link(i, nodes_[sibling].parent, sibling);
  return i;
}

void Tree::Remove(NodeIndex i) {
  assert(i != kRoot);
  Unlink(i);
}

void Tree::Move(NodeIndex i, NodeIndex new_parent) {
  Unlink(i);
  Link(i, new_parent, kNone);
}

void Tree::MoveBefore(NodeIndex i, NodeIndex sibling) {
  Unlink(i);
  Link(i, nodes_[sibling].parent, sibling);
}

NodeIndex Tree::CopyToList(NodeIndex parent, const Tree& source_tree, NodeIndex from) {
  NodeIndex copy = Copy(parent, source_tree, from);
  for (NodeIndex other = nodes_[copy].previous; other != kNone; other = nodes_[other].previous) {
    if (nodes_[other].name != nodes_[copy].name) continue;
    if (NodeIndex after = nodes_[other].next; after != copy) MoveBefore(copy, after);
    break;
  }
  return copy;
}

NodeIndex Tree::Copy(NodeIndex parent, const Tree& source_tree, NodeIndex from) {
  auto copy_one = [&](NodeIndex original, NodeIndex under) {
    // By value: when both trees are one, appending may move the nodes.
    Node n = source_tree.nodes_[original];
    NameId name = n.name & kLocalName ? NameOf(source_tree.NameText(n.name)) : n.name;
    std::string_view text = &source_tree == this || n.text.empty() ? n.text : Keep(n.text);
    NodeIndex copy = Append(under, name, n.kind, text);
    Node& c = nodes_[copy];
    c.line = n.line, c.column = n.column, c.shape = n.shape, c.position = n.position;
    c.list = n.list, c.attribute = n.attribute;
    c.resource = n.resource & kLocalName ? NameOf(source_tree.NameText(n.resource)) : n.resource;
    return copy;
  };
  NodeIndex top = copy_one(from, parent);
  const NodeIndex skip =
      &source_tree == this ? top : kNone;  // a copy below its own original is not copied again
  // A walk without recursion: depth is the sender's choice.
  NodeIndex at = from, to = top;
  while (true) {
    if (NodeIndex down = source_tree.nodes_[at].first; down != kNone && down != skip) {
      at = down;
      to = copy_one(at, to);
      continue;
    }
    while (at != from && (source_tree.nodes_[at].next == kNone || source_tree.nodes_[at].next == skip)) {
      at = source_tree.nodes_[at].parent;
      to = nodes_[to].parent;
    }
    if (at == from) return top;
    at = source_tree.nodes_[at].next;
    to = copy_one(at, nodes_[to].parent);
  }
}

Tree Tree::Extract(NodeIndex from) const {
  const Node& n = nodes_[from];
  Tree out(format_);
  auto global = [&](NameId id) { return id & kLocalName ? out.NameOf(NameText(id)) : id; };
  out.nodes_[kRoot].resource = global(n.resource);
  out.nodes_[kRoot].name = n.resource != 0 ? out.nodes_[kRoot].resource : global(n.name);
  out.nodes_[kRoot].kind = n.kind;
  out.nodes_[kRoot].shape = n.shape;
  out.nodes_[kRoot].text = n.text.empty() ? n.text : out.Keep(n.text);
  for (NodeIndex child : Children(*this, from)) out.Copy(kRoot, *this, child);
  return out;
}

Tree Tree::Shadow() const {
  Tree out(format_);
  out.nodes_ = nodes_;
  out.local_names_ = local_names_;
  out.local_ids_ = local_ids_;
  return out;
}

NodeIndex Tree::Child(NodeIndex parent, NameId name) const {
  for (NodeIndex c = nodes_[parent].first; c != kNone; c = nodes_[c].next)
    if (nodes_[c].name == name) return c;
  bool leaf = format_ == Format::Hl7v2 && nodes_[parent].first == kNone && name != 0;
  return leaf && WithoutFirstComponent(name) == nodes_[parent].name ? parent : kNone;
}

NodeIndex Tree::Child(NodeIndex parent, std::string_view name) const {
  NameId id = FindName(name);
  return id == 0 ? kNone : Child(parent, id);
}

std::string_view Tree::ChildText(NodeIndex parent, NameId name) const {
  NodeIndex child = Child(parent, name);
  return child == kNone ? std::string_view() : nodes_[child].text;
}

std::string_view Tree::ChildText(NodeIndex parent, std::string_view name) const {
  NameId id = FindName(name);
  return id == 0 ? std::string_view() : ChildText(parent, id);
}

std::size_t Tree::CountChildren(NodeIndex parent) const {
  std::size_t count = 0;
  for (NodeIndex c = nodes_[parent].first; c != kNone; c = nodes_[c].next) ++count;
  return count;
}

NodeIndex Tree::NextOfName(NodeIndex i) const {
  for (NodeIndex c = nodes_[i].next; c != kNone; c = nodes_[c].next)
    if (nodes_[c].name == nodes_[i].name) return c;
  return kNone;
}

bool Equal(const Tree& a, NodeIndex i, const Tree& b, NodeIndex j) {
  // A walk without recursion, as in Copy.
  NodeIndex x = i, y = j;
  while (true) {
    const Node& m = a[x];
    const Node& n = b[y];
    if (m.kind != n.kind || m.text != n.text || m.attribute != n.attribute) return false;
    if ((x != i || m.resource == 0) && a.name(x) != b.name(y)) return false;
    if (x != i && m.list != n.list) return false;
    if (a.NameText(m.resource) != b.NameText(n.resource)) return false;
    if ((m.first == kNone) != (n.first == kNone)) return false;
    if (m.first != kNone) {
      x = m.first, y = n.first;
      continue;
    }
    while (x != i && a[x].next == kNone) {
      if (b[y].next != kNone) return false;
      x = a[x].parent, y = b[y].parent;
    }
    if (x == i) return y == j;
    x = a[x].next, y = b[y].next;
    if (y == kNone) return false;
  }
}

}  // namespace passerelle::node
