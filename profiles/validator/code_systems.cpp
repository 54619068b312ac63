// CodeSystems: counts, properties, supplements.

#include <algorithm>
#include <map>
#include <set>
#include <tuple>

#include "profiles/terminology/code_system.h"
#include "profiles/terminology/value_set.h"
#include "profiles/validator/families.h"

namespace passerelle::validator {

using node::kNone;
using node::NodeIndex;
using terminology::Answer;

namespace {

// http://hl7.org/fhir/concept-properties: what HL7 calls them and which types they have.
struct KnownProperty {
  std::string_view name, types;
};
constexpr std::string_view kConceptProperties = "http://hl7.org/fhir/concept-properties#";
constexpr KnownProperty kKnownProperties[] = {{"status", "code"},
                                              {"inactive", "boolean"},
                                              {"effectiveDate", "dateTime"},
                                              {"deprecationDate", "dateTime"},
                                              {"retirementDate", "dateTime"},
                                              {"notSelectable", "boolean"},
                                              {"parent", "code"},
                                              {"child", "code"},
                                              {"partOf", "code"},
                                              {"synonym", "code"},
                                              {"comment", "string"},
                                              {"itemWeight", "decimal"}};

std::size_t CountConcepts(const Run& run, NodeIndex at) {
  std::size_t count = 0;
  for (NodeIndex child : node::Children(run.tree, at))
    if (run.tree[child].name == run.words.concept_) count += 1 + CountConcepts(run, child);
  return count;
}

// A property whose codes can be checked names a value set with this extension.
constexpr std::string_view kPropertyValueSet =
    "http://hl7.org/fhir/StructureDefinition/codesystem-property-valueset";

// What may be said of a property's code: what it must be one of, and whether it must.
struct PropertyRule {
  std::string_view type;
  std::string_view value_set;  // empty: a concept of this code system
  bool must = false;
};

class CodeSystemCheck {
 public:
  CodeSystemCheck(Run& run, NodeIndex root) : run_(run), root_(root) {}

  void Check() {
    CheckContent();
    CheckSupplement();
    CheckValueSet();
    CheckProperties();
    CheckConcepts(root_);
    CheckPropertyValues(root_);
  }

 private:
  void CheckContent() {
    NodeIndex count = run_.tree.Child(root_, run_.words.count),
              first = run_.tree.Child(root_, run_.words.concept_);
    std::string_view content = run_.Text(root_, run_.words.content);
    if (content == "not-present" && first != kNone) run_.Report(rules::CodeSystemEmpty, first);
    if (content != "complete" || count == kNone) return;
    std::string found = std::to_string(CountConcepts(run_, root_));
    if (run_.tree[count].text != found)
      run_.Report(rules::CodeSystemCount, count, {run_.tree[count].text, found});
  }

  // A supplement says which code system it supplements, and nothing that only that one can say.
  void CheckSupplement() {
    supplements_ = run_.Text(root_, run_.words.supplements);
    NodeIndex content = run_.tree.Child(root_, run_.words.content),
              sensitive = run_.tree.Child(root_, "caseSensitive");
    const bool is_one = run_.Text(root_, run_.words.content) == "supplement";
    if (supplements_.empty() == is_one && content != kNone) run_.Report(rules::SupplementContent, content);
    if (supplements_.empty()) {
      if (is_one) run_.Report(rules::SupplementOfNothing, root_);
      return;
    }
    if (sensitive != kNone) run_.Report(rules::SupplementSays, sensitive, {"caseSensitive"});
    const auto* of = run_.engine.terminology.FindCodeSystem(supplements_.substr(0, supplements_.find('|')));
    std::string_view meaning = run_.tree.ChildText(root_, "hierarchyMeaning");
    if (of != nullptr && !meaning.empty() && !of->hierarchy_meaning().empty() &&
        meaning != of->hierarchy_meaning())
      run_.Report(rules::SupplementSays, root_, {"hierarchyMeaning"});
  }

  // The value set of all codes is all of this code system and nothing else. Another release of it, which may
  // be all that is known here, says nothing of this one.
  void CheckValueSet() {
    std::string wanted(run_.tree.ChildText(root_, "valueSet"));
    std::string_view url = run_.Text(root_, run_.words.url), version = run_.Text(root_, run_.words.version);
    if (wanted.empty()) return;
    if (wanted.find('|') == wanted.npos) wanted.append("|").append(version);
    const auto* set = run_.engine.terminology.FindValueSet(wanted);
    if (set == nullptr || !set->known || set->version != wanted.substr(wanted.find('|') + 1)) return;
    const auto& includes = set->includes;
    bool whole = includes.size() == 1 && includes[0].system == url && !includes[0].enumerated &&
                 !includes[0].filtered && includes[0].nested.empty() && set->excludes.empty();
    if (!whole) run_.Report(rules::CodeSystemValueSet, root_, {run_.tree.ChildText(root_, "valueSet"), url});
  }

  void CheckProperties() {
    std::set<std::string_view> codes, uris;
    for (NodeIndex child : node::Children(run_.tree, root_)) {
      if (run_.tree[child].name != run_.words.property) continue;
      std::string_view code = run_.Text(child, run_.words.code), uri = run_.tree.ChildText(child, "uri");
      PropertyRule& rule =
          rules_.emplace(code, PropertyRule{run_.Text(child, run_.words.type), ValueSetOf(child)})
              .first->second;
      rule.must = !rule.value_set.empty();
      bool again = !codes.insert(code).second || (!uri.empty() && !uris.insert(uri).second);
      if (again) run_.Report(rules::PropertyRepeated, child, {code});
      if (!uri.empty() && !IsAbsoluteUri(uri)) run_.Report(rules::PropertyUriRelative, child, {uri});
      if (uri.starts_with(kConceptProperties))
        CheckKnownProperty(child, uri.substr(kConceptProperties.size()), code, rule);
    }
  }

