// Codes: the code systems they come from, their displays, and the value sets they are bound to.

#include <algorithm>

#include "profiles/terminology/code_system.h"
#include "profiles/validator/families.h"

namespace passerelle::validator {

using node::kNone;
using node::NodeIndex;
using terminology::Answer;
using terminology::Coded;

namespace {

Coded CodedOf(const Run& run, NodeIndex coding) {
  const Words& w = run.words;
  Coded coded;
  for (NodeIndex child : node::Children(run.tree, coding)) {
    const auto& n = run.tree[child];
    if (n.name == w.system)
      coded.system = n.text;
    else if (n.name == w.code)
      coded.code = n.text;
    else if (n.name == w.display)
      coded.display = n.text;
    else if (n.name == w.version)
      coded.version = n.text;
  }
  return coded;
}

NodeIndex ChildOr(const Run& run, NodeIndex parent, node::NameId name) {
  NodeIndex child = run.tree.Child(parent, name);
  return child == kNone ? parent : child;
}

std::string Shown(const Coded& coded) {
  return coded.system.empty() ? std::string(coded.code)
                              : std::string(coded.system) + "#" + std::string(coded.code);
}

void CheckDisplay(Run& run, NodeIndex coding, const Coded& coded) {
  if (coded.display.empty()) return;
  auto agrees = run.engine.terminology.DisplayAgrees(coded);
  if (agrees.has_value() && !*agrees) run.strange_displays.insert(coding);
}

// Systems that are written with http:, whether or not they are here.
constexpr std::string_view kWellKnown[] = {"http://loinc.org", "http://snomed.info/sct",
                                           "http://unitsofmeasure.org",
                                           "http://www.nlm.nih.gov/research/umls/rxnorm"};

bool IsWellKnown(std::string_view system) {
  return std::find(std::begin(kWellKnown), std::end(kWellKnown), system) != std::end(kWellKnown);
}

// What only looks like the name of a code system: a page about it, another scheme, more than its name.
bool IsMiswritten(const Run& run, std::string_view system) {
  if (system.starts_with("https://")) {
    std::string plain = "http://" + std::string(system.substr(8));
    if (IsWellKnown(plain) || run.engine.terminology.FindCodeSystem(plain) != nullptr) return true;
  }
  std::string_view host = system.substr(std::min(system.find("://"), system.size()));
  bool of_hl7 = host.starts_with("://hl7.org/fhir/") || host.starts_with("://www.hl7.org/fhir/");
  if (host.starts_with("://build.fhir.org") || (of_hl7 && system.ends_with(".html"))) return true;
  return std::any_of(std::begin(kWellKnown), std::end(kWellKnown), [&](auto known) {
    return system.size() > known.size() && system.starts_with(known);
  });
}

// The system of a Coding as such. False when the code need not be looked at any more.
bool CheckSystem(Run& run, NodeIndex coding, const Coded& coded, const terminology::CodeSystem* known) {
  NodeIndex system = ChildOr(run, coding, run.words.system);
  if (!IsAbsoluteUri(coded.system) && coded.system.front() != '#') {
    run.Report(rules::CodingSystemRelative, system, {coded.system});
    return false;
  }
  if (known != nullptr && !known->supplements()) return true;
  if (known == nullptr && IsMiswritten(run, coded.system)) {
    run.Report(rules::CodingSystemMiswritten, system, {coded.system});
    return false;
  }
  if (run.engine.library.Find(coded.system, "CodeSystem")) {
    run.Report(rules::CodingSystemSupplement, system, {coded.system});
    return false;
  }
  if (run.engine.library.Find(coded.system, "ValueSet")) {
    run.Report(rules::CodingSystemValueSet, system, {coded.system});
    return false;
  }
  return true;
}

// The code in its system: known, and called what it is called there.
void CheckCodeInSystem(Run& run, NodeIndex coding, const Coded& coded, const terminology::CodeSystem* known) {
  if (known != nullptr) {
    std::uint32_t found = known->Find(coded.code);
    if (found != terminology::CodeSystem::kNone && known->concepts()[found].display == coded.display) return;
  }
  auto lookup = run.engine.terminology.Lookup(coded.system, coded.code);
  if (lookup.exists == Answer::Out)
    return run.Report(rules::CodeUnknown, ChildOr(run, coding, run.words.code),
                      {coded.code, coded.system, known == nullptr ? std::string_view() : known->version()});
  if (lookup.exists == Answer::In) return CheckDisplay(run, coding, coded);
  run.Report(rules::SystemUnknown, coding, {coded.system});
}

}  // namespace

void CheckCoding(Run& run, NodeIndex at) {
  Coded coded = CodedOf(run, at);
  if (coded.system.empty()) {
    if (!coded.code.empty()) run.Report(rules::CodingWithoutSystem, at);
    return;
  }
  const auto* known = run.engine.terminology.FindCodeSystem(coded.system);
  if (!CheckSystem(run, at, coded, known) || coded.code.empty()) return;
  CheckCodeInSystem(run, at, coded, known);
}

void ReportDisplays(Run& run) {
  Severity severity = run.options.wrong_displays ? Severity::Error : Severity::Warning;
  for (NodeIndex coding : run.strange_displays) {
    Coded coded = CodedOf(run, coding);
    auto lookup = run.engine.terminology.Lookup(coded.system, coded.code);
    run.Report(rules::DisplayWrong, severity, ChildOr(run, coding, run.words.display),
               {coded.display, coded.system, coded.code, lookup.display});
  }
}

namespace {

struct CodedAt : Coded {
  NodeIndex at = kNone;
};

struct BindingRules {
  const RuleInfo* outside;
  bool code_wanted;
};

BindingRules RulesOf(spec::BindingStrength strength) {
  switch (strength) {
    case spec::BindingStrength::Required: return {&rules::NotInValueSet, true};
    case spec::BindingStrength::Extensible: return {&rules::NotInExtensible, false};
    case spec::BindingStrength::Preferred: return {&rules::NotInPreferred, false};
    default: return {nullptr, false};
  }
}

// The codes that stand at a value of a coded type.
void CollectCodes(const Run& run, NodeIndex at, std::string_view type, std::vector<CodedAt>& codes) {
  const Words& w = run.words;
  if (type == "CodeableConcept" || type == "CodeableReference") {
    for (NodeIndex child : node::Children(run.tree, at))
      if (run.tree[child].name == w.coding) codes.push_back({CodedOf(run, child), child});
  } else if (type == "Coding") {
    codes.push_back({CodedOf(run, at), at});
  } else if (run.tree[at].kind == node::Kind::Element) {  // Quantity and what specialises it
    std::string_view code = run.Text(at, w.code);
    if (!code.empty()) codes.push_back({{run.Text(at, w.system), {}, code, {}}, at});
  } else if (run.tree[at].kind == node::Kind::String) {
    codes.push_back({{{}, {}, run.tree[at].text, {}}, at});
  }
  std::erase_if(codes, [](const Coded& coded) { return coded.code.empty(); });
}

// Says only why there is no value.
bool SaysAbsent(const Run& run, NodeIndex at) {
  for (NodeIndex child : node::Children(run.tree, at))
    if (run.tree[child].name == run.words.extension &&
        run.Text(child, run.words.url) != "http://hl7.org/fhir/StructureDefinition/data-absent-reason")
      return false;
  return true;
}

bool HasExtensions(const Run& run, NodeIndex at) { return run.tree.Child(at, run.words.extension) != kNone; }

// The types of FHIRPath are written where a FHIR type is wanted (R4, elementdefinition.html#type).
bool IsPathType(const Coded& coded) { return coded.code.starts_with("http://hl7.org/fhirpath/System."); }

void CheckValueSet(Run& run, NodeIndex at, std::string_view type, std::string_view canonical,
                   const BindingRules& rule, std::string_view source, const terminology::ValueSet* set) {
  if (rule.outside == nullptr || canonical.empty()) return;
  // What most elements are: a code that is in.
  if (set != nullptr && run.tree[at].kind == node::Kind::String &&
      run.engine.terminology.MemberOf(*set, {{}, {}, run.tree[at].text, {}}).answer == Answer::In)
    return;
  std::vector<CodedAt> codes;
  CollectCodes(run, at, type, codes);
  if (codes.empty()) {
    bool complex = run.tree[at].kind == node::Kind::Element,
         valueless = run.tree[at].kind == node::Kind::Null;
    bool explained = HasExtensions(run, at) && !(valueless && SaysAbsent(run, at));
    if (rule.code_wanted && (complex || valueless) && !explained && type != "Quantity")
      run.Report(rules::NoCodeFromValueSet, at, {canonical}, source);
    return;
  }
  std::string_view missing = canonical;
  bool undecided = set == nullptr;
  for (const auto& coded : codes) {
    if (IsPathType(coded)) return;
    if (set == nullptr) break;
    auto membership = run.engine.terminology.MemberOf(*set, coded);
    if (membership.named) run.strange_displays.erase(coded.at);
    if (membership.answer == Answer::In) return;
    if (membership.answer == Answer::CannotTell && !undecided) {
      undecided = true;
      if (!membership.missing.empty()) missing = membership.missing;
    }
  }
  std::string shown = Shown(codes.front());
  if (!undecided) return run.Report(*rule.outside, at, {shown, canonical}, source);
  if (rule.outside->severity != Severity::Information)
    run.Report(rules::BindingUndecided, at, {shown, canonical, missing}, source);
}

// "#id" is contained in the profile.
std::string WholeName(const spec::Binding& binding, std::string_view profile) {
  std::string name(binding.value_set);
  return name.starts_with('#') ? std::string(profile) + name : name;
}

}  // namespace

void CheckBinding(Run& run, NodeIndex at, std::string_view type, const ElementChecks& checks) {
  const auto& binding = checks.element->binding;
  std::string_view source = checks.profile->url;
  const auto& terminology = run.engine.terminology;
  const auto* set =
      checks.value_set.Get([&] { return terminology.FindValueSet(WholeName(binding, source)); });
  CheckValueSet(run, at, type, binding.value_set, RulesOf(binding.strength), source, set);
  if (!binding.max_value_set.empty())
    CheckValueSet(run, at, type, binding.max_value_set, {&rules::NotInMaximum, false}, source,
                  terminology.FindValueSet(binding.max_value_set));
  for (const auto& additional : binding.additional) {
    BindingRules rule{nullptr, false};
    if (additional.purpose == "required" || additional.purpose == "maximum")
      rule.outside = &rules::NotInValueSet;
    if (additional.purpose == "extensible" || additional.purpose == "minimum")
      rule.outside = &rules::NotInExtensible;
    CheckValueSet(run, at, type, additional.value_set, rule, source,
                  terminology.FindValueSet(additional.value_set));
  }
}

}  // namespace passerelle::validator
