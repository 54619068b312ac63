// CodeSystems: counts, properties, supplements.

#include <set>

#include "profiles/terminology/code_system.h"
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

class CodeSystemCheck {
 public:
  CodeSystemCheck(Run& run, NodeIndex root) : run_(run), root_(root) {}

  void Check() {
    CheckContent();
    CheckProperties();
    supplements_ = run_.Text(root_, run_.words.supplements);
    if (!supplements_.empty() && run_.Text(root_, run_.words.content) != "supplement")
      run_.Report(rules::SupplementContent, run_.tree.Child(root_, run_.words.content));
    CheckConcepts(root_);
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

  void CheckProperties() {
    std::set<std::string_view> codes, uris;
    for (NodeIndex child : node::Children(run_.tree, root_)) {
      if (run_.tree[child].name != run_.words.property) continue;
      std::string_view code = run_.Text(child, run_.words.code), uri = run_.tree.ChildText(child, "uri");
      types_.emplace(code, run_.Text(child, run_.words.type));
      bool again = !codes.insert(code).second || (!uri.empty() && !uris.insert(uri).second);
      if (again) run_.Report(rules::PropertyRepeated, child, {code});
      if (uri.starts_with(kConceptProperties))
        CheckKnownProperty(child, uri.substr(kConceptProperties.size()), code);
    }
  }

  void CheckKnownProperty(NodeIndex at, std::string_view name, std::string_view code) {
    std::string_view type = run_.Text(at, run_.words.type);
    for (const auto& known : kKnownProperties) {
      if (known.name != name) continue;
      if (type != known.types) run_.Report(rules::PropertyUriType, at, {name, known.types, type});
      for (const auto& other : kKnownProperties)
        if (other.name == code && code != name) run_.Report(rules::PropertyUriCode, at, {name, name, code});
      return;
    }
    run_.Report(rules::PropertyUriUnknown, at, {name});
  }

  void CheckConcepts(NodeIndex parent) {
    for (NodeIndex child : node::Children(run_.tree, parent)) {
      if (run_.tree[child].name != run_.words.concept_) continue;
      if (!supplements_.empty()) CheckSupplemented(child);
      for (NodeIndex property : node::Children(run_.tree, child))
        if (run_.tree[property].name == run_.words.property) CheckPropertyValue(property);
      CheckConcepts(child);
    }
  }

  void CheckSupplemented(NodeIndex at) {
    std::string_view code = run_.Text(at, run_.words.code),
                     system = supplements_.substr(0, supplements_.find('|'));
    if (run_.engine.terminology.Lookup(system, code).exists == Answer::Out)
      run_.Report(rules::SupplementCode, at, {code, system});
  }

  void CheckPropertyValue(NodeIndex property) {
    std::string_view code = run_.Text(property, run_.words.code);
    auto declared = types_.find(code);
    if (declared == types_.end()) return;
    for (NodeIndex value : node::Children(run_.tree, property)) {
      const auto* info =
          run_.engine.definitions().FindChild(run_.tree[property].shape, run_.tree[value].name);
      if (info != nullptr && info->choice && info->type != declared->second)
        run_.Report(rules::PropertyValueType, property, {code, info->type, declared->second});
    }
  }

  Run& run_;
  NodeIndex root_;
  std::string_view supplements_;
  std::map<std::string_view, std::string_view> types_;
};

}  // namespace

void CheckCodeSystem(Run& run, NodeIndex resource) {
  CheckCanonicalUrl(run, resource);
  CodeSystemCheck(run, resource).Check();
}

}  // namespace passerelle::validator
