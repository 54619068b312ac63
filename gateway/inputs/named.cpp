#include "gateway/inputs/named.h"

namespace passerelle::inputs {
namespace {

using node::Children;
using node::kNone;
using node::kRoot;
using node::NodeIndex;
using node::Tree;

constexpr std::size_t kNamedMax = 64;

class Names {
 public:
  void Add(std::string system, std::string_view value) {
    if (!value.empty() && all_.size() < kNamedMax) all_.push_back({std::move(system), std::string(value)});
  }
  void AddOid(std::string_view oid, std::string_view value) {
    Add(oid.empty() ? std::string() : "urn:oid:" + std::string(oid), value);
  }
  std::vector<pipeline::Identifier> Take() { return std::move(all_); }

 private:
  std::vector<pipeline::Identifier> all_;
};

// The text of a component, or of what has none as its first.
std::string_view First(const Tree& tree, NodeIndex node, std::string_view component) {
  return tree[node].first == kNone ? tree[node].text : tree.ChildText(node, component);
}

// Segments stand below the groups of their event, if the message came so far.
void FromMessage(const Tree& tree, Names& names) {
  const node::NameId identifier = tree.FindName("PID-3");
  for (NodeIndex field = kRoot; identifier != 0 && field < tree.size(); ++field) {
    if (tree[field].name != identifier) continue;
    NodeIndex authority = tree.Child(field, "PID-3.4");
    names.AddOid(authority == kNone ? std::string_view() : tree.ChildText(authority, "PID-3.4.2"),
                 First(tree, field, "PID-3.1"));
  }
}

void FromDocument(const Tree& tree, Names& names) {
  NodeIndex target = tree.Child(kRoot, "recordTarget");
  NodeIndex role = target == kNone ? kNone : tree.Child(target, "patientRole");
  if (role == kNone) return;
  for (NodeIndex id : Children(tree, role))
    if (tree.name(id) == "id") names.AddOid(tree.ChildText(id, "@root"), tree.ChildText(id, "@extension"));
}

void FromResource(const Tree& tree, NodeIndex resource, Names& names) {
  for (NodeIndex child : Children(tree, resource)) {
    if (tree.name(child) == "identifier")
      names.Add(std::string(tree.ChildText(child, "system")), tree.ChildText(child, "value"));
  }
}

void FromFhir(const Tree& tree, Names& names) {
  auto is_patient = [&](NodeIndex node) { return tree.NameText(tree[node].resource) == "Patient"; };
  if (is_patient(kRoot)) return FromResource(tree, kRoot, names);
  for (NodeIndex entry : Children(tree, kRoot)) {
    NodeIndex resource = tree.name(entry) == "entry" ? tree.Child(entry, "resource") : kNone;
    if (resource != kNone && is_patient(resource)) FromResource(tree, resource, names);
  }
}

}  // namespace

std::vector<pipeline::Identifier> NamedIn(const Tree& source) {
  Names names;
  switch (source.format()) {
    case node::Format::Hl7v2: FromMessage(source, names); break;
    case node::Format::Cda: FromDocument(source, names); break;
    default: FromFhir(source, names); break;
  }
  return names.Take();
}

}  // namespace passerelle::inputs
