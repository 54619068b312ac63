#include "profiles/packages/snapshot.h"

#include <algorithm>

#include "profiles/packages/errors.h"
#include "profiles/packages/snapshot_walk.h"

namespace passerelle::packages {

using node::Kind;
using node::kNone;
using node::kRoot;
using node::NodeIndex;
using node::Tree;

struct Snapshots::Known {
  std::optional<Tree> tree;     // none: it is being made, and whoever asks for it now builds on itself
  std::optional<Error> failed;  // why there will be none
};

namespace {

// Logical models build on Base, which R4 does not publish.
Tree TheBase() {
  Tree tree(node::Format::Fhir, node::Intern("StructureDefinition"));
  NodeIndex snapshot = tree.Append(kRoot, node::Intern("snapshot"), Kind::Element);
  NodeIndex root = tree.Append(snapshot, node::Intern("element"), Kind::Element);
  tree[root].list = true;
  tree.Append(root, node::Intern("path"), Kind::String, "Base");
  tree.Append(root, node::Intern("min"), Kind::Number, "0");
  tree.Append(root, node::Intern("max"), Kind::String, "*");
  tree.Append(root, node::Intern("isModifier"), Kind::Boolean, "false");
  return tree;
}

}  // namespace

Snapshots::Snapshots(Lookup lookup) : lookup_(std::move(lookup)) {}
Snapshots::~Snapshots() = default;

Result<const Tree*> Snapshots::Get(std::string_view canonical) {
  auto& known = known_[std::string(canonical)];
  if (known) {
    if (known->tree) return static_cast<const Tree*>(&*known->tree);
    return known->failed.value_or(Error{errors::SnapshotBaseCircular, std::string(canonical)});
  }
  known = std::make_unique<Known>();
  Known& slot = *known;  // stays where it is while others are found
  auto published = lookup_(canonical);
  if (!published && canonical.ends_with("/StructureDefinition/Base")) published = TheBase();
  if (!published) return slot.failed.emplace(errors::SnapshotBaseMissing, std::string(canonical));
  if (published->Child(kRoot, "snapshot") != kNone) {
    slot.tree.emplace(*std::move(published));
  } else {
    auto made = Make(*published);
    if (!made) return slot.failed.emplace(std::move(made).error());
    slot.tree.emplace(*std::move(made));
  }
  return static_cast<const Tree*>(&*slot.tree);
}

namespace {

// What no differential may say, whatever its base.
Status CheckSlicings(const Tree& definition) {
  constexpr std::string_view kTypes[] = {"value", "exists", "pattern", "type", "profile", "position"};
  NodeIndex differential = definition.Child(kRoot, "differential");
  if (differential == kNone) return Ok();
  for (NodeIndex element : node::Children(definition, differential)) {
    NodeIndex slicing = definition.Child(element, "slicing");
    if (slicing == kNone) continue;
    std::string path(definition.ChildText(element, "path"));
    if (path.find('.') == path.npos) return Error{errors::SnapshotRefused, "the root is sliced: " + path};
    for (NodeIndex discriminator : node::Children(definition, slicing)) {
      if (definition.name(discriminator) != "discriminator") continue;
      std::string_view type = definition.ChildText(discriminator, "type");
      if (!type.empty() && std::find(std::begin(kTypes), std::end(kTypes), type) == std::end(kTypes))
        return Error{errors::SnapshotRefused,
                     "no discriminator has the type '" + std::string(type) + "': " + path};
    }
  }
  return Ok();
}

}  // namespace

Result<Tree> Snapshots::Make(const Tree& definition) {
  CHECK_OK(CheckSlicings(definition));
  std::string url(definition.ChildText(kRoot, "url"));
  std::string_view base = definition.ChildText(kRoot, "baseDefinition");
  if (base.empty()) return Error{errors::SnapshotBaseMissing, "no baseDefinition"};
  if (base.substr(0, base.find('|')) == url) return Error{errors::SnapshotBaseCircular, url};
  // While it is being made nobody can build on it, not even through an extension of itself.
  bool fresh = known_.try_emplace(url, std::make_unique<Known>()).second;
  auto made = MakeFrom(definition, base);
  if (fresh) known_.erase(url);
  return made;
}

Result<Tree> Snapshots::MakeFrom(const Tree& definition, std::string_view base) {
  TRY(const Tree* found, Get(base));
  Tree out = definition.Extract(kRoot);
  if (NodeIndex old = out.Child(kRoot, "snapshot"); old != kNone) out.Remove(old);
  NodeIndex snapshot = out.Append(kRoot, out.NameOf("snapshot"), Kind::Element);
  SnapshotWalk walk(*this, definition, out, snapshot, *found);
  CHECK_OK(walk.Run(ReadDifferential(definition)));
  for (NodeIndex element : node::Children(out, snapshot)) out[element].list = true;
  return out;
}

}  // namespace passerelle::packages
