#include "profiles/packages/snapshot_walk.h"

#include <algorithm>
#include <set>
#include <utility>

#include "profiles/packages/element_merge.h"
#include "profiles/packages/errors.h"
#include "profiles/packages/snapshot_fields.h"

namespace passerelle::packages {

using node::Kind;
using node::kNone;
using node::kRoot;
using node::NodeIndex;
using node::Tree;

namespace {

constexpr int kDepthMax = 40;

}  // namespace

SnapshotWalk::SnapshotWalk(Snapshots& snapshots, const Tree& source, Tree& out, NodeIndex snapshot,
                           const Tree& base)
    : snapshots_(snapshots),
      out_(out),
      snapshot_(snapshot),
      source_(source),
      url_(source.ChildText(kRoot, "url")),
      base_(Elements::Of(base)),
      kind_(source.ChildText(kRoot, "kind")),
      specialises_(source.ChildText(kRoot, "derivation") == "specialization") {
  base_.own = true;
}

Error SnapshotWalk::Refuse(std::string what, std::string_view path) const {
  return {errors::SnapshotRefused, std::move(what), {std::string(path), 0, 0}};
}

Status SnapshotWalk::Run(const DiffNode& root) {
  if (root.strays) return Refuse("elements of several types", root.name);
  if (base_.entries.empty()) return Error{errors::SnapshotBaseMissing, std::string(base_.url)};
  std::string_view own = source_.ChildText(kRoot, "type"), of_base = base_.tree->ChildText(kRoot, "type");
  if (!specialises_ && !own.empty() && !of_base.empty() && own != of_base)
    return Refuse("it constrains " + std::string(own) + ", its base " + std::string(of_base), own);
  std::string name(specialises_ && !own.empty() ? own.substr(own.rfind('/') + 1) : base_.entries[0].path);
  if (!root.name.empty()) {
    if (specialises_)
      name = root.name;
    else if (root.name != name)
      return Refuse("the differential begins with another type", root.name);
  }
  Made made = CopyOne(base_, 0, {}, {});
  made.self = {name, name};
  SetField(out_, made.at, "id", name);
  SetField(out_, made.at, "path", name);
  bool new_type =
      specialises_ && kind_ != "logical";  // a logical model's root keeps saying what it builds on
  if (new_type) RemoveField(out_, made.at, "base");
  if (root.at == kNone) NameRules(out_, made.at, base_.url);
  if (root.at != kNone) {
    for (NodeIndex type : Fields(source_, root.at, "type"))
      if (source_.ChildText(type, "profile") == url_ && !url_.empty())
        return Refuse("it builds on itself", name);
    if (!specialises_ && name == "Extension") DescribeExtensions(out_, made.at);
    MergeElement(out_, made.at, source_, root.at);
  }
  if (new_type) {
    NodeIndex base = out_.Append(made.at, out_.NameOf("base"), Kind::Element);
    SetField(out_, base, "path", name);
    SetField(out_, base, "min", out_.ChildText(made.at, "min"), Kind::Number);
    SetField(out_, base, "max", out_.ChildText(made.at, "max"));
  }
  CHECK_OK(Level(base_, 1, base_.entries[0].end, root.children, made.self));
  CloseGroups();
  return Ok();
}

// The elements of one parent: entries of `base` from `begin` that stand side by side, with what the
// differential has for that parent.
Status SnapshotWalk::Level(const Elements& base, std::size_t begin, std::size_t end, const Children& diffs,
                           const Parent& parent) {
  if (++depth_ > kDepthMax) return Refuse("elements nested without end", parent.path);
  std::set<const DiffNode*> used;
  std::set<std::string_view> names;
  for (std::size_t i = begin; i < end; i = base.entries[i].end) names.insert(Tail(base.entries[i].path));
  for (std::size_t i = begin; i < end;) {
    std::vector<std::size_t> group = {i};
    std::size_t next = base.entries[i].end;
    for (; next < end && base.entries[next].path == base.entries[i].path; next = base.entries[next].end)
      group.push_back(next);
    std::string_view name = Tail(base.entries[i].path), stem = Stem(name);
    Matches matches;
    for (const auto& diff : diffs) {
      bool typed = IsChoice(name) && diff.name.starts_with(stem) && diff.name.size() > stem.size() &&
                   diff.name[stem.size()] >= 'A' && diff.name[stem.size()] <= 'Z' &&
                   !names.contains(diff.name);
      if (diff.name != name && !typed) continue;
      matches.push_back(&diff);
      used.insert(&diff);
    }
    CHECK_OK(Group(base, group, matches, parent));
    i = next;
  }
  --depth_;
  for (const auto& diff : diffs) {
    if (used.contains(&diff)) continue;
    if (!specialises_) return Refuse("no such element in the base", parent.path + "." + diff.name);
    CHECK_OK(AddSpecialised(diff, parent));
  }
  return Ok();
}

Status SnapshotWalk::Group(const Elements& base, const std::vector<std::size_t>& group, const Matches& diffs,
                           const Parent& parent) {
  std::size_t first = group[0];
  if (group.size() == 1 && !base.Sliced(first)) return Unsliced(base, first, diffs, parent);
  if (diffs.empty()) {
    for (std::size_t i : group) CHECK_OK(CopyAll(base, i, parent));
    return Ok();
  }
  if (ConstrainsTypes(base.entries[first].path, diffs)) return TypeSlices(base, group, diffs, parent);
  return Resliced(base, group, diffs, parent);
}

Status SnapshotWalk::Unsliced(const Elements& base, std::size_t i, const Matches& diffs,
                              const Parent& parent) {
  if (diffs.empty()) {
    CHECK_OK(CopyAll(base, i, parent, true));
    return Ok();
  }
  std::string_view path = base.entries[i].path, name = Tail(path);
  const DiffNode& first = *diffs[0];
  bool slicing = first.at != kNone && source_.Child(first.at, "slicing") != kNone;
  bool slice = !first.slice.empty() && (IsExtension(name) || ConstrainsTypes(path, diffs));
  if (diffs.size() == 1 && !slicing && !slice && first.name == name) {
    TRY(auto made, Merge(base, i, first, parent, {}));
    (void)made;
    return Ok();
  }
  // A choice of one type left: its written name means the element itself.
  bool one_type = IsChoice(name) && Fields(*base.tree, base.entries[i].at, "type").size() == 1;
  if (diffs.size() == 1 && one_type && !slicing) {
    std::string written = std::string(Stem(name)) + Capital(TypeOfChoice(base, i, first));
    // What is said of the value of an extension that a profile defines is said of a slice.
    bool of_profile = first.at != kNone && path == "Extension.value[x]";
    if ((first.name != written && first.slice != written) || of_profile)
      return TypeSlices(base, {i}, diffs, parent);
    TRY(auto made, Merge(base, i, first, parent, {}));
    (void)made;
    return Ok();
  }
  // What is said of a choice by its written name within a slice is said of the choice.
  if (diffs.size() == 1 && in_slice_ && !slicing && first.name != name) {
    TRY(auto made, Merge(base, i, first, parent, {}));
    (void)made;
    return Ok();
  }
  if (ConstrainsTypes(path, diffs)) return TypeSlices(base, {i}, diffs, parent);
  return NewSlices(base, i, diffs, parent);
}

// An element that a new type adds to those of its base.
Status SnapshotWalk::AddSpecialised(const DiffNode& diff, const Parent& parent) {
  Made made;
  made.self = {parent.path + "." + diff.name, parent.id + "." + diff.name};
  if (!diff.slice.empty()) made.self.id += ":" + diff.slice;
  if (diff.at == kNone) return Refuse("children of an element that is not there", made.self.path);
  made.at = out_.Copy(snapshot_, source_, diff.at);
  SetField(out_, made.at, "id", made.self.id);
  if (out_.Child(made.at, "base") == kNone) {
    NodeIndex base = out_.Append(made.at, out_.NameOf("base"), Kind::Element);
    SetField(out_, base, "path", made.self.path);
    SetField(out_, base, "min", out_.ChildText(made.at, "min"), Kind::Number);
    SetField(out_, base, "max", out_.ChildText(made.at, "max"));
  }
  NameRules(out_, made.at, url_);
  if (kind_ != "logical") CHECK_OK(AddTypeRules(made));
  if (!diff.children.empty() &&
      kind_ != "logical") {  // first what every such element has: id, extension, modifierExtension
    auto types = Fields(out_, made.at, "type");
    if (types.size() == 1) CHECK_OK(WalkInto(base_, made, {}));
  }
  for (const auto& child : diff.children) CHECK_OK(AddSpecialised(child, made.self));
  return Ok();
}

Status SnapshotWalk::AddTypeRules(const Made& made) {
  auto types = Fields(out_, made.at, "type");
  // Values of primitives, resources and logical models are no Elements.
  if (!types.empty())
    if (auto code = TypeCode(out_, types[0]); code.find("://") != code.npos || code == "Resource")
      return Ok();
  bool extension = types.size() == 1 && TypeCode(out_, types[0]) == "Extension";
  TRY(const Tree* definition, snapshots_.Get(std::string(kTypes) + (extension ? "Extension" : "Element")));
  NodeIndex root = definition->Child(definition->Child(kRoot, "snapshot"), "element");
  for (NodeIndex rule : Fields(*definition, root, "constraint")) {
    auto own = Fields(out_, made.at, "constraint");
    bool known = std::any_of(own.begin(), own.end(), [&](NodeIndex one) {
      return out_.ChildText(one, "key") == definition->ChildText(rule, "key");
    });
    if (!known) out_.Copy(made.at, *definition, rule);
  }
  return Ok();
}

SnapshotWalk::Made SnapshotWalk::CopyOne(const Elements& base, std::size_t i, const Parent& parent,
                                         std::string_view slice) {
  const auto& entry = base.entries[i];
  Made made;
  made.at = out_.Copy(snapshot_, *base.tree, entry.at);
  std::string name(Tail(entry.path));
  made.self.path = parent.path.empty() ? name : parent.path + "." + name;
  made.self.id = parent.id.empty() ? name : parent.id + "." + name;
  if (!slice.empty()) made.self.id += ":" + std::string(slice);
  SetField(out_, made.at, "id", made.self.id);
  SetField(out_, made.at, "path", made.self.path);
  if (out_.Child(made.at, "base") == kNone) {
    NodeIndex origin = out_.Append(made.at, out_.NameOf("base"), Kind::Element);
    SetField(out_, origin, "path", entry.path);
    SetField(out_, origin, "min", out_.ChildText(made.at, "min"), Kind::Number);
    SetField(out_, origin, "max", out_.ChildText(made.at, "max"));
  }
  Inherit(out_, made.at, base.links);
  // What extensions of a resource are sliced by goes without saying.
  if (specialises_ && (kind_ == "resource" || kind_ == "primitive-type"))
    RemoveField(out_, made.at, "slicing");
  // A profile points into the type it constrains, wherever it is read.
  if (auto reference = out_.ChildText(made.at, "contentReference");
      !specialises_ && reference.starts_with('#')) {
    std::string whole = std::string(kTypes) + std::string(entry.path.substr(0, entry.path.find('.')));
    SetField(out_, made.at, "contentReference", whole + std::string(reference));
  }
  by_id_[made.self.id] = made.at;
  return made;
}

Result<SnapshotWalk::Made> SnapshotWalk::CopyAll(const Elements& base, std::size_t i, const Parent& parent,
                                                 bool name_rules) {
  Made made = CopyOne(base, i, parent, base.entries[i].slice);
  if (name_rules) NameRules(out_, made.at, base.url);
  for (std::size_t k = i + 1; k < base.entries[i].end; k = base.entries[k].end)
    CHECK_OK(CopyAll(base, k, made.self, name_rules));
  return made;
}

Result<SnapshotWalk::Made> SnapshotWalk::Merge(const Elements& base, std::size_t i, const DiffNode& diff,
                                               const Parent& parent, const Form& form) {
  Made made = CopyOne(base, i, parent, form.slice_name);
  RemoveField(out_, made.at, "slicing");
  bool sliced = !form.slice_name.empty();
  if (sliced && form.slice) {
    auto again = form.slice_name.rfind('/');
    auto whole = again == form.slice_name.npos
                     ? by_id_.end()
                     : by_id_.find(parent.id + "." + std::string(Tail(base.entries[i].path)) + ":" +
                                   std::string(form.slice_name.substr(0, again)));
    if (whole != by_id_.end()) {  // a slice of a slice begins as that one stands
      auto stays = [](std::string_view name) { return name == "id" || name == "path"; };
      std::vector<NodeIndex> old, fields;
      for (NodeIndex field : node::Children(out_, made.at))
        if (!stays(out_.name(field))) old.push_back(field);
      for (NodeIndex field : node::Children(out_, whole->second))
        if (!stays(out_.name(field)) && out_.name(field) != "slicing" && out_.name(field) != "sliceName")
          fields.push_back(field);
      for (NodeIndex field : old) out_.Remove(field);
      for (NodeIndex field : fields) out_.Copy(made.at, out_, field);
    }
    if (!parent.path.ends_with("xtension") || !IsChoice(base.entries[i].path))
      SetField(out_, made.at, "min", "0", Kind::Number);
  }
  bool extension = IsExtension(Tail(base.entries[i].path));
  bool again = sliced && form.slice_name.find('/') != form.slice_name.npos;  // it has words of its own
  if (form.describe || (extension && diff.at != kNone && !again)) DescribeExtensions(out_, made.at);
  if (diff.at != kNone) {
    CHECK_OK(CheckFits(made, diff));
    UseTypeProfile(diff, made, form.whole_profile);
    MergeElement(out_, made.at, source_, diff.at);
  }
  if (!form.type.empty())
    for (NodeIndex type : Fields(out_, made.at, "type"))
      if (TypeCode(out_, type) != form.type) out_.Remove(type);
  if (sliced) {
    RemoveField(out_, made.at, "sliceName");
    SetField(out_, made.at, "sliceName", form.slice_name);
  }
  CHECK_OK(Below(base, i, diff.children, made, form.children));
  return made;
}

// What stands below an element that came out: of the base, or of its type where the differential goes deeper.
Status SnapshotWalk::Below(const Elements& base, std::size_t i, const Children& diffs, const Made& made,
                           bool copy) {
  bool deeper = base.entries[i].end > i + 1;
  bool outside = std::exchange(in_slice_, deeper && (in_slice_ || out_.Child(made.at, "sliceName") != kNone));
  Status done = Ok();
  if (deeper && (copy || !diffs.empty()))
    done = Level(base, i + 1, base.entries[i].end, diffs, made.self);
  else if (!diffs.empty())
    done = WalkInto(base, made, diffs);
  in_slice_ = outside;
  return done;
}

Status SnapshotWalk::WalkInto(const Elements& base, const Made& made, const Children& diffs) {
  if (std::string reference(out_.ChildText(made.at, "contentReference")); !reference.empty()) {
    auto hash = reference.find('#');
    std::string id = reference.substr(hash + 1);
    std::vector<const Elements*> places = {&base, &base_};
    if (hash > 0)  // the definition it names, as it is without this profile
      if (auto named = ElementsOf(reference.substr(0, hash))) places.insert(places.begin(), *named);
    for (const Elements* elements : places)
      for (std::size_t k = 0; k < elements->entries.size(); ++k) {
        if (elements->tree->ChildText(elements->entries[k].at, "id") != id) continue;
        RemoveField(out_, made.at, "contentReference");
        RemoveField(out_, made.at, "type");
        for (NodeIndex type : Fields(*elements->tree, elements->entries[k].at, "type"))
          out_.Copy(made.at, *elements->tree, type);
        return Level(*elements, k + 1, elements->entries[k].end, diffs, made.self);
      }
    return Refuse("a content reference to nothing", made.self.path);
  }
  TRY(const Elements* elements, TypeElements(made, diffs));
  return Level(*elements, 1, elements->entries[0].end, diffs, made.self);
}

Result<const Elements*> SnapshotWalk::ElementsOf(const std::string& canonical) {
  TRY(const Tree* found, snapshots_.Get(canonical));
  auto [at, fresh] = types_.try_emplace(found);
  if (fresh) at->second = Elements::Of(*found);
  if (at->second.entries.empty()) return Error{errors::SnapshotBaseMissing, canonical};
  return static_cast<const Elements*>(&at->second);
}

// The definition in which the walk goes on: the type's profile, the type, and for several types what they
// share, or the first of them that has what is asked for.
Result<const Elements*> SnapshotWalk::TypeElements(const Made& made, const Children& diffs) {
  auto types = Fields(out_, made.at, "type");
  if (types.empty()) return Refuse("children of what has no type", made.self.path);
  std::vector<std::string> candidates;
  for (NodeIndex type : types) {
    std::string canonical(TypeCode(out_, type));
    if (canonical.find("://") == canonical.npos) canonical.insert(0, kTypes);
    if (std::find(candidates.begin(), candidates.end(), canonical) == candidates.end())
      candidates.push_back(canonical);
  }
  if (candidates.size() == 1) {
    auto profiles = Fields(out_, types[0], "profile");
    if (types.size() == 1 && profiles.size() == 1)
      if (auto profile = ElementsOf(std::string(out_[profiles[0]].text))) return profile;
    return ElementsOf(candidates[0]);
  }
  candidates.insert(candidates.begin(), std::string(kTypes) + "Element");
  for (const auto& canonical : candidates) {
    auto elements = ElementsOf(canonical);
    if (!elements) continue;
    auto has = [&](const DiffNode& diff) {
      return std::any_of(
          (*elements)->entries.begin(), (*elements)->entries.end(), [&](const Elements::Entry& entry) {
            return entry.path.find('.') == entry.path.rfind('.') && Tail(entry.path) == diff.name;
          });
    };
    if (std::all_of(diffs.begin(), diffs.end(), has)) return elements;
  }
  return ElementsOf(candidates[0]);
}

// An extension or a resource of a profile is described as that profile describes itself; as a new slice it
// also occurs as often as the profile says.
void SnapshotWalk::UseTypeProfile(const DiffNode& diff, const Made& made, bool whole) {
  auto types = Fields(source_, diff.at, "type"), own = Fields(out_, made.at, "type");
  if (types.size() > 1 || own.size() != 1) return;
  auto profiles = types.empty() ? Fields(out_, own[0], "profile") : Fields(source_, types[0], "profile");
  std::string_view code = TypeCode(out_, own[0]);
  if (profiles.empty() || (code != "Extension" && code != "Resource")) return;
  std::string_view canonical = types.empty() ? out_[profiles[0]].text : source_[profiles[0]].text;
  // "url#code" names a part of a complex extension: it is described as the whole.
  auto found = snapshots_.Get(std::string(canonical.substr(0, canonical.find('#'))));
  if (!found) return;  // unknown extensions are the validator's matter
  NodeIndex snapshot = (*found)->Child(kRoot, "snapshot");
  NodeIndex root = snapshot == kNone ? kNone : (*found)->Child(snapshot, "element");
  if (root == kNone) return;
  if (NodeIndex summary = (*found)->Child(root, "isSummary"); summary != kNone && code == "Resource")
    ReplaceField(out_, made.at, "isSummary", **found, summary);
  for (std::string_view field :
       {"short", "definition", "comment", "requirements", "isModifier", "isModifierReason"})
    if (NodeIndex one = (*found)->Child(root, field); one != kNone)
      ReplaceField(out_, made.at, field, **found, one);
  if (whole && code == "Extension") {
    for (std::string_view field : {"isSummary", "isModifierReason"}) RemoveField(out_, made.at, field);
    for (std::string_view field : {"min", "max", "isModifierReason"})
      if (NodeIndex one = (*found)->Child(root, field); one != kNone)
        ReplaceField(out_, made.at, field, **found, one);
  }
  for (std::string_view field : {"alias", "constraint", "mapping", "condition"}) {
    auto values = Fields(**found, root, field);
    bool rules = field == "condition" || field == "constraint";
    if (values.empty() || (rules && !whole && code == "Extension")) continue;
    RemoveField(out_, made.at, field);
    for (NodeIndex value : values) out_.Copy(made.at, **found, value);
  }
}

}  // namespace passerelle::packages
