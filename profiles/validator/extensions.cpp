// Extensions: known, in place, a modifier or not, of the right type, with the parts their definition has.

#include <algorithm>

#include "profiles/validator/families.h"
#include "profiles/validator/services.h"

namespace passerelle::validator {

using node::kNone;
using node::NodeIndex;

namespace {

std::string_view WithoutChoice(std::string_view name) {
  return name.ends_with("[x]") ? name.substr(0, name.size() - 3) : name;
}

// The names by which a context may mean an element: "Patient.name", "HumanName", "Element"; further down in a
// datatype both "HumanName.family" and "Patient.name.family".
std::vector<std::string> NamesOf(const Run& run, NodeIndex at) {
  const auto& definitions = run.engine.definitions();
  const auto& n = run.tree[at];
  std::vector<std::string> names;
  auto type_and_ancestors = [&](std::string_view type) {
    for (std::string_view base : {"Element", "BackboneElement", "DomainResource", "Resource", "Quantity"})
      if (definitions.IsA(type, base)) names.emplace_back(base);
  };
  if (n.resource != 0) {
    names.emplace_back(run.tree.NameText(n.resource));
    type_and_ancestors(run.tree.NameText(n.resource));
    names.emplace_back("Element");  // a context of Element is meant as anywhere
    // R5 gave a name to the resources that have a canonical url.
    if (definitions.FindChild(n.shape, run.words.url) != nullptr) names.emplace_back("CanonicalResource");
    return names;
  }
  names.emplace_back("Element");
  const auto* info = definitions.FindChild(run.tree[n.parent].shape, n.name);
  if (info == nullptr) return names;
  names.emplace_back(info->type);
  type_and_ancestors(info->type);
  names.emplace_back(
      definitions.ShapeName(info->shape));  // where a content reference leads: "Questionnaire.item"
  std::string path;
  for (NodeIndex step = at; step != kNone; step = run.tree[step].parent) {
    const auto& here = run.tree[step];
    if (here.resource != 0) {
      names.push_back(std::string(run.tree.NameText(here.resource)) + path);
      break;
    }
    const auto* child = definitions.FindChild(run.tree[here.parent].shape, here.name);
    if (child == nullptr) break;
    std::string name(node::NameText(child->element_name));
    path = "." + name + (child->choice ? "[x]" : "") + path;
    names.push_back(std::string(definitions.ShapeName(run.tree[here.parent].shape)) + path);
  }
  return names;
}

bool NamesMatch(const std::vector<std::string>& names, std::string_view expression) {
  return std::any_of(names.begin(), names.end(), [&](const std::string& name) {
    return name == expression || WithoutChoice(name) == expression;
  });
}

// Where R4's own definitions put an extension although its definition does not say so.
struct Place {
  std::string_view extension, element;
};
constexpr Place kAlsoAllowed[] = {
    {"http://hl7.org/fhir/StructureDefinition/regex", "ElementDefinition.type"},  // e.g. Element.id
};

bool AlsoAllowed(std::string_view url, const std::vector<std::string>& names) {
  return std::any_of(std::begin(kAlsoAllowed), std::end(kAlsoAllowed), [&](const Place& row) {
    return row.extension == url && NamesMatch(names, row.element);
  });
}

bool EvaluatesTo(Run& run, std::string_view expression, NodeIndex holder) {
  path::CompileOptions options;
  options.definitions = &run.engine.definitions();
  options.type = run.tree.NameText(run.tree[run.resource].resource);
  options.trusted = false;
  auto compiled = path::Expression::Compile(expression, options);
  if (!compiled) return true;  // the definition's fault, not the instance's
  RunServices services(run);
  path::Environment environment{path::Item::Of(run.tree, run.resource),
                                path::Item::Of(run.tree, run.root_resource), &services};
  MachineLease machine;
  auto found = machine->Evaluate(*compiled, path::Item::Of(run.tree, run.resource), environment);
  if (!found) return true;
  return std::any_of(found->begin(), found->end(),
                     [&](const path::Item& item) { return item.node == holder; });
}

bool ContextAllows(Run& run, const spec::ExtensionContext& context, NodeIndex holder,
                   const std::vector<std::string>& names) {
  if (context.type == "element") {
    std::string_view expression = context.expression;
    if (auto hash = expression.find('#'); hash != expression.npos) expression = expression.substr(hash + 1);
    return expression == "Base" || NamesMatch(names, expression);
  }
  if (context.type == "extension") {
    auto is_it = [&](NodeIndex at) {
      return at != kNone && run.tree[at].name == run.words.extension &&
             run.Text(at, run.words.url) == context.expression;
    };
    return is_it(holder) || is_it(run.tree[holder].parent);  // on it, or on its value
  }
  if (context.type == "fhirpath") return EvaluatesTo(run, context.expression, holder);
  return true;
}

bool ContextsAllow(Run& run, const spec::Profile& definition, NodeIndex holder,
                   const std::vector<std::string>& names) {
  return std::any_of(
      definition.contexts.begin(), definition.contexts.end(),
      [&](const spec::ExtensionContext& context) { return ContextAllows(run, context, holder, names); });
}

// A later definition may have narrowed what R4 itself allowed.
bool AllowedByR4(Run& run, const spec::Profile& definition, NodeIndex holder,
                 const std::vector<std::string>& names) {
  const spec::Profile* published = run.engine.library.FindProfile(std::string(definition.url) + "|4.0.1");
  return published != nullptr && published != &definition && ContextsAllow(run, *published, holder, names);
}

void CheckContext(Run& run, NodeIndex holder, const spec::Profile& definition) {
  if (definition.contexts.empty()) return;
  auto names = NamesOf(run, holder);
  if (ContextsAllow(run, definition, holder, names) || AllowedByR4(run, definition, holder, names) ||
      AlsoAllowed(definition.url, names))
    return;
  std::sort(names.begin(), names.end());
  names.erase(std::unique(names.begin(), names.end()), names.end());
  std::string here, allowed;
  for (const auto& name : names) here += (here.empty() ? "" : ", ") + name;
  for (const auto& context : definition.contexts)
    allowed += (allowed.empty() ? "" : ", ") + std::string(context.expression);
  run.Report(rules::ExtensionContext, holder, {definition.url, here, allowed}, definition.url);
}

// value[x] of the definition: the types it leaves.
void CheckValueType(Run& run, NodeIndex at, const spec::Profile& definition) {
  const spec::Element* value = definition.FindElement("Extension.value[x]");
  if (value == nullptr || value->max == 0) return;
  for (NodeIndex child : node::Children(run.tree, at)) {
    const auto* info = run.engine.definitions().FindChild(run.tree[at].shape, run.tree[child].name);
    if (info == nullptr || !info->choice) continue;
    bool allowed = std::any_of(value->types.begin(), value->types.end(),
                               [&](const spec::TypeRef& type) { return type.code == info->type; });
    if (allowed || value->types.empty()) return;
    std::string types;
    for (const auto& type : value->types) types += (types.empty() ? "" : ", ") + std::string(type.code);
    run.Report(rules::ExtensionValueType, at, {definition.url, types, info->type}, definition.url);
  }
}

bool HasPart(const spec::Profile& definition, std::string_view url) {
  return std::any_of(definition.elements.begin(), definition.elements.end(), [&](const spec::Element& e) {
    return e.path == "Extension.extension.url" &&
           e.fixed.json.find("\"" + std::string(url) + "\"") != std::string_view::npos;
  });
}

// The definition of the extension that `at` is a part of; nullptr when it is none or not known.
const spec::Profile* DefinitionAround(const Run& run, NodeIndex at) {
  NodeIndex holder = run.tree[at].parent;
  if (holder == kNone || run.tree[holder].name != run.words.extension) return nullptr;
  return run.engine.library.FindProfile(run.Text(holder, run.words.url));
}

// A url with no scheme names a part of the extension around it.
void CheckPart(Run& run, NodeIndex at, std::string_view url) {
  NodeIndex holder = run.tree[at].parent;
  bool inside =
      run.tree[holder].name == run.words.extension || run.tree[holder].name == run.words.modifierExtension;
  if (!inside) return run.Report(rules::ExtensionUrlRelative, at, {url});
  const spec::Profile* around = DefinitionAround(run, at);
  if (around != nullptr && !HasPart(*around, url))
    run.Report(rules::ExtensionPartUnknown, at, {url, around->url});
}

// "http://hl7.org/fhir/5.0/StructureDefinition/extension-Patient.animal": an element of another version of
// FHIR.
struct CrossVersion {
  std::string_view version, element;  // "5.0", "Patient.animal"; empty: it is no such url
};
CrossVersion ReadCrossVersion(std::string_view url) {
  constexpr std::string_view kStart = "http://hl7.org/fhir/", kMiddle = "/StructureDefinition/extension-";
  auto digit = [](char c) { return c >= '0' && c <= '9'; };
  if (!url.starts_with(kStart)) return {};
  std::string_view rest = url.substr(kStart.size());
  bool version = rest.size() > 3 && digit(rest[0]) && rest[1] == '.' && digit(rest[2]);
  if (!version || !rest.substr(3).starts_with(kMiddle)) return {};
  return {rest.substr(0, 3), rest.substr(3 + kMiddle.size())};
}

constexpr std::string_view kVersions[] = {"1.0", "1.4", "3.0", "4.0", "4.3", "5.0", "6.0"};

// Elements of other versions that change the meaning of what has them, most of them by denying it.
struct ModifierElement {
  std::string_view element, versions;
};
constexpr ModifierElement kModifierElements[] = {{"Patient.animal", "1.0 1.4 3.0"},
                                                 {"MedicationAdministration.wasNotGiven", "1.0 1.4"},
                                                 {"MedicationAdministration.notGiven", "3.0"},
                                                 {"MedicationStatement.wasNotTaken", "1.0 1.4"},
                                                 {"Immunization.wasNotGiven", "1.0 1.4"},
                                                 {"Immunization.notGiven", "3.0"},
                                                 {"Procedure.notPerformed", "1.0 1.4"},
                                                 {"Procedure.notDone", "3.0"},
                                                 {"Communication.notDone", "3.0"},
                                                 {"ProcedureRequest.doNotPerform", "3.0"},
                                                 {"DeviceRequest.doNotPerform", "5.0 6.0"}};

// What can be told without the definitions of that version; false where nothing can be.
bool CheckCrossVersion(Run& run, NodeIndex at, std::string_view url) {
  auto [version, element] = ReadCrossVersion(url);
  if (element.empty()) return false;
  if (std::find(std::begin(kVersions), std::end(kVersions), version) == std::end(kVersions))
    run.Report(rules::ExtensionVersion, at, {url, version});
  if (IsModifierOfOtherVersion(url) && run.tree[at].name != run.words.modifierExtension)
    run.Report(rules::ExtensionModifier, at, {url});
  return true;
}

void ReportUnknown(Run& run, NodeIndex at, std::string_view url) {
  if (CheckCrossVersion(run, at, url)) return;
  bool modifier = run.tree[at].name == run.words.modifierExtension;
  bool example = run.options.example_urls && IsExampleUrl(url);
  bool tools = url.starts_with("http://hl7.org/fhir/tools/StructureDefinition/");
  bool refused = (!run.options.unknown_extensions || modifier) && !example && !tools;
  run.Report(rules::ExtensionUnknown, refused ? Severity::Error : Severity::Warning, at, {url});
}

void CheckDefined(Run& run, NodeIndex at, const spec::Profile& definition) {
  CheckContext(run, run.tree[at].parent, definition);
  bool is_modifier = !definition.elements.empty() && definition.elements.front().is_modifier;
  bool as_modifier = run.tree[at].name == run.words.modifierExtension;
  if (is_modifier && !as_modifier) run.Report(rules::ExtensionModifier, at, {definition.url}, definition.url);
  if (!is_modifier && as_modifier)
    run.Report(rules::ExtensionNotModifier, at, {definition.url}, definition.url);
  CheckValueType(run, at, definition);
  CheckProfile(run, at, definition.url);
}

}  // namespace

bool IsModifierOfOtherVersion(std::string_view url) {
  auto [version, element] = ReadCrossVersion(url);
  return std::any_of(std::begin(kModifierElements), std::end(kModifierElements), [&](const auto& row) {
    return row.element == element && row.versions.find(version) != row.versions.npos;
  });
}

void CheckExtension(Run& run, NodeIndex at) {
  bool value = false, parts = false;
  for (NodeIndex child : node::Children(run.tree, at)) {
    node::NameId name = run.tree[child].name;
    parts |= name == run.words.extension;
    value |= name != run.words.extension && name != run.words.url && name != run.words.id;
  }
  if (value == parts && run.tree[at].first != kNone) run.Report(rules::ExtensionValueOrParts, at);
  std::string_view url = run.Text(at, run.words.url);
  if (url.empty()) {
    if (run.tree.Child(at, run.words.url) != kNone) run.Report(rules::ExtensionUrlMissing, at);
    return;
  }
  if (!IsAbsoluteUri(url)) return CheckPart(run, at, url);
  if (auto bar = url.find('|'); bar != url.npos) {
    run.Report(rules::ExtensionVersioned, at, {url});
    url = url.substr(0, bar);
  }
  const spec::Profile* definition = run.engine.library.FindProfile(url);
  if (definition == nullptr || definition->type != "Extension") return ReportUnknown(run, at, url);
  CheckDefined(run, at, *definition);
}

}  // namespace passerelle::validator
