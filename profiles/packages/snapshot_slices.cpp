// Slices: what a differential makes of a choice by its types, of what is not sliced yet, and of what is.

#include <algorithm>
#include <set>

#include "profiles/packages/element_merge.h"
#include "profiles/packages/errors.h"
#include "profiles/packages/snapshot_fields.h"
#include "profiles/packages/snapshot_walk.h"

namespace passerelle::packages {

using node::Kind;
using node::kNone;
using node::NodeIndex;

namespace {

// Whether the differential itself says which profile the element's one type follows.
bool NamesProfile(const node::Tree& source, NodeIndex element) {
  if (element == kNone) return false;
  auto types = Fields(source, element, "type");
  return types.size() == 1 && source.Child(types[0], "profile") != kNone;
}

}  // namespace

bool SnapshotWalk::ConstrainsTypes(std::string_view path, const Matches& diffs) const {
  if (!IsChoice(path)) return false;
  for (const DiffNode* diff : diffs) {
    if (diff->name != Tail(path)) return true;
    if (diff->at == kNone) continue;
    NodeIndex slicing = source_.Child(diff->at, "slicing");
    if (slicing == kNone) continue;
    NodeIndex discriminator = source_.Child(slicing, "discriminator");
    if (discriminator != kNone && source_.ChildText(discriminator, "type") == "type") return true;
  }
  // A slice that is named as type slices are.
  std::string_view stem = Stem(Tail(path));
  return std::any_of(diffs.begin(), diffs.end(), [&](const DiffNode* diff) {
    return diff->slice.starts_with(stem) && diff->slice.size() > stem.size();
  });
}

std::string SnapshotWalk::TypeOfChoice(const Elements& base, std::size_t i, const DiffNode& diff) const {
  std::string_view stem = Stem(Tail(base.entries[i].path));
  std::string suffix;
  if (!IsChoice(diff.name))
    suffix = diff.name.substr(stem.size());
  else if (diff.at != kNone && Fields(source_, diff.at, "type").size() == 1)
    return std::string(TypeCode(source_, source_.Child(diff.at, "type")));
  else if (diff.slice.starts_with(stem))
    suffix = diff.slice.substr(stem.size());
  for (NodeIndex type : Fields(*base.tree, base.entries[i].at, "type"))
    if (std::string_view code = TypeCode(*base.tree, type); Capital(code) == suffix) return std::string(code);
  return suffix;
}

void SnapshotWalk::SetSlicing(const Made& made, std::string_view type, std::string_view path,
                              std::string_view rules) {
  RemoveField(out_, made.at, "slicing");
  NodeIndex slicing = out_.Append(made.at, out_.NameOf("slicing"), Kind::Element);
  NodeIndex discriminator = out_.Append(slicing, out_.NameOf("discriminator"), Kind::Element);
  out_[discriminator].list = true;
  SetField(out_, discriminator, "type", type);
  SetField(out_, discriminator, "path", path);
  SetField(out_, slicing, "ordered", "false", Kind::Boolean);
  SetField(out_, slicing, "rules", rules);
}

// A choice is sliced by its types: each slice is one type and has the name of the element as it is written.
Status SnapshotWalk::TypeSlices(const Elements& base, const std::vector<std::size_t>& group,
                                const Matches& diffs, const Parent& parent) {
  std::size_t first = group[0];
  std::string_view path = base.entries[first].path, stem = Stem(Tail(path));
  bool short_cut = diffs[0]->name != Tail(path) || !diffs[0]->slice.empty();
  DiffNode nothing{kNone, std::string(Tail(path)), {}, {}, {}, false};
  const DiffNode& head = short_cut ? nothing : *diffs[0];
  TRY(auto made, Merge(base, first, head, parent, {}));
  SetSlicing(made, "type", "$this", "closed");
  std::set<std::string> sliced;
  std::vector<bool> handled(group.size());
  for (std::size_t d = short_cut ? 0 : 1; d < diffs.size(); ++d) {
    std::string type = TypeOfChoice(base, first, *diffs[d]);
    std::string name = std::string(stem) + Capital(type);
    auto known = Fields(*base.tree, base.entries[first].at, "type");
    if (std::none_of(known.begin(), known.end(),
                     [&](NodeIndex t) { return TypeCode(*base.tree, t) == type; }))
      return Refuse("a slice of a type that the element does not have: " + type, parent.path);
    bool named = diffs[d]->slice.substr(0, diffs[d]->slice.find('/')) == name;
    if (!diffs[d]->slice.empty() && !named && !parent.path.ends_with("xtension"))
      return Refuse("a type slice must be named " + name, parent.path);
    if (named) name = diffs[d]->slice;
    std::size_t from = first;
    for (std::size_t k = 1; k < group.size(); ++k)
      if (base.entries[group[k]].slice == name) from = group[k], handled[k] = true;
    Form form{from == first, true, name, type};
    TRY(auto slice, Merge(base, from, *diffs[d], parent, form));
    (void)slice;
    bool required = diffs[d]->at != kNone && Number(source_.ChildText(diffs[d]->at, "min")) > 0;
    if (required && d + 1 < diffs.size())
      return Refuse("a type slice is required that leaves no room for the others", parent.path);
    if (required) {
      SetField(out_, made.at, "min", "1", Kind::Number);
      for (NodeIndex t : Fields(out_, made.at, "type"))
        if (TypeCode(out_, t) != type) out_.Remove(t);
    }
    sliced.insert(type);
  }
  for (std::size_t k = 1; k < group.size(); ++k) {
    if (!handled[k]) CHECK_OK(CopyAll(base, group[k], parent));
    for (NodeIndex type : Fields(*base.tree, base.entries[group[k]].at, "type"))
      sliced.insert(std::string(TypeCode(*base.tree, type)));
  }
  bool open = false;
  for (NodeIndex type : Fields(out_, made.at, "type")) {
    if (sliced.contains(std::string(TypeCode(out_, type)))) continue;
    // An extension's value that is spoken of by its written name has that type only.
    if (short_cut && parent.path.ends_with("xtension") && diffs[0]->name != Tail(path))
      out_.Remove(type);
    else
      open = true;
  }
  // Once sliced by type, what has no slice is left out; so it is where the differential says so itself.
  NodeIndex said = head.at == kNone ? kNone : source_.Child(head.at, "slicing");
  bool closed = said != kNone && source_.ChildText(said, "rules") == "closed";
  if (open && !base.Sliced(first) && !closed) SetSlicing(made, "type", "$this", "open");
  return Ok();
}

// The differential slices what the base does not.
Status SnapshotWalk::NewSlices(const Elements& base, std::size_t i, const Matches& diffs,
                               const Parent& parent) {
  const DiffNode& first = *diffs[0];
  std::string_view path = base.entries[i].path, name = Tail(path);
  NodeIndex slicing = first.at == kNone ? kNone : source_.Child(first.at, "slicing");
  if (slicing == kNone && !IsExtension(name) &&
      !base.tree->ChildText(base.entries[i].at, "contentReference").size() && !first.slice.empty())
    return Refuse("slices without slicing", parent.path + "." + std::string(name));
  bool once = first.at != kNone && source_.ChildText(first.at, "max") == "1";
  if (base.tree->ChildText(base.entries[i].at, "max") == "1" && !IsChoice(name) && slicing != kNone && !once)
    return Refuse("slices of what does not repeat", parent.path + "." + std::string(name));
  DiffNode nothing{kNone, std::string(name), {}, {}, {}, false};
  bool headed = first.slice.empty();
  Form heads;
  heads.describe = IsExtension(name);
  TRY(auto head, Merge(base, i, headed ? first : nothing, parent, heads));
  if (slicing != kNone)
    ReplaceField(out_, head.at, "slicing", source_, slicing);
  else
    SetSlicing(head, "value", "url", "open");
  for (std::size_t d = headed ? 1 : 0; d < diffs.size(); ++d) {
    Form form{true, true, diffs[d]->slice};
    form.whole_profile = true;
    TRY(auto slice, Merge(base, i, *diffs[d], parent, form));
    (void)slice;
  }
  return Ok();
}

// The base has slices: those the differential names are constrained, new ones come after them.
Status SnapshotWalk::Resliced(const Elements& base, const std::vector<std::size_t>& group,
                              const Matches& diffs, const Parent& parent) {
  std::size_t first = group[0];
  std::string_view path = base.entries[first].path, name = Tail(path);
  bool headed = diffs[0]->slice.empty();
  DiffNode nothing{kNone, std::string(name), {}, {}, {}, false};
  TRY(auto head, Merge(base, first, headed ? *diffs[0] : nothing, parent, {}));
  if (NodeIndex slicing = base.tree->Child(base.entries[first].at, "slicing"); slicing != kNone)
    ReplaceField(out_, head.at, "slicing", *base.tree, slicing);
  if (headed && diffs[0]->at != kNone) {
    NodeIndex own = source_.Child(diffs[0]->at, "slicing");
    if (own != kNone && out_.Child(head.at, "slicing") != kNone)
      for (NodeIndex part : node::Children(source_, own))
        if (source_.name(part) != "discriminator")
          ReplaceField(out_, out_.Child(head.at, "slicing"), source_.name(part), source_, part);
    if (own != kNone && out_.Child(head.at, "slicing") == kNone)
      ReplaceField(out_, head.at, "slicing", source_, own);
  }
  std::set<const DiffNode*> used;
  for (std::size_t k = 1; k < group.size(); ++k) {
    std::string_view slice = base.entries[group[k]].slice;
    auto match =
        std::find_if(diffs.begin(), diffs.end(), [&](const DiffNode* diff) { return diff->slice == slice; });
    if (match == diffs.end()) {
      CHECK_OK(CopyAll(base, group[k], parent));
      continue;
    }
    used.insert(*match);
    Form form{false, true, slice};
    form.whole_profile = NamesProfile(source_, (*match)->at);
    TRY(auto made, Merge(base, group[k], **match, parent, form));
    (void)made;
  }
  bool closed = false;
  if (NodeIndex slicing = base.tree->Child(base.entries[first].at, "slicing"); slicing != kNone)
    closed = base.tree->ChildText(slicing, "rules") == "closed";
  for (std::size_t d = headed ? 1 : 0; d < diffs.size(); ++d) {
    if (used.contains(diffs[d])) continue;
    bool again = diffs[d]->slice.find('/') != std::string::npos;
    if (closed && !again && !IsChoice(name)) return Refuse("a new slice of what is closed", parent.path);
    Form form{true, !diffs[d]->children.empty(), diffs[d]->slice};
    TRY(auto made, Merge(base, first, *diffs[d], parent, form));
    (void)made;
  }
  return Ok();
}

}  // namespace passerelle::packages
