#pragma once
// Small steps over a source tree that the files of this room share.

#include <string_view>

#include "fhir_model/node/tree.h"

namespace passerelle::normalise {

// Calls visit(index) for every node below `from`, parents before children; no recursion.
template <class Visit>
void ForEachBelow(const node::Tree& tree, node::NodeIndex from, Visit visit) {
  node::NodeIndex at = tree[from].first;
  while (at != node::kNone) {
    visit(at);
    if (tree[at].first != node::kNone) {
      at = tree[at].first;
      continue;
    }
    while (at != from && tree[at].next == node::kNone) at = tree[at].parent;
    at = at == from ? node::kNone : tree[at].next;
  }
}

// The first segment of that name, whatever group it stands in.
inline node::NodeIndex FindSegment(const node::Tree& message, std::string_view name) {
  node::NodeIndex found = node::kNone;
  node::NameId id = message.FindName(name);
  if (id == 0) return found;
  ForEachBelow(message, node::kRoot, [&](node::NodeIndex i) {
    if (found == node::kNone && message[i].name == id) found = i;
  });
  return found;
}

// What a value begins with: one with parts is its first part.
inline node::NodeIndex FirstPart(const node::Tree& message, node::NodeIndex at) {
  while (message[at].text.empty() && message[at].first != node::kNone &&
         message[message[at].first].position == 1)
    at = message[at].first;
  return at;
}

// The text of `component` ("OBX-3.3") of the first repetition of `field` ("OBX-3") in a segment.
inline std::string_view FieldText(const node::Tree& message, node::NodeIndex segment, std::string_view field,
                                  std::string_view component = {}) {
  if (segment == node::kNone) return {};
  node::NodeIndex at = message.Child(segment, field);
  if (at != node::kNone && !component.empty()) at = message.Child(at, component);
  return at == node::kNone ? std::string_view() : message[FirstPart(message, at)].text;
}

}  // namespace passerelle::normalise
