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

// How the dialects differ in where a class of characters ends: in "[]x]" the first bracket closes an empty
// one or stands for itself, in "[a[b]]" there is one within the other or not.
struct ClassReading {
  bool first_is_literal, nested;
};

// The place after the class that begins at `at`; npos when it has no end.
std::size_t AfterClass(std::string_view regex, std::size_t at, const ClassReading& reading) {
  int depth = 0;
  for (; at < regex.size(); ++at) {
    if (regex[at] == '\\') {
      ++at;
    } else if (regex[at] == '[' && (depth == 0 || reading.nested)) {
      ++depth;
      if (regex.substr(at + 1).starts_with('^')) ++at;
      if (reading.first_is_literal && regex.substr(at + 1).starts_with(']')) ++at;
    } else if (regex[at] == ']' && --depth == 0) {
      return at + 1;
    }
  }
  return regex.npos;
}

bool ClosesAll(std::string_view regex, const ClassReading& reading) {
  int open = 0;
  for (std::size_t at = 0; at < regex.size();) {
    if (regex.substr(at).starts_with("\\Q") && regex.find("\\E", at) != regex.npos) {
      at = regex.find("\\E", at) + 2;
    } else if (regex[at] == '\\') {
      if (at + 1 == regex.size()) return false;
      at += 2;
    } else if (regex[at] == '[') {
      at = AfterClass(regex, at, reading);
      if (at == regex.npos) return false;
    } else {
      open += regex[at] == '(' ? 1 : regex[at] == ')' ? -1 : 0;
      if (open < 0) return false;
      ++at;
    }
  }
  return open == 0;
}

// FHIR does not say of which dialect a filter's regular expression is: it is wrong only where it is so in
// all.
bool IsRegex(std::string_view text) {
  constexpr ClassReading kReadings[] = {{false, false}, {false, true}, {true, false}, {true, true}};
  return std::any_of(std::begin(kReadings), std::end(kReadings),
                     [&](const auto& reading) { return ClosesAll(text, reading); });
}

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

bool IsOneOf(std::string_view text, std::initializer_list<std::string_view> words) {
  return std::find(words.begin(), words.end(), text) != words.end();
}

// A number or a date may begin with a comparison.
std::string_view WithoutPrefix(std::string_view value) {
  constexpr std::string_view kPrefixes[] = {"eq", "ne", "gt", "lt", "ge", "le", "sa", "eb", "ap"};
  for (auto prefix : kPrefixes)
    if (value.starts_with(prefix)) return value.substr(prefix.size());
  return value;
}

// A code written as system|version#code.
bool IsCoding(const Run& run, std::string_view value) {
  auto hash = value.find('#');
  if (hash == value.npos) return false;
  std::string_view of = value.substr(0, hash);
  return run.engine.terminology.Lookup(of.substr(0, of.find('|')), value.substr(hash + 1)).exists !=
         Answer::Out;
}

// The forms of what a filter compares with, by the type of the property.
struct FilterForm {
  std::string_view type, wanted;
  bool (*fits)(const Run& run, std::string_view value);
};
template <Primitive kType>
bool FitsPrimitive(const Run&, std::string_view value) {
  return CheckLexical(kType, WithoutPrefix(value)) == nullptr;
}
constexpr FilterForm kFilterForms[] = {
    {"boolean", "true or false", [](const Run&, std::string_view v) { return v == "true" || v == "false"; }},
    {"dateTime", "a date", FitsPrimitive<Primitive::DateTime>},
    {"decimal", "a number", FitsPrimitive<Primitive::Decimal>},
    {"integer", "a whole number", FitsPrimitive<Primitive::Integer>},
    {"Coding", "system#code", IsCoding},
    {"code", "a code", [](const Run&, std::string_view v) { return v.find_first_of(" \t\r\n") != 0; }}};

