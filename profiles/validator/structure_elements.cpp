// StructureDefinitions, element by element: profiles and targets of types, bindings, what only some elements
// may say, the keys of rules; and where an extension may stand.

#include "profiles/validator/structure_elements.h"

#include <algorithm>

#include "fhir_model/path/path.h"
#include "profiles/validator/families.h"

namespace passerelle::validator {

using node::kNone;
using node::NodeIndex;

namespace {

constexpr std::string_view kTypes = "http://hl7.org/fhir/StructureDefinition/";

// ---- types

// A type is what it is profiled as, or an abstract one above that.
bool IsInstance(const Run& run, std::string_view type, std::string_view code) {
  if (type == code) return true;
  const spec::Profile* above = run.engine.library.FindType(code);
  return above != nullptr && above->abstract && run.engine.definitions().IsA(type, code);
}

void CheckTypeProfile(Run& run, NodeIndex at, std::string_view code, std::string_view path) {
  const spec::Profile* profile = run.engine.library.FindProfile(run.tree[at].text);
  const bool here = path.ends_with(".modifierExtension");
  if (profile == nullptr && IsModifierOfOtherVersion(run.tree[at].text) && !here)
    return run.Report(rules::ExtensionModifier, at, {run.tree[at].text});
  if (profile == nullptr || profile->elements.empty()) return;  // the reference only warns
  if (profile->kind == spec::StructureKind::Logical || code.find("://") != code.npos) return;
  if (!IsInstance(run, profile->type, code))
    return run.Report(rules::TypeProfileWrong, at, {run.tree[at].text, profile->type, code});
  if (profile->type != "Extension") return;
  const bool is_one = profile->elements[0].is_modifier;
  if (here != is_one)
    run.Report(is_one ? rules::ExtensionModifier : rules::ExtensionNotModifier, at, {run.tree[at].text});
}

void CheckTargetProfile(Run& run, NodeIndex at, std::string_view code, bool logical) {
  const spec::Profile* profile = run.engine.library.FindProfile(run.tree[at].text);
  if (code != "Reference" && code != "canonical" && code != "CodeableReference")
    return run.Report(rules::TargetMisplaced, at, {code});
  if (profile == nullptr || logical) return;
  const auto& definitions = run.engine.definitions();
  bool fits = profile->kind == spec::StructureKind::Resource;
  if (code == "canonical")  // what has a canonical url
    fits = profile->type == "Resource" || profile->type == "NamingSystem" ||
           definitions.FindChild(definitions.FindShape(profile->type), run.words.url) != nullptr;
  if (!fits) run.Report(rules::TypeTargetWrong, at, {run.tree[at].text, profile->type, code});
}

void CheckTypes(Run& run, NodeIndex element, std::string_view path, bool logical) {
  for (NodeIndex type : node::Children(run.tree, element)) {
    if (run.tree[type].name != run.words.type) continue;
    std::string_view code = run.Text(type, run.words.code);
    if (code.empty()) continue;
    for (NodeIndex child : node::Children(run.tree, type)) {
      if (run.tree[child].name == run.words.profile) CheckTypeProfile(run, child, code, path);
      if (run.tree.name(child) == "targetProfile") CheckTargetProfile(run, child, code, logical);
    }
  }
}

// ---- bindings

void CheckElementBinding(Run& run, NodeIndex element) {
  NodeIndex binding = run.tree.Child(element, run.words.binding);
  if (binding == kNone) return;
  std::string_view canonical = run.Text(binding, run.words.valueSet);
  if (canonical.empty() || run.engine.library.Find(canonical, "ValueSet")) return;
  if (auto other = run.engine.library.Find(canonical))
    run.Report(rules::BindingNoValueSet, binding, {canonical, other->type});
}

// ---- what only some elements may say (R4, elementdefinition.html, "rules about using elements")

struct Forbidden {
  bool root, constraint;     // of which elements of which definitions
  std::string_view members;  // between blanks; "fixed" stands for fixed[x]
};
constexpr Forbidden kForbidden[] = {
    {true, true,
     " sliceName slicing requirements defaultValue meaningWhenMissing fixed pattern example minValue maxValue"
     " maxLength "},
    {true, false, " sliceName slicing requirements defaultValue fixed pattern example minValue maxValue "},
    {false, false, " sliceName fixed pattern minValue maxValue "}};

// "fixed" of "fixedCode".
std::string_view Stem(std::string_view name) {
  for (std::string_view choice : {"defaultValue", "minValue", "maxValue", "fixed", "pattern"})
    if (name.starts_with(choice)) return choice;
  return name;
}

void CheckMembers(Run& run, NodeIndex element, std::string_view path, bool constraint) {
  const bool root = path.find('.') == path.npos;
  for (const auto& row : kForbidden) {
    if (row.root != root || row.constraint != constraint) continue;
    for (NodeIndex child : node::Children(run.tree, element))
      if (row.members.find(" " + std::string(Stem(run.tree.name(child))) + " ") != row.members.npos)
        run.Report(rules::ElementMember, element, {run.tree.name(child), path});
  }
  if (root) return;
  const bool typed = run.tree.Child(element, run.words.type) != kNone ||
                     run.tree.Child(element, "contentReference") != kNone;
  if (!typed) run.Report(rules::ElementUntyped, element, {path});
}

// ---- keys of rules

std::string_view ExpressionOf(const spec::Profile* profile, std::string_view key) {
  if (profile == nullptr) return {};
  for (const auto& element : profile->elements)
    for (const auto& constraint : element.constraints)
      if (constraint.key == key) return constraint.expression;
  return {};
}

}  // namespace

void ElementsCheck::CheckKeys(NodeIndex element) {
  for (NodeIndex constraint : node::Children(run_.tree, element)) {
    if (run_.tree[constraint].name != run_.words.constraint) continue;
    std::string_view key = run_.tree.ChildText(constraint, "key"),
                     expression = run_.Text(constraint, run_.words.expression);
    if (key.empty() || expression.empty()) continue;
    auto [known, fresh] = keys_.emplace(key, expression);
    std::string_view other = fresh ? std::string_view() : known->second;
    // In a differential the key must be new: the bases' rules stand in the snapshot anyway.
    for (std::string_view type : {"Element", "Extension", "Resource", "DomainResource"})
      if (!snapshot_ && other.empty()) other = ExpressionOf(run_.engine.library.FindType(type), key);
    if (!snapshot_ && other.empty()) other = ExpressionOf(base_, key);
    if (!other.empty() && other != expression && key != "ele-1")
      run_.Report(rules::ConstraintKeyUsed, constraint, {key, other});
  }
}

void ElementsCheck::Check(NodeIndex element, std::string_view path) {
  CheckTypes(run_, element, path, logical_);
  CheckElementBinding(run_, element);
  CheckKeys(element);
  if (snapshot_) return CheckMembers(run_, element, path, constraint_);
  const bool of_extension = path == "Extension" || path.ends_with(".extension");
  if (constraint_ && !of_extension && run_.tree.Child(element, "meaningWhenMissing") != kNone)
    run_.Report(rules::ElementMember, element, {"meaningWhenMissing", path});
}

namespace {

// "Patient.contact.name", "value[x]" or "value" for a choice: whether the definitions have that element.
bool IsElement(const Run& run, std::string_view path) {
  const auto& definitions = run.engine.definitions();
  auto dot = path.find('.');
  std::string_view type = path.substr(0, dot);
  // What R5 calls so stands for all that has a canonical url.
  if (type == "CanonicalResource" || type == "MetadataResource") type = "PlanDefinition";
  if (type == "Base" || type == "DataType") type = "Element";
  auto shape = definitions.FindShape(type);
  while (shape != 0 && dot != path.npos) {
    path.remove_prefix(dot + 1);
    dot = path.find('.');
    std::string_view name = path.substr(0, dot);
    if (name.ends_with("[x]")) name.remove_suffix(3);
    auto children = definitions.Children(shape);
    auto child = std::find_if(children.begin(), children.end(), [&](const spec::ChildInfo& info) {
      return node::NameText(info.element_name) == name || node::NameText(info.name) == name;
    });
    if (child == children.end()) return false;
    if (child->choice && dot != path.npos) return true;  // of some type that it may have
    shape = child->shape;
    if (shape == 0) return dot == path.npos;
  }
  return shape != 0;
}

// A context may be one of other versions of FHIR only.
bool IsForOtherVersions(const Run& run, NodeIndex context) {
  for (NodeIndex extension : node::Children(run.tree, context))
    if (run.tree[extension].name == run.words.extension &&
        run.Text(extension, run.words.url).ends_with("/version-specific-use"))
      return true;
  return false;
}

void CheckElementContext(Run& run, NodeIndex context, std::string_view expression) {
  std::string_view path = expression;
  if (auto hash = expression.find('#'); hash != expression.npos) {
    std::string_view url = expression.substr(0, hash);
    path = expression.substr(hash + 1);
    // Elements of a profile are those of its type, and its slices.
    if (!url.starts_with(kTypes) || path.find(':') != path.npos) return;
  }
  if (!IsElement(run, path)) run.Report(rules::ContextNoElement, context, {expression});
}

}  // namespace

void CheckExtensionContexts(Run& run, NodeIndex resource) {
  for (NodeIndex context : node::Children(run.tree, resource)) {
    std::string_view name = run.tree.name(context);
    if (name == "context" && run.Text(context, run.words.type) == "element" &&
        !run.Text(context, run.words.expression).empty() && !IsForOtherVersions(run, context))
      CheckElementContext(run, context, run.Text(context, run.words.expression));
    if (name != "contextInvariant" || run.tree[context].text.empty()) continue;
    path::CompileOptions options;
    options.trusted = false;
    auto compiled = path::Expression::Compile(run.tree[context].text, options);
    if (!compiled) run.Report(rules::ExpressionUnreadable, context, {compiled.error().Text()});
  }
}

}  // namespace passerelle::validator
