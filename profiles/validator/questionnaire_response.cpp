// QuestionnaireResponses against their Questionnaire.

#include <algorithm>

#include "fhir_model/json/json.h"
#include "profiles/validator/families.h"
#include "profiles/validator/questionnaires.h"
#include "profiles/validator/values.h"

namespace passerelle::validator {

using node::kNone;
using node::NodeIndex;
using node::Tree;

QuestionnaireItems::QuestionnaireItems(const Tree& tree, NodeIndex questionnaire)
    : tree_(tree), root_(questionnaire) {
  Collect(questionnaire);
}

void QuestionnaireItems::Collect(NodeIndex parent) {
  for (NodeIndex child : node::Children(tree_, parent)) {
    if (tree_.name(child) != "item") continue;
    by_link_id_.emplace(tree_.ChildText(child, "linkId"), child);
    Collect(child);
  }
}

NodeIndex QuestionnaireItems::Find(std::string_view link_id) const {
  auto it = by_link_id_.find(link_id);
  return it == by_link_id_.end() ? kNone : it->second;
}

std::vector<NodeIndex> Question::Extensions(std::string_view tail) const {
  std::vector<NodeIndex> found;
  for (NodeIndex child : node::Children(tree(), item)) {
    if (tree().name(child) != "extension") continue;
    std::string_view url = tree().ChildText(child, "url");
    if (url.substr(url.rfind('/') + 1) != tail) continue;
    for (NodeIndex value : node::Children(tree(), child))
      if (tree().name(value).starts_with("value")) found.push_back(value);
  }
  return found;
}

NodeIndex Question::Extension(std::string_view tail) const {
  auto found = Extensions(tail);
  return found.empty() ? kNone : found.front();
}

namespace {

// What type of value answers which type of question; a question of another type takes none.
struct AnswerType {
  std::string_view question, value;
};
constexpr AnswerType kAnswerTypes[] = {{"boolean", "valueBoolean"},
                                       {"decimal", "valueDecimal"},
                                       {"integer", "valueInteger"},
                                       {"date", "valueDate"},
                                       {"dateTime", "valueDateTime"},
                                       {"time", "valueTime"},
                                       {"string", "valueString"},
                                       {"text", "valueString"},
                                       {"url", "valueUri"},
                                       {"attachment", "valueAttachment"},
                                       {"reference", "valueReference"},
                                       {"quantity", "valueQuantity"}};
// What may stand among the options of a choice.
constexpr std::string_view kChoiceValues[] = {"valueCoding", "valueString", "valueInteger",
                                              "valueDate",   "valueTime",   "valueReference"};

std::string_view ValueType(std::string_view question_type) {
  for (const auto& row : kAnswerTypes)
    if (row.question == question_type) return row.value;
  return {};
}

std::string TypeName(std::string_view value_name) { return std::string(value_name.substr(5)); }

// Answers are due once the response is said to be whole.
bool IsWhole(std::string_view status) { return status == "completed" || status == "amended"; }

// What is asked of an item where it stands: a question that is not enabled, or stands elsewhere, wants no
// answer.
enum class Wanted : std::uint8_t { Not, Allowed, Required };

class Response {
 public:
  Response(Run& run, const QuestionnaireItems& items) : run_(run), items_(items) {
    whole_ = IsWhole(run.Text(run.resource, run.words.status));
  }

  // The items below `container`, the response, an item or an answer, against the questions below `asked`.
  // What is wrong with which items there are is said at `place`, the item of an answer.
  void CheckItems(NodeIndex container, NodeIndex place, NodeIndex asked) {
    const Tree& q = items_.tree();
    std::vector<NodeIndex> questions;
    std::unordered_map<std::string_view, std::size_t> order;
    for (NodeIndex child : node::Children(q, asked))
      if (q.name(child) == "item") {
        order.emplace(q.ChildText(child, "linkId"), questions.size());
        questions.push_back(child);
      }
    std::vector<std::vector<NodeIndex>> given(questions.size());
    std::size_t last = 0;
    for (NodeIndex child : node::Children(run_.tree, container)) {
      if (run_.tree[child].name != run_.words.item) continue;
      auto it = order.find(run_.Text(child, run_.words.linkId));
      if (it == order.end()) {
        CheckStranger(child, place);
        continue;
      }
      if (it->second < last) run_.Report(rules::ItemOrder, place, {it->first});
      last = it->second;
      given[it->second].push_back(child);
    }
    for (std::size_t i = 0; i < questions.size(); ++i)
      CheckQuestion({&items_, questions[i]}, container, place, given[i]);
  }

 private:
  // An item that is not asked for here: what is asked elsewhere is checked all the same.
  void CheckStranger(NodeIndex item, NodeIndex place) {
    std::string_view link_id = run_.Text(item, run_.words.linkId);
    if (link_id.empty()) return;
    NodeIndex elsewhere = items_.Find(link_id);
    if (elsewhere == kNone) return run_.Report(rules::LinkIdUnknown, place, {link_id});
    run_.Report(rules::LinkIdMisplaced, place, {link_id});
    CheckItem({&items_, elsewhere}, item, Wanted::Not);
  }

  // What is missing may still come, unless the response is whole.
  Severity MissingSeverity() const { return whole_ ? Severity::Error : Severity::Warning; }
  void ReportMissing(const Question& question, NodeIndex at) {
    run_.Report(rules::AnswerMissing, MissingSeverity(), at, {question.link_id()});
  }