void CheckFilterValue(Run& run, NodeIndex at, std::string_view system, std::string_view value) {
  std::string_view property = run.Text(at, run.words.property);
  if (IsOneOf(property, {"concept", "code"})) {
    if (run.engine.terminology.Lookup(system, value).exists == Answer::Out)
      run.Report(rules::FilterValue, at, {property, value, "a code of the system"});
    return;
  }
  std::string type = PropertyType(run, system, property);
  for (const auto& form : kFilterForms)
    if (form.type == type && !form.fits(run, value))
      run.Report(rules::FilterValue, at, {property, value, form.wanted});
}

// What may be asked of every code system, and of SNOMED CT, whose own properties are compared only.
bool AllowsOperation(const Run& run, std::string_view system, std::string_view property,
                     std::string_view op) {
  const bool snomed = system == "http://snomed.info/sct";
  if (IsOneOf(property, {"concept", "code"})) {
    if (snomed) return IsOneOf(op, {"is-a", "is-not-a", "in", "descendent-of", "descendent-leaf", "="});
    if (op == "regex") return property == "code";
    return IsOneOf(op, {"=", "in", "is-a", "descendent-of", "is-not-a", "generalizes", "not-in"});
  }
  if (!snomed || run.engine.terminology.Lookup(system, property).exists == Answer::Out) return true;
  if (property == "constraint") return op == "=";
  return IsOneOf(op, {"=", "in"});
}

void CheckFilter(Run& run, NodeIndex at, std::string_view system) {
  CheckFilterExpressions(run, at);
  std::string_view property = run.Text(at, run.words.property), op = run.Text(at, run.words.op),
                   value = run.Text(at, run.words.value);
  if (property.empty() || op.empty() || value.empty()) return;
  if (!AllowsOperation(run, system, property, op))
    run.Report(rules::FilterOperation, at, {op, property, system});
  if (op == "exists") {
    if (!IsOneOf(value, {"true", "false"}))
      run.Report(rules::FilterValue, at, {property, value, "true or false"});
  } else if (op == "regex") {
    if (!IsRegex(value)) run.Report(rules::FilterValue, at, {property, value, "a regular expression"});
  } else if (op == "in" || op == "not-in") {
    for (std::size_t from = 0; from <= value.size();) {
      auto comma = std::min(value.find(',', from), value.size());
      CheckFilterValue(run, at, system, value.substr(from, comma - from));
      from = comma + 1;
    }
  } else {
    CheckFilterValue(run, at, system, value);
  }
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

// False for what is known, but as a value set or a supplement.
bool CheckIsCodeSystem(Run& run, NodeIndex at, std::string_view system) {
  std::string_view version = run.Text(at, run.words.version);
  std::string canonical(version.empty() ? system : std::string(system) + "|" + std::string(version));
  if (auto found = run.engine.library.Find(canonical, "CodeSystem")) {
    if (found->json.find("\"content\":\"supplement\"") == found->json.npos) return true;
    run.Report(rules::IncludeNoCodeSystem, at, {system, "supplement"});
    return false;
  }
  if (run.engine.terminology.KnowsSystem(system) || !run.engine.library.Find(canonical, "ValueSet"))
    return true;
  run.Report(rules::IncludeNoCodeSystem, at, {system, "value set"});
  return false;
}

void CheckInclude(Run& run, NodeIndex at) {
  for (NodeIndex child : node::Children(run.tree, at))
    if (run.tree[child].name == run.words.valueSet) CheckIncludedSet(run, child);
  std::string_view system = run.Text(at, run.words.system);
  if (system.empty()) return;
  if (auto bar = system.find('|'); bar != system.npos) {
    if (bar + 1 < system.size()) run.Report(rules::IncludeSystemVersion, at, {system});
    system = system.substr(0, bar);
  }
  if (!IsAbsoluteUri(system)) return run.Report(rules::IncludeSystemRelative, at, {system});
  if (!CheckIsCodeSystem(run, at, system)) return;
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
