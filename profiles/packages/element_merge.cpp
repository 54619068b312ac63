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
constexpr std::array<FieldRule, 14> kRules = {{{"id", Rule::Keep},
                                               {"path", Rule::Keep},
                                               {"base", Rule::Keep},
                                               {"contentReference", Rule::Keep},
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
  if (field.starts_with("defaultValue")) return Rule::Keep;  // a profile cannot give one
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
  if (old == kNone) old = out.Append(into, out.NameOf("binding"), Kind::Element);
  RemoveField(out, old, "description");
  RemoveField(out, old, "extension");
  for (std::string_view field : {"strength", "description", "valueSet"})
    if (NodeIndex part = source.Child(from, field); part != kNone)
      ReplaceField(out, old, field, source, part);
  for (NodeIndex part : Children(source, from))
    if (source.name(part) == "extension" || source.name(part) == "additional")
      CopyField(out, old, source, part);
}

// A rule of the same key is there already: the base's stands.
void Constrain(Tree& out, NodeIndex into, const Tree& source, NodeIndex from) {
  std::string_view key = source.ChildText(from, "key");
  for (NodeIndex child : Children(out, into))
    if (out.name(child) == "constraint" && out.ChildText(child, "key") == key) return;
  CopyField(out, into, source, from);
}

// "](page.html" becomes "](http://hl7.org/fhir/R4B/page.html".
void MakeLinksAbsolute(Tree& out, NodeIndex text, std::string_view links) {
  std::string_view old = out[text].text;
  std::string made;
  std::size_t done = 0;
  for (auto at = old.find("]("); at != old.npos; at = old.find("](", at + 2)) {
    std::string_view target = old.substr(at + 2, old.find(')', at) - at - 2);
    if (target.find("://") != target.npos || target.starts_with('#') || target.find(".html") == target.npos)
      continue;
    made += old.substr(done, at + 2 - done);
    made += links;
    done = at + 2;
  }
  if (done == 0) return;
  made += old.substr(done);
  out[text].text = out.Keep(made);
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

void Inherit(Tree& out, NodeIndex element, std::string_view links) {
  static constexpr std::string_view kLeft[] = {"structuredefinition-standards-status",
                                               "structuredefinition-normative-version",
                                               "structuredefinition-fmm",
                                               "structuredefinition-fmm-no-warnings",
                                               "structuredefinition-wg",
                                               "structuredefinition-category",
                                               "structuredefinition-security-category",
                                               "structuredefinition-hierarchy",
                                               "structuredefinition-summary"};
  bool root = out.ChildText(element, "path").find('.') == std::string_view::npos;
  for (NodeIndex child = root ? out[element].first : kNone; child != kNone;) {
    NodeIndex next = out[child].next;
    std::string_view url = out.name(child) == "extension" ? out.ChildText(child, "url") : std::string_view();
    if (std::any_of(std::begin(kLeft), std::end(kLeft), [&](std::string_view left) {
          return url.starts_with("http://hl7.org/fhir/StructureDefinition/") && url.substr(40) == left;
        }))
      out.Remove(child);
    child = next;
  }
  if (links.empty()) return;
  for (std::string_view field : {"definition", "comment", "requirements", "meaningWhenMissing"})
    if (NodeIndex text = out.Child(element, field); text != kNone) MakeLinksAbsolute(out, text, links);
  if (NodeIndex binding = out.Child(element, "binding"); binding != kNone)
    if (NodeIndex text = out.Child(binding, "description"); text != kNone)
      MakeLinksAbsolute(out, text, links);
}

// R4B publishes some extensions twice over.
void DropTwins(Tree& out, NodeIndex element) {
  for (NodeIndex child = out[element].first; child != kNone; child = out[child].next)
    for (NodeIndex twin = out[child].next; twin != kNone;) {
      NodeIndex next = out[twin].next;
      if (out.name(child) == "extension" && node::Equal(out, child, out, twin)) out.Remove(twin);
      twin = next;
    }
}

void NameRules(Tree& out, NodeIndex element, std::string_view source) {
  for (NodeIndex child : Children(out, element))
    if (out.name(child) == "constraint" && out.Child(child, "source") == kNone)
      SetField(out, child, "source", source);
}

void DescribeExtensions(Tree& out, NodeIndex element) {
  SetField(out, element, "short", "Extension");
  SetField(out, element, "definition", "An Extension");
  for (std::string_view field : {"comment", "requirements", "alias", "mapping"})
    RemoveField(out, element, field);
}

void MergeElement(Tree& out, NodeIndex into, const Tree& source, NodeIndex from) {
  std::vector<std::string_view> replaced;
  bool says_something = false;
  for (NodeIndex field : Children(source, from)) {
    std::string_view name = source.name(field), family = Family(name);
    says_something = says_something || (name != "id" && name != "path");
    switch (RuleOf(name)) {
      case Rule::Keep: break;
      case Rule::GoOn: GoOn(out, into, source, field); break;
      case Rule::Add:
        if (!Has(out, into, source, field)) CopyField(out, into, source, field);
        break;
      case Rule::Extend: Extend(out, into, source, field); break;
      case Rule::Bind: Bind(out, into, source, field); break;
      case Rule::Constrain: Constrain(out, into, source, field); break;
      case Rule::Replace:
        if (std::find(replaced.begin(), replaced.end(), family) == replaced.end()) {
          RemoveFamily(out, into, family);
          replaced.push_back(family);
        }
        CopyField(out, into, source, field);
        break;
    }
  }
  if (says_something) DropTwins(out, into);
  bool typed = source.Child(from, "type") != kNone || source.Child(from, "binding") != kNone;
  if (typed && out.Child(into, "type") != kNone && out.Child(into, "binding") != kNone)
    DropUselessBinding(out, into);
}

}  // namespace passerelle::packages
