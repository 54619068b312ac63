// Rules of single resource types, beyond what their definitions can say.

#include "profiles/validator/families.h"

namespace passerelle::validator {

using node::kNone;
using node::NodeIndex;

namespace {

struct Row {
  std::string_view type;
  void (*check)(Run& run, NodeIndex resource);
};
constexpr Row kSpecials[] = {{"Bundle", CheckBundle},
                             {"CapabilityStatement", CheckCapabilityStatement},
                             {"CodeSystem", CheckCodeSystem},
                             {"ConceptMap", CheckConceptMap},
                             {"Measure", CheckMeasure},
                             {"MeasureReport", CheckMeasureReport},
                             {"Observation", CheckObservation},
                             {"Questionnaire", CheckQuestionnaire},
                             {"QuestionnaireResponse", CheckQuestionnaireResponse},
                             {"SearchParameter", CheckSearchParameter},
                             {"StructureDefinition", CheckStructureDefinition},
                             {"ValueSet", CheckValueSetResource}};

}  // namespace

void CheckSpecials(Run& run, NodeIndex resource) {
  std::string_view type = run.tree.NameText(run.tree[resource].resource);
  for (const auto& row : kSpecials)
    if (row.type == type) return row.check(run, resource);
}

}  // namespace passerelle::validator