  void CheckQuestion(const Question& question, NodeIndex container, NodeIndex place,
                     const std::vector<NodeIndex>& given) {
    const bool required = question.Text("required") == "true";
    if (given.empty() && !required) return;
    const bool enabled = IsEnabled(run_, question, container);
    if (given.empty() && enabled) ReportMissing(question, place);
    if (given.size() > 1 && question.Text("repeats") != "true")
      run_.Report(rules::ItemRepeated, given[1], {question.link_id()});
    for (NodeIndex item : given) {
      // An item without an answer may stand for the question alone.
      bool says = run_.tree.Child(item, run_.words.answer) != kNone ||
                  run_.tree.Child(item, run_.words.item) != kNone;
      if (!enabled && says) run_.Report(rules::ItemNotEnabled, item, {question.link_id()});
      CheckItem(question, item, !enabled ? Wanted::Not : required ? Wanted::Required : Wanted::Allowed);
    }
  }

  void CheckItem(const Question& question, NodeIndex item, Wanted wanted) {
    const bool required = wanted == Wanted::Required;
    std::vector<NodeIndex> answers;
    for (NodeIndex child : node::Children(run_.tree, item))
      if (run_.tree[child].name == run_.words.answer) answers.push_back(child);
    const bool items = run_.tree.Child(item, run_.words.item) != kNone;
    std::string_view type = question.type(), text = run_.Text(item, run_.words.text);
    if (!text.empty() && text != question.Text("text"))
      run_.Report(rules::ItemText, item, {question.link_id()});
    if (type == "group" || type == "display") {
      if (!answers.empty()) run_.Report(rules::ItemCannotAnswer, item, {type});
      if (type == "display" && items) run_.Report(rules::ItemCannotHold, item, {question.link_id()});
      if (type == "group" && required && !items) run_.Report(rules::GroupEmpty, item, {question.link_id()});
      if (type == "group") CheckItems(item, item, question.item);
      return;
    }
    if (required && answers.empty()) ReportMissing(question, item);
    CheckCount(question, item, answers.size(), wanted);
    for (NodeIndex answer : answers) {
      CheckValue(question, answer);
      CheckItems(answer, item, question.item);
    }
    // Questions below a question stand in its answers.
    if (items) run_.Report(rules::ItemOutsideAnswer, item, {question.link_id()});
  }

  void CheckCount(const Question& question, NodeIndex item, std::size_t count, Wanted wanted) {
    if (count > 1 && question.Text("repeats") != "true")
      run_.Report(rules::ItemRepeated, item, {question.link_id()});
    auto bound = [&](std::string_view tail) -> std::string_view {
      NodeIndex value = question.Extension(tail);
      return value == kNone ? std::string_view() : question.tree()[value].text;
    };
    std::string_view least = bound("questionnaire-minOccurs"), most = bound("questionnaire-maxOccurs");
    std::string found = std::to_string(count);
    if (!most.empty() && CompareDecimals(found, most).value_or(0) > 0)
      run_.Report(rules::AnswersTooMany, item, {most, found});
    // An optional question may be left without any answer.
    const bool due = wanted == Wanted::Required || (wanted == Wanted::Allowed && count > 0);
    if (due && !least.empty() && CompareDecimals(found, least).value_or(0) < 0)
      run_.Report(rules::AnswersTooFew, MissingSeverity(), item, {least, found});
  }

  void CheckValue(const Question& question, NodeIndex answer) {
    for (NodeIndex value : node::Children(run_.tree, answer)) {
      std::string_view name = run_.tree.name(value);
      if (run_.engine.definitions().FindChild(run_.tree[answer].shape, run_.tree[value].name) == nullptr)
        continue;
      if (!name.starts_with("value")) continue;
      if (TypeAllowed(question, value, name)) CheckAnswer(run_, question, answer, value);
    }
  }

  bool TypeAllowed(const Question& question, NodeIndex value, std::string_view name) {
    std::string_view type = question.type(), wanted = ValueType(type);
    bool choice = type == "choice" || type == "open-choice";
    if (choice &&
        std::find(std::begin(kChoiceValues), std::end(kChoiceValues), name) != std::end(kChoiceValues))
      return true;
    if (!choice && (name == wanted || wanted.empty())) return true;
    run_.Report(rules::AnswerType, value, {choice ? "Coding" : TypeName(wanted), TypeName(name)});
    return false;
  }

  Run& run_;
  const QuestionnaireItems& items_;
  bool whole_ = true;
};

}  // namespace

void CheckQuestionnaireResponse(Run& run, NodeIndex response) {
  NodeIndex named = run.tree.Child(response, run.words.questionnaire);
  if (named == kNone || run.tree[named].text.empty()) return;
  std::string_view canonical = run.tree[named].text;
  if (canonical.front() == '#') {
    NodeIndex contained = run.FindContained(response, canonical.substr(1));
    if (contained == kNone) return run.Report(rules::QuestionnaireUnresolved, response, {canonical});
    QuestionnaireItems items(run.tree, contained);
    return Response(run, items).CheckItems(response, response, contained);
  }
  auto found = run.engine.library.Find(canonical, "Questionnaire");
  if (!found) return run.Report(rules::QuestionnaireUnresolved, response, {canonical});
  auto tree = json::Parse(std::string(found->json), kFileLimits, &run.engine.definitions());
  if (!tree) return;
  QuestionnaireItems items(*tree, node::kRoot);
  Response(run, items).CheckItems(response, response, node::kRoot);
}

}  // namespace passerelle::validator
