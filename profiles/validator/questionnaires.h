#pragma once
// What QuestionnaireResponses are checked by: the questionnaire's items by linkId, conditions, options,
// bounds.

#include <string_view>
#include <unordered_map>
#include <vector>

#include "profiles/validator/run.h"

namespace passerelle::validator {

// The items of a Questionnaire, at whatever depth.
class QuestionnaireItems {
 public:
  QuestionnaireItems(const node::Tree& tree, node::NodeIndex questionnaire);
  node::NodeIndex Find(std::string_view link_id) const;  // or kNone
  const node::Tree& tree() const { return tree_; }
  node::NodeIndex root() const { return root_; }

 private:
  void Collect(node::NodeIndex parent);
  const node::Tree& tree_;
  node::NodeIndex root_;
  std::unordered_map<std::string_view, node::NodeIndex> by_link_id_;
};

// An item of a Questionnaire.
struct Question {
  const QuestionnaireItems* questionnaire = nullptr;
  node::NodeIndex item = node::kNone;

  const node::Tree& tree() const { return questionnaire->tree(); }
  std::string_view Text(std::string_view name) const { return tree().ChildText(item, name); }
  std::string_view link_id() const { return Text("linkId"); }
  std::string_view type() const { return Text("type"); }
  // value[x] of the extension whose url ends in "/StructureDefinition/TAIL"; kNone when there is none.
  node::NodeIndex Extension(std::string_view tail) const;
  std::vector<node::NodeIndex> Extensions(std::string_view tail) const;
};

// Whether enableWhen lets the question be asked, for an item that stands, or would stand, in `container`.
bool IsEnabled(Run& run, const Question& question, node::NodeIndex container);

// One answer with a value of the right type: options, value set, bounds (answers.cpp).
void CheckAnswer(Run& run, const Question& question, node::NodeIndex answer, node::NodeIndex value);

}  // namespace passerelle::validator
