// Measures: what their criteria name in CQL must be defined by the libraries that they name. What is not here
// cannot be told.

#include <algorithm>

#include "fhir_model/json/json.h"
#include "profiles/validator/cql_library.h"
#include "profiles/validator/families.h"

namespace passerelle::validator {

using node::kNone;
using node::kRoot;
using node::NodeIndex;

namespace {

struct Language {
  std::string_view code;
  bool identifier;  // a name, not any expression
};
constexpr Language kLanguages[] = {{"text/cql", false},
                                   {"text/cql-expression", false},
                                   {"text/cql.expression", false},
                                   {"text/cql-identifier", true},
                                   {"text/cql.identifier", true}};

class CriteriaCheck {
 public:
  CriteriaCheck(Run& run, NodeIndex measure) : run_(run), measure_(measure) {
    for (NodeIndex child : node::Children(run.tree, measure)) {
      if (run.tree[child].name == run.words.library) AddLibrary(run.tree[child].text);
      if (run.tree[child].name == run.words.extension &&
          run.Text(child, run.words.url) == "http://hl7.org/fhir/StructureDefinition/cqf-library")
        AddLibrary(run.Text(child, run.words.valueCanonical));
    }
  }

  // Stratifiers come first: what is wrong with a library is said once.
  void Check() {
    for (std::string_view parts : {"stratifier", "population"})
      for (NodeIndex group : node::Children(run_.tree, measure_))
        if (run_.tree[group].name == run_.words.group) CheckParts(group, parts);
    CheckParts(measure_, "supplementalData");
  }

 private:
  void AddLibrary(std::string_view canonical) {
    if (canonical.empty()) return;
    const bool contained = canonical.front() == '#';
    if (!contained && !IsAbsoluteUri(canonical)) return;  // names nothing
    CqlLibrary& library = libraries_.emplace_back();
    library.canonical = canonical;
    NodeIndex here = contained ? run_.FindContained(measure_, canonical.substr(1)) : InBundle(canonical);
    if (here != kNone) return library.Read(run_.tree, here);
    auto found = contained ? std::nullopt : run_.engine.library.Find(canonical, "Library");
    if (!found) return;
    if (auto tree = json::Parse(std::string(found->json), kFileLimits)) library.Read(*tree, kRoot);
  }

  NodeIndex InBundle(std::string_view canonical) {
    const BundleIndex* bundle = run_.BundleAround(measure_);
    if (bundle == nullptr) return kNone;
    for (const auto& entry : bundle->entries())
      if (entry.resource != kNone && run_.tree.NameText(run_.tree[entry.resource].resource) == "Library" &&
          run_.Text(entry.resource, run_.words.url) == canonical.substr(0, canonical.find('|')))
        return entry.resource;
    return kNone;
  }

  // The criteria of the parts called `name`, and of their components.
  void CheckParts(NodeIndex holder, std::string_view name) {
    for (NodeIndex part : node::Children(run_.tree, holder)) {
      if (run_.tree.name(part) != name) continue;
      for (NodeIndex child : node::Children(run_.tree, part))
        if (run_.tree[child].name == run_.words.criteria) CheckCriteria(child);
      CheckParts(part, "component");
    }
  }

  void CheckCriteria(NodeIndex criteria) {
    auto language = std::find_if(std::begin(kLanguages), std::end(kLanguages), [&](const auto& row) {
      return row.code == run_.Text(criteria, run_.words.language);
    });
    // One that gives its own address is found there.
    if (language == std::end(kLanguages) || run_.tree.Child(criteria, "reference") != kNone) return;
    auto named = ReadCqlName(run_.Text(criteria, run_.words.expression), language->identifier);
    if (!named) return;
    if (libraries_.empty()) {
      if (said_.emplace().second) run_.Report(rules::MeasureNoLibrary, criteria);
      return;
    }
    std::vector<const CqlLibrary*> asked;
    for (const auto& library : libraries_)
      if (named->library.empty() || library.names.contains(named->library)) asked.push_back(&library);
    if (asked.empty()) return CheckQualifier(criteria, named->library);
    CheckDefined(criteria, named->name, asked);
  }

  // What stands before the dot: a library that another one includes, or something of which a part is asked
  // for.
  void CheckQualifier(NodeIndex criteria, const std::string& qualifier) {
    bool known = std::any_of(libraries_.begin(), libraries_.end(), [&](const auto& library) {
      return library.included.contains(qualifier) || library.defined.contains(qualifier);
    });
    if (!known && said_.insert(qualifier).second) run_.Report(rules::MeasureLibrary, criteria, {qualifier});
  }

  void CheckDefined(NodeIndex criteria, const std::string& name,
                    const std::vector<const CqlLibrary*>& asked) {
    std::string canonicals;
    for (const auto* library : asked) {
      if (library->defined.contains(name)) return;
      canonicals += (canonicals.empty() ? "" : ", ") + library->canonical;
    }
    for (const auto* library : asked) {
      if (library->readable) continue;
      if (said_.insert(library->canonical).second)
        run_.Report(library->known ? rules::MeasureNoElm : rules::MeasureLibraryUnknown, criteria,
                    {library->canonical});
      return;
    }
    run_.Report(rules::MeasureFunction, criteria, {name, canonicals});
  }

  Run& run_;
  NodeIndex measure_;
  std::vector<CqlLibrary> libraries_;  // those that the measure names
  std::set<std::string> said_;         // libraries that are not here; an empty one: none is named
};

}  // namespace

void CheckMeasure(Run& run, NodeIndex resource) {
  CheckCanonicalUrl(run, resource);
  CriteriaCheck(run, resource).Check();
}

}  // namespace passerelle::validator
