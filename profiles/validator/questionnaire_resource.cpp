// Questionnaires: conditions that ask for an answer which can be there, and items that keep to the
// questionnaire they are derived from.

#include "fhir_model/json/json.h"
#include "profiles/validator/families.h"
#include "profiles/validator/questionnaires.h"
#include "profiles/validator/values.h"

namespace passerelle::validator {

using node::kNone;
using node::NodeIndex;

namespace {

bool IsWithin(const node::Tree& tree, NodeIndex at, NodeIndex holder) {
  for (NodeIndex step = at; step != kNone; step = tree[step].parent)
    if (step == holder) return true;
  return false;
}

void CheckCondition(Run& run, NodeIndex item, NodeIndex condition, const QuestionnaireItems& items) {
  std::string_view question = run.Text(condition, run.words.question);
  if (question.empty()) return;  // that it is missing the structure says
  NodeIndex asked = items.Find(question);
  if (asked == kNone) return run.Report(rules::EnableWhenUnknown, item, {question});
  if (IsWithin(run.tree, asked, item)) return run.Report(rules::EnableWhenInner, item, {question});
  // Nodes stand in the order of the text; what is around the item was asked before it too.
  if (asked > item) run.Report(rules::EnableWhenLater, item, {question});
}

void CheckItems(Run& run, NodeIndex parent, const QuestionnaireItems& items) {
  for (NodeIndex item : node::Children(run.tree, parent)) {
    if (run.tree[item].name != run.words.item) continue;
    for (NodeIndex child : node::Children(run.tree, item))
      if (run.tree[child].name == run.words.enableWhen) CheckCondition(run, item, child, items);
    CheckItems(run, item, items);
  }
}

// ---- derivedFrom, where it says that answers to this questionnaire are answers to that one

constexpr std::string_view kDerivationType =
    "http://hl7.org/fhir/StructureDefinition/questionnaire-derivationType";

bool CompliesWith(const Run& run, NodeIndex derived_from) {
  for (NodeIndex extension : node::Children(run.tree, derived_from)) {
    if (run.tree[extension].name != run.words.extension ||
        run.Text(extension, run.words.url) != kDerivationType)
      continue;
    NodeIndex value = run.tree.Child(extension, "valueCoding");
    std::string_view code =
        value == kNone ? run.tree.ChildText(extension, "valueCode") : run.Text(value, run.words.code);
    return code == "compliesWith";
  }
  return false;
}

class DerivationCheck {
 public:
  DerivationCheck(Run& run, const QuestionnaireItems& base) : run_(run), base_(base) {}

  void CheckItems(NodeIndex parent) {
    for (NodeIndex item : node::Children(run_.tree, parent)) {
      if (run_.tree[item].name != run_.words.item) continue;
      CheckItem(item);
      CheckItems(item);
    }
  }

 private:
  void Say(NodeIndex item, std::string_view what) {
    run_.Report(rules::ItemNotDerived, item, {run_.Text(item, run_.words.linkId), what});
  }

  void CheckItem(NodeIndex item) {
    std::string_view link_id = run_.Text(item, run_.words.linkId);
    NodeIndex found = link_id.empty() ? kNone : base_.Find(link_id);
    if (link_id.empty()) return;
    if (found == kNone) return Say(item, "linkId");
    Question asked{&base_, found};
    std::string_view type = run_.Text(item, run_.words.type), length = run_.tree.ChildText(item, "maxLength"),
                     most = asked.Text("maxLength");
    if (type != asked.type()) Say(item, "type");
    if (run_.tree.ChildText(item, "repeats") == "true" && asked.Text("repeats") != "true")
      Say(item, "repeats");
    if (asked.Text("required") == "true" && run_.tree.ChildText(item, "required") != "true")
      Say(item, "required");
    if (!most.empty() && (length.empty() || CompareDecimals(length, most).value_or(0) > 0))
      Say(item, "maxLength");
    CheckOptions(item, asked);
  }

  // Each option is one of the base; where the base has options there must be some.
  void CheckOptions(NodeIndex item, const Question& asked) {
    auto options = Options(asked.tree(), asked.item), own = Options(run_.tree, item);
    if (options.empty()) return;
    bool among = !own.empty();
    for (NodeIndex option : own) {
      bool known = false;
      for (NodeIndex other : options)
        known |= run_.tree.name(option) == asked.tree().name(other) &&
                 MatchesPattern(run_.tree, option, asked.tree(), other);
      among &= known;
    }
    if (!among) Say(item, "answerOption");
  }

  static std::vector<NodeIndex> Options(const node::Tree& tree, NodeIndex item) {
    std::vector<NodeIndex> options;
    for (NodeIndex child : node::Children(tree, item))
      if (tree.name(child) == "answerOption")
        for (NodeIndex value : node::Children(tree, child))
          if (tree.name(value).starts_with("value")) options.push_back(value);
    return options;
  }

  Run& run_;
  const QuestionnaireItems& base_;
};

void CheckDerivation(Run& run, NodeIndex resource) {
  for (NodeIndex child : node::Children(run.tree, resource)) {
    if (run.tree.name(child) != "derivedFrom" || !CompliesWith(run, child)) continue;
    auto found = run.engine.library.Find(run.tree[child].text, "Questionnaire");
    if (!found) continue;
    auto base = json::Parse(std::string(found->json), kFileLimits, &run.engine.definitions());
    if (!base) continue;
    QuestionnaireItems items(*base, node::kRoot);
    DerivationCheck(run, items).CheckItems(resource);
  }
}

}  // namespace

void CheckQuestionnaire(Run& run, NodeIndex resource) {
  CheckCanonicalUrl(run, resource);
  CheckItems(run, resource, QuestionnaireItems(run.tree, resource));
  CheckDerivation(run, resource);
}

}  // namespace passerelle::validator
