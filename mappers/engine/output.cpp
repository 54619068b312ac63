#include "mappers/engine/output.h"

#include <algorithm>
#include <cassert>

namespace passerelle::engine {

using node::Children;
using node::Kind;
using node::kNone;
using node::kRoot;
using node::NodeIndex;

namespace {

struct Words {
  node::NameId bundle = node::Intern("Bundle"), type = node::Intern("type"), entry = node::Intern("entry"),
               full_url = node::Intern("fullUrl"), resource = node::Intern("resource"),
               id = node::Intern("id"), url = node::Intern("url"), contained = node::Intern("contained");
};
const Words& W() {
  static const Words words;
  return words;
}

Kind KindOf(spec::JsonForm form) {
  switch (form) {
    case spec::JsonForm::Object: return Kind::Element;
    case spec::JsonForm::Number: return Kind::Number;
    case spec::JsonForm::Boolean: return Kind::Boolean;
    case spec::JsonForm::Xhtml: return Kind::Xhtml;
    default: return Kind::String;
  }
}

std::uint64_t WideKey(NodeIndex parent, node::NameId name) { return std::uint64_t{parent} << 32 | name; }

}  // namespace

Output::Output(node::Tree& bundle, const spec::Definitions& definitions)
    : bundle_(bundle), definitions_(definitions) {
  facts_.reserve(256);
  facts_.resize(1);  // the root
  bundle_[kRoot].name = bundle_[kRoot].resource = W().bundle;
  bundle_[kRoot].shape = definitions.FindShape("Bundle");
  entry_ = definitions_.FindChild(bundle_[kRoot].shape, W().entry);
  full_url_ = definitions_.FindChild(entry_->shape, W().full_url);
  resource_ = definitions_.FindChild(entry_->shape, W().resource);
  New(kRoot, W().type, Kind::String, "collection", definitions_.FindChild(bundle_[kRoot].shape, W().type));
}

// Before which child one of this order goes, kNone for the end: who would have to go far waits there for Sort.
NodeIndex Output::PlaceBefore(NodeIndex last, std::uint32_t order) {
  constexpr int kFar = 16;
  NodeIndex before = kNone;
  for (int steps = 0; last != kNone && facts_[last].order > order; ++steps) {
    if (steps == kFar) {
      const NodeIndex parent = bundle_[last].parent;
      if (!facts_[parent].unsorted) unsorted_.push_back(parent);
      facts_[parent].unsorted = true;
      return kNone;
    }
    before = last;
    last = bundle_[last].previous;
  }
  return before;
}

void Output::CountMany(NodeIndex parent, NodeIndex child) {
  if (facts_[parent].children == kManyChildren)
    for (NodeIndex c : Children(bundle_, parent)) wide_.try_emplace(WideKey(parent, bundle_[c].name), c);
  else
    wide_.try_emplace(WideKey(parent, bundle_[child].name), child);
}

NodeIndex Output::New(NodeIndex parent, node::NameId name, Kind kind, std::string_view text,
                      const spec::ChildInfo* child) {
  const std::uint32_t order = child == nullptr ? 0 : child->order;
  const NodeIndex last = bundle_[parent].last;
  const bool in_order = last == kNone || facts_[last].order <= order;  // as most come
  const NodeIndex before = in_order ? kNone : PlaceBefore(last, order);
  const NodeIndex i = before == kNone ? bundle_.Append(parent, name, kind, text)
                                      : bundle_.InsertBefore(before, name, kind, text);
  assert(facts_.size() == i && "nodes of the bundle are made here, one by one");
  facts_.push_back({child, 0, kNoNumber, order, false});
  if (child != nullptr) {
    node::Node& made = bundle_[i];
    made.shape = child->shape;
    made.list = child->max > 1;
  }
  Count(parent, i);
  return i;
}

NodeIndex Output::FirstOf(NodeIndex parent, node::NameId name) const {
  if (facts_[parent].children < kManyChildren) return bundle_.Child(parent, name);
  auto it = wide_.find(WideKey(parent, name));
  return it == wide_.end() ? kNone : it->second;
}

NodeIndex Output::Add(NodeIndex parent, const spec::ChildInfo& child) {
  return New(parent, child.name, child.form == spec::JsonForm::Object ? Kind::Element : Kind::Null, {},
             &child);
}

NodeIndex Output::Add(NodeIndex parent, node::NameId name) {
  const auto* child = definitions_.FindChild(bundle_[parent].shape, name);
  return child == nullptr ? kNone : Add(parent, *child);
}

NodeIndex Output::FindExtension(NodeIndex parent, node::NameId name, std::string_view url) const {
  for (NodeIndex i = FirstOf(parent, name); i != kNone; i = bundle_.NextOfName(i))
    if (NodeIndex own = bundle_.Child(i, W().url); own != kNone && bundle_[own].text == url) return i;
  return kNone;
}

NodeIndex Output::Ensure(NodeIndex parent, const TargetStep& step, NodeIndex& made) {
  node::NameId name = step.child->name;
  if (step.mode == TargetStep::Extension)
    if (NodeIndex known = FindExtension(parent, name, step.url); known != kNone) return known;
  if (step.mode == TargetStep::First)
    if (NodeIndex first = FirstOf(parent, name); first != kNone) return first;
  if (step.mode == TargetStep::Shared) {
    NodeIndex first = FirstOf(parent, name);
    if (first != kNone && step.child->max <= 1) return first;
    for (std::size_t i = first == kNone ? base_ : keys_.size(); i > base_; --i)
      if (const Key& k = keys_[i - 1]; k.parent == parent && k.name == name && k.key == step.key)
        return k.element;
  }
  NodeIndex element = Add(parent, *step.child);
  if (made == kNone) made = element;
  if (!step.url.empty()) {
    const auto* url = definitions_.FindChild(step.child->shape, W().url);
    New(element, W().url, Kind::String, bundle_.Keep(step.url), url);
  } else if (step.mode == TargetStep::Shared && step.child->max > 1) {
    keys_.push_back({parent, name, step.key, element});
  }
  return element;
}

bool Output::SetValue(NodeIndex element, std::string_view text) {
  node::Node& n = bundle_[element];
  if (n.kind != Kind::Null) return false;
  n.kind = facts_[element].child == nullptr ? Kind::String : KindOf(facts_[element].child->form);
  n.text = text;
  return true;
}

bool Output::IsTaken(NodeIndex parent, const TargetStep& step, bool last) const {
  if (step.mode != TargetStep::Shared || step.child->max > 1 || (!last && !step.child->choice)) return false;
  if (!step.child->choice) {
    NodeIndex known = FirstOf(parent, step.child->name);
    return known != kNone && bundle_[known].kind != Kind::Null && bundle_[known].kind != Kind::Element;
  }
  for (NodeIndex i : Children(bundle_, parent)) {
    const auto* child = facts_[i].child;
    if (child == nullptr || child->element_name != step.child->element_name) continue;
    if (child != step.child || (last && bundle_[i].kind != Kind::Element && bundle_[i].kind != Kind::Null))
      return true;
  }
  return false;
}

NodeIndex Output::AddEntry(node::NameId type, spec::ShapeId shape) {
  NodeIndex entry = Add(kRoot, *entry_);
  New(entry, W().full_url, Kind::Null, {}, full_url_);
  NodeIndex resource = New(entry, W().resource, Kind::Element, {}, resource_);
  bundle_[resource].resource = type;
  if (shape != 0) bundle_[resource].shape = shape;
  New(resource, W().id, Kind::Null, {}, definitions_.FindChild(shape, W().id));
  return resource;
}

NodeIndex Output::AddContained(NodeIndex container, node::NameId type, spec::ShapeId shape) {
  const auto* info = definitions_.FindChild(bundle_[container].shape, W().contained);
  if (info == nullptr) return kNone;
  NodeIndex resource = New(container, W().contained, Kind::Element, {}, info);
  bundle_[resource].resource = type;
  bundle_[resource].shape = shape;
  New(resource, W().id, Kind::String, {}, definitions_.FindChild(shape, W().id));
  return resource;
}

bool Output::HasOtherChoice(NodeIndex parent, NodeIndex element) const {
  const auto* child = facts_[element].child;
  if (child == nullptr || !child->choice) return false;
  for (NodeIndex i : Children(bundle_, parent))
    if (facts_[i].child != nullptr && facts_[i].child->element_name == child->element_name) return true;
  return false;
}

void Output::MoveTo(NodeIndex element, NodeIndex parent) {
  bundle_.Move(element, parent);
  Count(parent, element);
  facts_[parent].unsorted = true;
  unsorted_.push_back(parent);
}

void Output::Remove(NodeIndex element, Mark mark) {
  NodeIndex parent = bundle_[element].parent;
  if (parent == kNone) return;
  Facts& above = facts_[parent];
  if (above.children >= kManyChildren) {
    auto it = wide_.find(WideKey(parent, bundle_[element].name));
    NodeIndex next = bundle_.NextOfName(element);
    if (it != wide_.end() && it->second == element) {
      if (next == kNone)
        wide_.erase(it);
      else
        it->second = next;
    }
  } else {
    --above.children;
  }
  bundle_.Remove(element);
  if (mark.keys < keys_.size()) keys_.resize(std::max(mark.keys, base_));
}

void Output::RemoveUpwards(NodeIndex element) {
  while (true) {
    NodeIndex parent = bundle_[element].parent;
    if (parent == kNone) return;
    Remove(element, {keys_.size()});
    bool holds = bundle_[parent].resource != 0 || !bundle_[parent].text.empty();
    for (NodeIndex child : Children(bundle_, parent))
      holds = holds || bundle_[child].name != W().url || facts_[parent].child == nullptr ||
              facts_[parent].child->type != "Extension";
    if (holds) return;
    element = parent;
  }
}

void Output::SortChildren(NodeIndex parent) {
  scratch_.clear();
  for (NodeIndex child : Children(bundle_, parent)) scratch_.push_back(child);
  std::stable_sort(scratch_.begin(), scratch_.end(),
                   [&](NodeIndex a, NodeIndex b) { return facts_[a].order < facts_[b].order; });
  for (NodeIndex child : scratch_) bundle_.Move(child, parent);
}

void Output::Sort() {
  for (NodeIndex parent : unsorted_) {
    if (facts_[parent].unsorted) SortChildren(parent);
    facts_[parent].unsorted = false;
  }
  unsorted_.clear();
}

}  // namespace passerelle::engine
