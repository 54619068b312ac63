#include "gateway/access/masks.h"

#include <array>
#include <utility>

namespace passerelle::access {
namespace {

using node::Children;
using node::Kind;
using node::kNone;
using node::NodeIndex;
using node::Tree;

struct LabelRow {
  std::string_view written, canonical;
  Reader hidden_from;
};
constexpr std::array kLabels = {
    LabelRow{"MASQUE_PS", "MASQUE_PS", Reader::Professional},
    LabelRow{"INVISIBLE_PATIENT", "INVISIBLE_PATIENT", Reader::Patient},
    LabelRow{"INVISIBLE_REPRESENTANTS_LEGAUX", "INVISIBLE_REPRESENTANTS_LEGAUX", Reader::LegalRepresentative},
    LabelRow{"INVISIBLE_REP_LEGAUX", "INVISIBLE_REPRESENTANTS_LEGAUX", Reader::LegalRepresentative},
};

bool IsDocument(const Tree& tree, NodeIndex resource) {
  return tree.NameText(tree[resource].resource) == "DocumentReference";
}

bool IsVisibility(const Tree& tree, NodeIndex coding) {
  return tree.ChildText(coding, "system") == kVisibilitySystem;
}

// Child `name` of `parent`, made in front of everything but id when it is missing.
NodeIndex Ensure(Tree& tree, NodeIndex parent, std::string_view name) {
  if (NodeIndex there = tree.Child(parent, name); there != kNone) return there;
  NodeIndex id = tree.Child(parent, "id");
  NodeIndex before = id != kNone ? tree[id].next : tree[parent].first;
  return before == kNone ? tree.Append(parent, node::Intern(name), Kind::Element)
                         : tree.InsertBefore(before, node::Intern(name), Kind::Element);
}

void FillCoding(Tree& tree, NodeIndex coding, std::string_view code) {
  tree[coding].list = true;
  tree.Append(coding, node::Intern("system"), Kind::String, kVisibilitySystem);
  tree.Append(coding, node::Intern("code"), Kind::String, tree.Keep(code));
}

// securityLabel is a list of concepts, meta.security one of codings; lists of one name stay together.
void AddDocumentLabel(Tree& tree, NodeIndex document, std::string_view code) {
  NodeIndex after = kNone;
  for (NodeIndex child : Children(tree, document)) {
    auto name = tree.name(child);
    if (name == "securityLabel" || (after == kNone && name == "content")) after = child;
  }
  NodeIndex label = after == kNone || tree.name(after) == "content"
                        ? (after == kNone ? tree.Append(document, node::Intern("securityLabel"), Kind::Element)
                                          : tree.InsertBefore(after, node::Intern("securityLabel"), Kind::Element))
                        : (tree[after].next == kNone
                               ? tree.Append(document, node::Intern("securityLabel"), Kind::Element)
                               : tree.InsertBefore(tree[after].next, node::Intern("securityLabel"), Kind::Element));
  tree[label].list = true;
  FillCoding(tree, tree.Append(label, node::Intern("coding"), Kind::Element), code);
}

void AddMetaLabel(Tree& tree, NodeIndex resource, std::string_view code) {
  NodeIndex meta = Ensure(tree, resource, "meta");
  FillCoding(tree, tree.Append(meta, node::Intern("security"), Kind::Element), code);
}

// Calls visit(holder, coding) for each visibility coding; `holder` is what to remove to be rid of it.
void ForEachLabel(const Tree& tree, NodeIndex resource, const auto& visit) {
  NodeIndex parent = IsDocument(tree, resource) ? resource : tree.Child(resource, "meta");
  if (parent == kNone) return;
  std::string_view holder_name = IsDocument(tree, resource) ? "securityLabel" : "security";
  for (NodeIndex holder = tree[parent].first; holder != kNone;) {
    NodeIndex next = tree[holder].next;
    if (tree.name(holder) == holder_name) {
      NodeIndex coding = IsDocument(tree, resource) ? tree.Child(holder, "coding") : holder;
      if (coding != kNone && IsVisibility(tree, coding)) visit(holder, coding);
    }
    holder = next;
  }
}

}  // namespace

std::string_view CanonicalLabel(std::string_view code) {
  for (const auto& row : kLabels)
    if (row.written == code) return row.canonical;
  return {};
}

Labels ReadLabels(const Tree& tree, NodeIndex resource) {
  Labels labels;
  ForEachLabel(tree, resource, [&](NodeIndex, NodeIndex coding) { labels.emplace(tree.ChildText(coding, "code")); });
  return labels;
}

void WriteLabels(Tree& tree, NodeIndex resource, const Labels& labels) {
  ForEachLabel(tree, resource, [&](NodeIndex holder, NodeIndex) { tree.Remove(holder); });
  for (const auto& label : labels) {
    if (IsDocument(tree, resource))
      AddDocumentLabel(tree, resource, label);
    else
      AddMetaLabel(tree, resource, label);
  }
}

bool MayRead(Reader reader, const Labels& labels) {
  if (reader == Reader::Operator) return true;
  for (const auto& row : kLabels)
    if (row.hidden_from == reader && labels.contains(row.canonical)) return false;
  return true;
}

}  // namespace passerelle::access
