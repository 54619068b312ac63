#include "profiles/packages/element_merge.h"

#include <algorithm>
#include <array>
#include <vector>

namespace passerelle::packages {

using node::Children;
using node::Kind;
using node::kNone;
using node::NodeIndex;
using node::Tree;

namespace {

enum class Rule : std::uint8_t {
  Keep,      // the differential's does not count
  Replace,   // all of that name
  GoOn,      // replaces, or goes on where it begins with "..."
  Add,       // what is not there yet
  Extend,    // extensions: what has the same url is replaced
  Bind,      // parts of the binding replace parts
  Constrain  // constraints come to those that are there
};

struct FieldRule {
  std::string_view field;
  Rule rule;
};
constexpr std::array<FieldRule, 13> kRules = {{{"id", Rule::Keep},
                                               {"path", Rule::Keep},
                                               {"base", Rule::Keep},
                                               {"slicing", Rule::Keep},
                                               {"definition", Rule::GoOn},
                                               {"comment", Rule::GoOn},
                                               {"requirements", Rule::GoOn},
                                               {"alias", Rule::Add},
                                               {"example", Rule::Add},
                                               {"condition", Rule::Add},
                                               {"mapping", Rule::Add},
                                               {"extension", Rule::Extend},
                                               {"constraint", Rule::Constrain}}};

Rule RuleOf(std::string_view field) {
  if (field == "binding") return Rule::Bind;
  const auto* row =
      std::find_if(kRules.begin(), kRules.end(), [&](const FieldRule& r) { return r.field == field; });
  return row == kRules.end() ? Rule::Replace : row->rule;
}

// fixedCode and fixedString are one field, as are pattern[x], minValue[x], ...
std::string_view Family(std::string_view name) {
  static constexpr std::array<std::string_view, 5> kFamilies = {"fixed", "pattern", "minValue", "maxValue",
                                                                "defaultValue"};
  for (auto family : kFamilies)
    if (name.starts_with(family) && name.size() > family.size()) return family;
  return name;
}

void RemoveFamily(Tree& out, NodeIndex into, std::string_view family) {
  std::vector<NodeIndex> old;
  for (NodeIndex child : Children(out, into))
    if (Family(out.name(child)) == family) old.push_back(child);
  for (NodeIndex child : old) out.Remove(child);
}

// The copy goes after the last of its name, so that lists stay together.
NodeIndex CopyField(Tree& out, NodeIndex into, const Tree& source, NodeIndex from) {
  NodeIndex copy = out.Copy(into, source, from), last = kNone;
  for (NodeIndex child : Children(out, into))
    if (child != copy && out[child].name == out[copy].name) last = child;
  if (last != kNone && out[last].next != copy) out.MoveBefore(copy, out[last].next);
  return copy;
}

bool Has(const Tree& out, NodeIndex into, const Tree& source, NodeIndex from) {
  for (NodeIndex child : Children(out, into))
    if (out.name(child) == source.name(from) && node::Equal(out, child, source, from)) return true;
  return false;
}

void GoOn(Tree& out, NodeIndex into, const Tree& source, NodeIndex from) {
  std::string_view name = source.name(from), text = source[from].text;
  NodeIndex old = out.Child(into, name);
  if (!text.starts_with("...") || old == kNone) {
    ReplaceField(out, into, name, source, from);
    return;
  }
  out[old].text = out.Keep(std::string(out[old].text) + "\r\n" + std::string(text.substr(3)));
}

void Extend(Tree& out, NodeIndex into, const Tree& source, NodeIndex from) {
  std::string_view url = source.ChildText(from, "url");
  for (NodeIndex child = out[into].first; child != kNone; child = out[child].next)
    if (out.name(child) == "extension" && out.ChildText(child, "url") == url) {
      out.Remove(child);
      break;
    }
  CopyField(out, into, source, from);
}

void Bind(Tree& out, NodeIndex into, const Tree& source, NodeIndex from) {
  NodeIndex old = out.Child(into, "binding");
  if (old == kNone) {
    CopyField(out, into, source, from);
    return;
  }
  RemoveField(out, old, "description");
  for (NodeIndex part : Children(source, from)) {
    if (source.name(part) == "extension")
      Extend(out, old, source, part);
    else
      ReplaceField(out, old, source.name(part), source, part);
  }
}

void Constrain(Tree& out, NodeIndex into, const Tree& source, NodeIndex from, std::string_view profile) {
  std::string_view key = source.ChildText(from, "key");
  for (NodeIndex child = out[into].first; child != kNone; child = out[child].next)
    if (out.name(child) == "constraint" && out.ChildText(child, "key") == key) {
      // The same rule again stays where it came from.
      if (out.ChildText(child, "expression") == source.ChildText(from, "expression")) return;
      out.Remove(child);
      break;
    }
  NodeIndex added = CopyField(out, into, source, from);
  if (out.Child(added, "source") == kNone && !profile.empty()) SetField(out, added, "source", profile);
}

// Types that a binding says something about.
constexpr std::array<std::string_view, 9> kBindable = {"code",     "Coding",         "CodeableConcept",
                                                       "Quantity", "string",         "uri",
                                                       "Duration", "SimpleQuantity", "CodeableReference"};

void DropUselessBinding(Tree& out, NodeIndex into) {
  for (NodeIndex child : Children(out, into)) {
    if (out.name(child) != "type") continue;
    std::string_view code = out.ChildText(child, "code");
    if (code.find("://") != code.npos ||
        std::find(kBindable.begin(), kBindable.end(), code) != kBindable.end())
      return;
  }
  RemoveField(out, into, "binding");
}

}  // namespace

void RemoveField(Tree& out, NodeIndex into, std::string_view name) {
  while (true) {
    NodeIndex child = out.Child(into, name);
    if (child == kNone) return;
    out.Remove(child);
  }
}

void ReplaceField(Tree& out, NodeIndex into, std::string_view name, const Tree& source, NodeIndex from) {
  RemoveField(out, into, name);
  if (from != kNone) CopyField(out, into, source, from);
}

void SetField(Tree& out, NodeIndex into, std::string_view name, std::string_view text, Kind kind) {
  NodeIndex old = out.Child(into, name);
  if (old == kNone) old = out.Append(into, out.NameOf(name), kind);
  out[old].kind = kind;
  out[old].text = out.Keep(text);
}

void MergeElement(Tree& out, NodeIndex into, const Tree& source, NodeIndex from, std::string_view profile) {
  std::vector<std::string_view> replaced;
  for (NodeIndex field : Children(source, from)) {
    std::string_view name = source.name(field), family = Family(name);
    switch (RuleOf(name)) {
      case Rule::Keep: break;
      case Rule::GoOn: GoOn(out, into, source, field); break;
      case Rule::Add:
        if (!Has(out, into, source, field)) CopyField(out, into, source, field);
        break;
      case Rule::Extend: Extend(out, into, source, field); break;
      case Rule::Bind: Bind(out, into, source, field); break;
      case Rule::Constrain: Constrain(out, into, source, field, profile); break;
      case Rule::Replace:
        if (std::find(replaced.begin(), replaced.end(), family) == replaced.end()) {
          RemoveFamily(out, into, family);
          replaced.push_back(family);
        }
        CopyField(out, into, source, field);
        break;
    }
  }
  bool retyped = source.Child(from, "type") != kNone && source.Child(from, "binding") == kNone;
  if (retyped && out.Child(into, "binding") != kNone) DropUselessBinding(out, into);
}

}  // namespace passerelle::packages