  std::string_view ValueSetOf(NodeIndex property) const {
    for (NodeIndex extension : node::Children(run_.tree, property))
      if (run_.tree[extension].name == run_.words.extension &&
          run_.Text(extension, run_.words.url) == kPropertyValueSet)
        return run_.Text(extension, run_.words.valueCanonical);
    return {};
  }

  void CheckKnownProperty(NodeIndex at, std::string_view name, std::string_view code, PropertyRule& rule) {
    constexpr std::string_view kConcepts[] = {"parent", "child", "partOf", "synonym"};
    std::string_view type = run_.Text(at, run_.words.type);
    if (std::find(std::begin(kConcepts), std::end(kConcepts), name) != std::end(kConcepts))
      rule = {type, {}, true};
    for (const auto& known : kKnownProperties) {
      if (known.name != name) continue;
      if (type != known.types) run_.Report(rules::PropertyUriType, at, {name, known.types, type});
      for (const auto& other : kKnownProperties)
        if (other.name == code && code != name) run_.Report(rules::PropertyUriCode, at, {name, name, code});
      return;
    }
    // HL7's own code systems of the specification may introduce properties.
    constexpr std::string_view kSpecification = "http://hl7.org/fhir/";
    std::string_view url = run_.Text(root_, run_.words.url);
    bool of_specification =
        url.starts_with(kSpecification) && url.find('/', kSpecification.size()) == url.npos;
    if (!of_specification) run_.Report(rules::PropertyUriUnknown, at, {name});
  }

  void CheckConcepts(NodeIndex parent) {
    for (NodeIndex child : node::Children(run_.tree, parent)) {
      if (run_.tree[child].name != run_.words.concept_) continue;
      if (!supplements_.empty()) CheckSupplemented(child);
      std::string_view code = run_.Text(child, run_.words.code);
      if (!code.empty() && !codes_.insert(code).second) run_.Report(rules::CodeTwice, child, {code});
      CheckConcepts(child);
    }
  }

  void CheckSupplemented(NodeIndex at) {
    std::string_view code = run_.Text(at, run_.words.code),
                     system = supplements_.substr(0, supplements_.find('|'));
    if (run_.engine.terminology.Lookup(system, code).exists == Answer::Out)
      run_.Report(rules::SupplementCode, at, {code, system});
  }

  void CheckPropertyValues(NodeIndex parent) {
    for (NodeIndex child : node::Children(run_.tree, parent)) {
      if (run_.tree[child].name != run_.words.concept_) continue;
      for (NodeIndex property : node::Children(run_.tree, child))
        if (run_.tree[property].name == run_.words.property) CheckPropertyValue(property);
      CheckPropertyValues(child);
    }
  }

  void CheckPropertyValue(NodeIndex property) {
    std::string_view code = run_.Text(property, run_.words.code);
    auto declared = rules_.find(code);
    if (declared == rules_.end()) return;
    for (NodeIndex value : node::Children(run_.tree, property)) {
      const auto* info =
          run_.engine.definitions().FindChild(run_.tree[property].shape, run_.tree[value].name);
      if (info == nullptr || !info->choice) continue;
      if (info->type != declared->second.type)
        run_.Report(rules::PropertyValueType, property, {code, info->type, declared->second.type});
      else if (info->type == "code")
        CheckPropertyCode(property, run_.tree[value].text, declared->second);
    }
  }

  // Each code that is not right is said once as an error and once as a warning.
  void CheckPropertyCode(NodeIndex property, std::string_view code, const PropertyRule& rule) {
    if (!said_.emplace(rule.must, rule.value_set, code).second) return;
    Severity severity = rule.must ? Severity::Error : Severity::Warning;
    if (!rule.value_set.empty()) {
      if (run_.engine.terminology.MemberOf(rule.value_set, {{}, {}, code, {}}).answer == Answer::Out)
        run_.Report(rules::PropertyCode, severity, property, {code, rule.value_set});
    } else if (!supplements_.empty()) {
      if (run_.engine.terminology.Lookup(supplements_.substr(0, supplements_.find('|')), code).exists ==
          Answer::Out)
        run_.Report(rules::PropertyCode, property, {code, supplements_});
    } else if (!codes_.contains(code) && run_.Text(root_, run_.words.content) == "complete") {
      run_.Report(rules::PropertyCode, severity, property, {code, run_.Text(root_, run_.words.url)});
    }
  }

  Run& run_;
  NodeIndex root_;
  std::string_view supplements_;
  std::map<std::string_view, PropertyRule> rules_;                       // by the property's code
  std::set<std::string_view> codes_;                                     // of the concepts
  std::set<std::tuple<bool, std::string_view, std::string_view>> said_;  // must, value set, code
};

}  // namespace

void CheckCodeSystem(Run& run, NodeIndex resource) {
  CheckCanonicalUrl(run, resource);
  CodeSystemCheck(run, resource).Check();
}

}  // namespace passerelle::validator
