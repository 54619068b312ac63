#include "mappers/engine/joint.h"

#include <algorithm>
#include <array>

#include "mappers/engine/account.h"

namespace passerelle::engine {
namespace {

using node::Children;
using node::kNone;
using node::kRoot;
using node::NodeIndex;
using node::Tree;

// The node after `at` in a walk of what stands below `top`, parents first; kNone at its end.
NodeIndex Next(const Tree& tree, NodeIndex top, NodeIndex at) {
  if (tree[at].first != kNone) return tree[at].first;
  while (at != top && tree[at].next == kNone) at = tree[at].parent;
  return at == top ? kNone : tree[at].next;
}

// A leaf of that text at `top` or below it.
NodeIndex FindText(const Tree& tree, NodeIndex top, std::string_view text) {
  for (NodeIndex at = top; at != kNone; at = Next(tree, top, at))
    if (!tree[at].text.empty() && tree[at].text == text) return at;
  return kNone;
}

// Lists in which both sides may have something of their own, and by which child two of their elements are the
// same.
struct UnionRow {
  std::string_view list, key;
};
constexpr std::array kUnions = {UnionRow{"identifier", "value"}, UnionRow{"extension", "url"}};

// An account of its own, which may be changed.
std::shared_ptr<Account> Own(Ledger& ledger) {
  auto own = ledger.account ? std::make_shared<Account>(*ledger.account) : nullptr;
  ledger.account = own;
  return own;
}

}  // namespace

Joint::Joint(Draft& into, Draft& from) : into_(into), from_(from), here_(from.bundle.size(), kNone) {
  Own(into_.ledger);
  auto account = Own(from_.ledger);
  for (NodeIndex entry : Children(from.bundle, kRoot)) {
    if (from.bundle.name(entry) != "entry") continue;
    NodeIndex copy = into.bundle.Copy(kRoot, from.bundle, entry);
    for (NodeIndex a = entry, b = copy; a != kNone && b != kNone;
         a = Next(from.bundle, entry, a), b = Next(into.bundle, copy, b))
      here_[a] = b;
  }
  if (account == nullptr) return;
  for (auto& use : account->uses) use.element = here_[use.element];
  std::erase_if(account->uses, [](const Use& use) { return use.element == kNone; });
  for (auto& [element, stands] : account->merged) element = here_[element], stands = here_[stands];
}

void Joint::Remember(NodeIndex element, NodeIndex stands) {
  for (Draft* draft : {&into_, &from_})
    if (draft->ledger.account)
      std::const_pointer_cast<Account>(draft->ledger.account)->merged.emplace_back(element, stands);
}

// Every leaf of `other` that one of `kept`'s elements of that name says too stands there.
void Joint::StandFor(NodeIndex other, NodeIndex kept, node::NameId name) {
  const Tree& tree = into_.bundle;
  bool all = true;
  NodeIndex first = kNone;
  for (NodeIndex at = other; at != kNone; at = Next(tree, other, at)) {
    if (tree[at].text.empty()) continue;
    NodeIndex found = kNone;
    for (NodeIndex child = tree.Child(kept, name); child != kNone && found == kNone;
         child = tree.NextOfName(child))
      found = FindText(tree, child, tree[at].text);
    if (first == kNone) first = found;
    all = all && found != kNone;
    if (found != kNone) Remember(at, found);
  }
  if (!all || first == kNone) return;
  for (NodeIndex at = other; at != kNone; at = Next(tree, other, at))
    if (tree[at].text.empty()) Remember(at, first);
}

// An element of a list that both have: true when it was taken, or is there already.
bool Joint::Unite(NodeIndex kept, NodeIndex element) {
  Tree& tree = into_.bundle;
  for (const auto& row : kUnions) {
    if (tree.name(element) != row.list) continue;
    auto key = tree.ChildText(element, row.key);
    NodeIndex last = kNone;
    for (NodeIndex child = tree.Child(kept, row.list); child != kNone; child = tree.NextOfName(child)) {
      if (tree.ChildText(child, row.key) == key) return false;
      last = child;
    }
    NodeIndex after = tree[last].next;
    if (after == kNone)
      tree.Move(element, kept);
    else
      tree.MoveBefore(element, after);
    return true;
  }
  return false;
}

void Joint::Fold(NodeIndex kept, NodeIndex other) {
  Tree& tree = into_.bundle;
  static const node::NameId id = node::Intern("id");
  std::vector<node::NameId> had;
  for (NodeIndex child : Children(tree, kept)) had.push_back(tree[child].name);
  for (NodeIndex child = tree[other].first; child != kNone;) {
    NodeIndex next = tree[child].next;
    if (std::find(had.begin(), had.end(), tree[child].name) == had.end())
      tree.Move(child, kept);
    else if (tree[child].name != id && !Unite(kept, child))
      StandFor(child, kept, tree[child].name);
    child = next;
  }
  Remember(other, kept);
  tree.Remove(tree[other].parent);
}

void Joint::Settle(const Tree& from_source, std::string_view prefix) {
  if (!from_.ledger.account) return;
  for (auto& line : from_.ledger.account->Lines(from_source, into_.bundle)) {
    line.place.insert(0, prefix);
    line.leaf = kNone;  // of another tree
    into_.ledger.carried.push_back(std::move(line));
  }
}

void Discard(Draft& draft, NodeIndex entry, std::string_view reason) {
  if (auto account = Own(draft.ledger)) account->discarded.emplace_back(entry, reason);
  draft.bundle.Remove(entry);
}

}  // namespace passerelle::engine
