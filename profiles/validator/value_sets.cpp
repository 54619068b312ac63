// ValueSets and ConceptMaps: systems, codes and filters that can be right.

#include <algorithm>
#include <set>

#include "fhir_model/path/path.h"
#include "profiles/terminology/code_system.h"
#include "profiles/terminology/value_set.h"
#include "profiles/validator/families.h"

namespace passerelle::validator {

using node::kNone;
using node::NodeIndex;
using terminology::Answer;

namespace {

void CheckConcept(Run& run, NodeIndex at, std::string_view system) {
  std::string_view code = run.Text(at, run.words.code);
  if (!code.empty() && run.engine.terminology.Lookup(system, code).exists == Answer::Out)
    run.Report(rules::IncludeCodeUnknown, at, {code, system});
}

// The type of a property that a code system declares; empty when it does not.
std::string PropertyType(const Run& run, std::string_view system, std::string_view code) {
  constexpr std::string_view kBooleans[] = {"notSelectable", "inactive"};
  if (std::find(std::begin(kBooleans), std::end(kBooleans), code) != std::end(kBooleans)) return "boolean";
  const auto* known = run.engine.terminology.FindCodeSystem(system);
  return known == nullptr ? std::string() : std::string(known->PropertyType(code));
}

// Names of the parameters that a value set declares (extension valueset-parameter).
bool DeclaresParameter(const Run& run, std::string_view name) {
  for (NodeIndex extension : node::Children(run.tree, run.resource)) {
    if (run.tree[extension].name != run.words.extension) continue;
    for (NodeIndex part : node::Children(run.tree, extension))
      for (NodeIndex value : node::Children(run.tree, part))
        if (run.tree[value].text == name) return true;
  }
  return false;
}

// A filter whose value is an expression over parameters: FHIRPath that compiles and names what is declared.
void CheckFilterExpressions(Run& run, NodeIndex filter) {
  NodeIndex filter_value = run.tree.Child(filter, run.words.value);
  if (filter_value == kNone) return;
  for (NodeIndex extension : node::Children(run.tree, filter_value)) {
    if (run.tree[extension].name != run.words.extension) continue;
    NodeIndex value = run.tree.Child(extension, "valueExpression");
    if (value == kNone) continue;
    std::string_view language = run.Text(value, run.words.language),
                     text = run.Text(value, run.words.expression);
    if (language != "text/fhirpath") {
      run.Report(rules::FilterLanguage, value, {language});
      continue;
    }
    auto compiled = path::Expression::Compile(text);
    if (!compiled) run.Report(rules::ExpressionUnreadable, value, {compiled.error().Text()});
    for (auto at = text.find('%'); at != text.npos && compiled; at = text.find('%', at + 1)) {
      std::string_view name = text.substr(at + 1);
      if (name.starts_with('`')) name.remove_prefix(1);
      name = name.substr(0, name.find_first_of(" )`=.,+|"));
      if (!DeclaresParameter(run, name)) run.Report(rules::ExpressionParameter, value, {name});
    }
  }
}

void CheckFilter(Run& run, NodeIndex at, std::string_view system) {
  CheckFilterExpressions(run, at);
  std::string_view property = run.Text(at, run.words.property), op = run.Text(at, run.words.op),
                   value = run.Text(at, run.words.value);
  if (property.empty() || value.empty() || op == "exists" || op == "regex" || op == "in" || op == "not-in")
    return;
  const bool hierarchy = op != "=";
  if (hierarchy || property == "concept" || property == "code") {
    if ((property == "concept" || property == "code") &&
        run.engine.terminology.Lookup(system, value).exists == Answer::Out)
      run.Report(rules::FilterValue, at, {property, value, "a code of the system"});
    return;
  }
  std::string type = PropertyType(run, system, property);
  if (type == "boolean" && value != "true" && value != "false")
    run.Report(rules::FilterValue, at, {property, value, "true or false"});
  if (type != "Coding") return;
  auto hash = value.find('#');
  if (hash == value.npos) return run.Report(rules::FilterValue, at, {property, value, "system#code"});
  std::string_view of = value.substr(0, hash);
  if (run.engine.terminology.Lookup(of.substr(0, of.find('|')), value.substr(hash + 1)).exists == Answer::Out)
    run.Report(rules::FilterValue, at, {property, value, "a code that exists"});
}

std::string_view WithoutVersion(std::string_view canonical) {
  return canonical.substr(0, canonical.find('|'));
}

// Whether a value set includes the one called `url`, straight or by others.
bool Includes(const terminology::ValueSet* set, std::string_view url,
              std::set<const terminology::ValueSet*>& seen) {
  if (set == nullptr || !seen.insert(set).second) return false;
  return std::any_of(set->includes.begin(), set->includes.end(), [&](const terminology::Clause& clause) {
    return WithoutVersion(clause.missing) == url ||
           std::any_of(clause.nested.begin(), clause.nested.end(),
                       [&](const auto* nested) { return nested->url == url || Includes(nested, url, seen); });
  });
}

void CheckIncludedSet(Run& run, NodeIndex at) {
  std::string_view url = run.Text(run.resource, run.words.url), named = run.tree[at].text;
  if (url.empty() || named.empty()) return;
  std::set<const terminology::ValueSet*> seen;
  if (WithoutVersion(named) == url || Includes(run.engine.terminology.FindValueSet(named), url, seen))
    run.Report(rules::IncludeCircular, at, {named});
}

void CheckInclude(Run& run, NodeIndex at) {
  for (NodeIndex child : node::Children(run.tree, at))
    if (run.tree[child].name == run.words.valueSet) CheckIncludedSet(run, child);
  std::string_view system = run.Text(at, run.words.system);
  if (system.empty()) return;
  if (!IsAbsoluteUri(system)) return run.Report(rules::IncludeSystemRelative, at, {system});
  for (NodeIndex child : node::Children(run.tree, at)) {
    if (run.tree[child].name == run.words.concept_) CheckConcept(run, child, system);
    if (run.tree[child].name == run.words.filter) CheckFilter(run, child, system);
  }
}

}  // namespace

void CheckValueSetResource(Run& run, NodeIndex resource) {
  CheckCanonicalUrl(run, resource);
  NodeIndex compose = run.tree.Child(resource, run.words.compose);
  if (compose == kNone) return;
  for (NodeIndex child : node::Children(run.tree, compose))
    if (run.tree[child].name == run.words.include || run.tree[child].name == run.words.exclude)
      CheckInclude(run, child);
}

namespace {

// A code of a map's group: in its system, and in the value set that the map is from or to.
void CheckMapCode(Run& run, NodeIndex holder, std::string_view system, std::string_view value_set,
                  Severity severity) {
  NodeIndex code = run.tree.Child(holder, run.words.code);
  if (code == kNone || run.tree[code].text.empty()) return;
  std::string_view text = run.tree[code].text;
  if (!system.empty() && run.engine.terminology.Lookup(system, text).exists == Answer::Out)
    return run.Report(rules::MapCodeUnknown, severity, code, {text, system});
  if (!value_set.empty() &&
      run.engine.terminology.MemberOf(value_set, {system, {}, text, {}}).answer == Answer::Out)
    run.Report(rules::MapCodeUnknown, severity, code, {text, value_set});
}

// source[x] or target[x]: a value set.
std::string_view ScopeOf(const Run& run, NodeIndex map, std::string_view name) {
  for (NodeIndex child : node::Children(run.tree, map))
    if (run.tree.name(child).starts_with(name)) return run.tree[child].text;
  return {};
}

}  // namespace

void CheckConceptMap(Run& run, NodeIndex resource) {
  CheckCanonicalUrl(run, resource);
  std::string_view from = ScopeOf(run, resource, "source"), to = ScopeOf(run, resource, "target");
  for (NodeIndex group : node::Children(run.tree, resource)) {
    if (run.tree[group].name != run.words.group) continue;
    std::string_view source = run.Text(group, run.words.source), target = run.Text(group, run.words.target);
    for (NodeIndex element : node::Children(run.tree, group)) {
      if (run.tree[element].name != run.words.element) continue;
      CheckMapCode(run, element, source, from, Severity::Error);
      for (NodeIndex mapped : node::Children(run.tree, element))
        if (run.tree[mapped].name == run.words.target)
          CheckMapCode(run, mapped, target, to, Severity::Warning);
    }
  }
}

}  // namespace passerelle::validator
