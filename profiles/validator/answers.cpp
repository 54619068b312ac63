// Answers of a QuestionnaireResponse: whether they are asked for, among the options, within the bounds.

#include <re2/re2.h>

#include <algorithm>

#include "profiles/validator/bundle_index.h"
#include "profiles/validator/families.h"
#include "profiles/validator/questionnaires.h"
#include "profiles/validator/services.h"
#include "profiles/validator/values.h"

namespace passerelle::validator {

using node::kNone;
using node::NodeIndex;
using node::Tree;
using terminology::Answer;
using terminology::Coded;

namespace {

// -- enableWhen
// ------------------------------------------------------------------------------------------------------

void CollectAnswers(const Run& run, NodeIndex below, std::string_view link_id,
                    std::vector<NodeIndex>& values) {
  for (NodeIndex child : node::Children(run.tree, below)) {
    node::NameId name = run.tree[child].name;
    if (name != run.words.item && name != run.words.answer) continue;
    if (name == run.words.item && run.Text(child, run.words.linkId) == link_id)
      for (NodeIndex answer : node::Children(run.tree, child))
        if (run.tree[answer].name == run.words.answer)
          for (NodeIndex value : node::Children(run.tree, answer))
            if (run.tree.name(value).starts_with("value")) values.push_back(value);
    CollectAnswers(run, child, link_id, values);
  }
}

// The answers of the nearest items of that linkId: in this repetition of a group before its neighbours.
std::vector<NodeIndex> NearestAnswers(const Run& run, NodeIndex container, std::string_view link_id) {
  std::vector<NodeIndex> values;
  for (NodeIndex at = container; at != kNone && values.empty(); at = run.tree[at].parent) {
    CollectAnswers(run, at, link_id, values);
    if (at == run.resource) break;
  }
  return values;
}

bool SameCode(const Tree& a, NodeIndex i, const Tree& b, NodeIndex j) {
  std::string_view system = a.ChildText(i, "system"), other = b.ChildText(j, "system");
  return a.ChildText(i, "code") == b.ChildText(j, "code") &&
         (system == other || system.empty() || other.empty());
}

bool Compares(std::string_view op, const Run& run, NodeIndex given, const Tree& tree, NodeIndex wanted) {
  bool complex = run.tree[given].kind == node::Kind::Element;
  bool coding = run.tree.name(given) == "valueCoding";
  if (op == "=" || op == "!=") {
    bool equal = coding    ? SameCode(run.tree, given, tree, wanted)
                 : complex ? MatchesPattern(run.tree, given, tree, wanted)
                           : CompareValues(run.tree, given, tree, wanted) == 0;
    return equal == (op == "=");
  }
  auto order = CompareValues(run.tree, given, tree, wanted);
  if (!order) return false;
  if (op == ">") return *order > 0;
  if (op == "<") return *order < 0;
  if (op == ">=") return *order >= 0;
  return op == "<=" && *order <= 0;
}

bool ConditionHolds(const Run& run, const Tree& tree, NodeIndex condition, NodeIndex container) {
  std::string_view op = tree.ChildText(condition, "operator");
  auto values = NearestAnswers(run, container, tree.ChildText(condition, "question"));
  for (NodeIndex wanted : node::Children(tree, condition)) {
    if (!tree.name(wanted).starts_with("answer")) continue;
    if (op == "exists") return values.empty() != (tree[wanted].text == "true");
    return std::any_of(values.begin(), values.end(),
                       [&](NodeIndex given) { return Compares(op, run, given, tree, wanted); });
  }
  return true;
}

bool ExpressionHolds(Run& run, std::string_view expression) {
  path::CompileOptions options;
  options.definitions = &run.engine.definitions();
  options.type = "QuestionnaireResponse";
  options.trusted = false;
  auto compiled = path::Expression::Compile(expression, options);
  if (!compiled) return true;
  RunServices services(run);
  auto focus = path::Item::Of(run.tree, run.resource);
  MachineLease machine;
  auto result = machine->Test(*compiled, focus, {focus, focus, &services});
  return !result || *result;
}

// Extensions that say in FHIRPath when an item is enabled.
constexpr std::string_view kEnableExpressions[] = {"sdc-questionnaire-enableWhenExpression",
                                                   "fiphr-ext-questionnaire-enablewhen"};

}  // namespace

bool IsEnabled(Run& run, const Question& question, NodeIndex container) {
  const Tree& tree = question.tree();
  for (auto tail : kEnableExpressions) {
    NodeIndex value = question.Extension(tail);
    if (value == kNone) continue;
    std::string_view text =
        tree[value].first == kNone ? tree[value].text : tree.ChildText(value, "expression");
    if (!text.empty() && !ExpressionHolds(run, text)) return false;
  }
  bool all = question.Text("enableBehavior") == "all", any_condition = false, result = all;
  for (NodeIndex condition : node::Children(tree, question.item)) {
    if (tree.name(condition) != "enableWhen") continue;
    any_condition = true;
    bool holds = ConditionHolds(run, tree, condition, container);
    result = all ? result && holds : result || holds;
  }
  return !any_condition || result;
}

namespace {

// -- options
// ---------------------------------------------------------------------------------------------------------

bool MatchesOption(const Run& run, NodeIndex value, const Tree& tree, NodeIndex option) {
  if (run.tree.name(value) != tree.name(option)) return false;
  if (run.tree.name(value) == "valueCoding") return SameCode(run.tree, value, tree, option);
  return MatchesPattern(run.tree, value, tree, option);
}

void CheckOptions(Run& run, const Question& question, NodeIndex answer, NodeIndex value,
                  const std::vector<NodeIndex>& options) {
  std::string_view name = run.tree.name(value);
  bool open_text = question.type() == "open-choice" && name == "valueString";
  bool any_of_type = false;
  for (NodeIndex option : options) {
    any_of_type |= question.tree().name(option) == name;
    if (MatchesOption(run, value, question.tree(), option)) return;
  }
  if (open_text) return;
  if (!any_of_type) return run.Report(rules::AnswerOptionType, answer, {question.link_id(), name.substr(5)});
  run.Report(rules::AnswerNotAmong, name == "valueCoding" ? answer : value, {question.link_id()});
}

void CheckValueSet(Run& run, const Question& question, NodeIndex answer, NodeIndex value,
                   std::string_view canonical) {
  bool coding = run.tree.name(value) == "valueCoding";
  Coded coded{{}, {}, run.tree[value].text, {}};
  if (coding)
    coded = {run.Text(value, run.words.system),
             {},
             run.Text(value, run.words.code),
             run.Text(value, run.words.display)};
  if (coded.code.empty() || (!coding && question.type() == "open-choice")) return;
  terminology::Membership membership;
  if (canonical.starts_with('#')) {
    NodeIndex contained = kNone;
    for (NodeIndex child : node::Children(question.tree(), question.questionnaire->root()))
      if (question.tree().name(child) == "contained" &&
          question.tree().ChildText(child, "id") == canonical.substr(1))
        contained = child;
    if (contained == kNone) return;
    membership = run.engine.terminology.MemberOf(question.tree(), contained, coded);
  } else {
    membership = run.engine.terminology.MemberOf(canonical, coded);
  }
  bool misnamed = coding && !coded.display.empty() && run.engine.terminology.DisplayAgrees(coded) == false;
  if (membership.answer == Answer::Out || misnamed)
    return run.Report(rules::AnswerNotInValueSet, coding ? answer : value, {coded.code, canonical});
  if (membership.answer == Answer::CannotTell)
    run.Report(rules::AnswerUndecided, answer, {coded.code, canonical, membership.missing});
}

// -- bounds
// ----------------------------------------------------------------------------------------------------------

std::size_t CountCharacters(std::string_view text) {
  return static_cast<std::size_t>(std::count_if(
      text.begin(), text.end(), [](char c) { return (static_cast<unsigned char>(c) & 0xC0) != 0x80; }));
}

void CheckRange(Run& run, const Question& question, NodeIndex value) {
  const Tree& tree = question.tree();
  struct Row {
    std::string_view tail;
    int wrong;
    const RuleInfo* rule;
  };
  constexpr Row kRows[] = {{"minValue", -1, &rules::AnswerTooSmall},
                           {"maxValue", 1, &rules::AnswerTooLarge},
                           {"sdc-questionnaire-minQuantity", -1, &rules::AnswerTooSmall},
                           {"sdc-questionnaire-maxQuantity", 1, &rules::AnswerTooLarge}};
  for (const auto& row : kRows) {
    NodeIndex bound = question.Extension(row.tail);
    if (bound == kNone) continue;
    bool quantity = run.tree[value].kind == node::Kind::Element;
    std::string shown(quantity ? tree.ChildText(bound, "value") : tree[bound].text);
    auto order = CompareValues(run.tree, value, tree, bound);
    bool formal = !quantity || !run.Text(value, run.words.code).empty();
    if (!order || !formal)
      run.Report(rules::AnswerIncomparable, value, {shown});
    else if (*order == row.wrong)
      run.Report(*row.rule, value, {shown});
  }
}

void CheckText(Run& run, const Question& question, NodeIndex value) {
  std::string_view text = run.tree[value].text, most = question.Text("maxLength");
  std::string length = std::to_string(CountCharacters(text));
  if (!most.empty() && CompareDecimals(length, most).value_or(0) > 0)
    run.Report(rules::AnswerTooLong, value, {most});
  if (NodeIndex least = question.Extension("minLength"); least != kNone)
    if (CompareDecimals(length, question.tree()[least].text).value_or(0) < 0)
      run.Report(rules::AnswerTooShort, value, {question.tree()[least].text});
  if (NodeIndex regex = question.Extension("regex"); regex != kNone) {
    std::string_view pattern = question.tree()[regex].text;
    RE2::Options quiet;
    quiet.set_log_errors(false);
    RE2 compiled(re2::StringPiece(pattern.data(), pattern.size()), quiet);
    if (compiled.ok() && !RE2::FullMatch(re2::StringPiece(text.data(), text.size()), compiled))
      run.Report(rules::AnswerPattern, value, {pattern});
  }
  if (question.type() == "string" && text.find('\n') != text.npos) run.Report(rules::AnswerNewLine, value);
}

void CheckDecimals(Run& run, const Question& question, NodeIndex value) {
  NodeIndex most = question.Extension("maxDecimalPlaces");
  std::string_view text = run.tree[value].text;
  auto point = text.find('.');
  if (most == kNone || point == text.npos) return;
  std::string places = std::to_string(text.find_first_of("eE") == text.npos ? text.size() - point - 1 : 0);
  if (CompareDecimals(places, question.tree()[most].text).value_or(0) > 0)
    run.Report(rules::AnswerDecimals, value, {question.tree()[most].text});
}

void CheckUnit(Run& run, const Question& question, NodeIndex value) {
  auto options = question.Extensions("questionnaire-unitOption");
  std::string_view code = run.Text(value, run.words.code);
  bool listed = std::any_of(options.begin(), options.end(), [&](NodeIndex option) {
    return SameCode(run.tree, value, question.tree(), option);
  });
  if (!options.empty() && !listed) return run.Report(rules::AnswerUnit, value, {code});
  NodeIndex set = question.Extension("questionnaire-unitValueSet");
  if (set == kNone) return;
  Coded coded{run.Text(value, run.words.system), {}, code, {}};
  bool in = !code.empty() &&
            run.engine.terminology.MemberOf(question.tree()[set].text, coded).answer != Answer::Out;
  if (!in) run.Report(rules::AnswerUnit, value, {code});
}

void CheckAttachmentOf(Run& run, const Question& question, NodeIndex answer, NodeIndex value) {
  if (NodeIndex most = question.Extension("maxSize"); most != kNone) {
    std::string_view data = run.Text(value, run.words.data);
    std::string size(data.empty() ? run.Text(value, run.words.size) : std::to_string(DecodedSize(data)));
    if (!size.empty() && CompareDecimals(size, question.tree()[most].text).value_or(0) > 0)
      run.Report(rules::AnswerSize, answer, {question.tree()[most].text, size});
  }
  auto allowed = question.Extensions("mimeType");
  std::string_view type = run.Text(value, run.words.contentType);
  bool listed = std::any_of(allowed.begin(), allowed.end(), [&](NodeIndex one) {
    return !type.empty() && type.starts_with(question.tree()[one].text);
  });
  if (!allowed.empty() && !listed) run.Report(rules::AnswerMimeType, answer, {type});
}

void CheckReferred(Run& run, const Question& question, NodeIndex value) {
  std::string_view reference = run.Text(value, run.words.reference), type = ReferencedType(reference);
  if (type.empty()) return;
  if (!run.engine.definitions().IsResource(run.engine.definitions().FindShape(type))) {
    if (IsAbsoluteUri(reference))  // in a relative one it is said wherever it stands
      run.Report(rules::ReferenceTypeUnknown, value, {type});
    return;
  }
  auto allowed = question.Extensions("questionnaire-referenceResource");
  if (allowed.empty()) return;
  std::string types;
  for (NodeIndex one : allowed) {
    if (question.tree()[one].text == type) return;
    types += (types.empty() ? "" : ", ") + std::string(question.tree()[one].text);
  }
  run.Report(rules::AnswerTarget, value, {type, types});
}

}  // namespace

void CheckAnswer(Run& run, const Question& question, NodeIndex answer, NodeIndex value) {
  std::string_view type = question.type();
  std::vector<NodeIndex> options;
  for (NodeIndex child : node::Children(question.tree(), question.item))
    if (question.tree().name(child) == "answerOption")
      for (NodeIndex option : node::Children(question.tree(), child))
        if (question.tree().name(option).starts_with("value")) options.push_back(option);
  if (!options.empty()) CheckOptions(run, question, answer, value, options);
  if (auto set = question.Text("answerValueSet"); !set.empty())
    CheckValueSet(run, question, answer, value, set);
  CheckRange(run, question, value);
  if (run.tree.name(value) == "valueString") CheckText(run, question, value);
  if (type == "decimal") CheckDecimals(run, question, value);
  if (type == "quantity") CheckUnit(run, question, value);
  if (type == "attachment") CheckAttachmentOf(run, question, answer, value);
  if (type == "reference") CheckReferred(run, question, value);
}

}  // namespace passerelle::validator
