// Questionnaires: conditions that ask for an answer which can be there.

#include "profiles/validator/families.h"
#include "profiles/validator/questionnaires.h"

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

}  // namespace

void CheckQuestionnaire(Run& run, NodeIndex resource) {
  CheckCanonicalUrl(run, resource);
  CheckItems(run, resource, QuestionnaireItems(run.tree, resource));
}

}  // namespace passerelle::validator
