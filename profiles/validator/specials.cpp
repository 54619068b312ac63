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
constexpr Row kSpecials[] = {{"ActivityDefinition", CheckCanonicalUrl},
{"Bundle", CheckBundle},
{"CapabilityStatement", CheckCapabilityStatement},
{"ChargeItemDefinition", CheckCanonicalUrl},
{"CodeSystem", CheckCodeSystem},
{"CompartmentDefinition", CheckCanonicalUrl},
{"ConceptMap", CheckConceptMap},
{"EffectEvidenceSynthesis", CheckCanonicalUrl},
{"EventDefinition", CheckCanonicalUrl},
{"Evidence", CheckCanonicalUrl},
{"EvidenceVariable", CheckCanonicalUrl},
{"ExampleScenario", CheckCanonicalUrl},
{"GraphDefinition", CheckCanonicalUrl},
{"ImplementationGuide", CheckCanonicalUrl},
{"Library", CheckCanonicalUrl},
{"Measure", CheckMeasure},
{"MeasureReport", CheckMeasureReport},
{"MessageDefinition", CheckCanonicalUrl},
{"Observation", CheckObservation},
{"OperationDefinition", CheckOperationDefinition},
{"PlanDefinition", CheckCanonicalUrl},
{"Questionnaire", CheckQuestionnaire},
{"QuestionnaireResponse", CheckQuestionnaireResponse},
{"ResearchDefinition", CheckCanonicalUrl},
{"ResearchElementDefinition", CheckCanonicalUrl},
{"RiskEvidenceSynthesis", CheckCanonicalUrl},
{"SearchParameter", CheckSearchParameter},
{"StructureDefinition", CheckStructureDefinition},
{"StructureMap", CheckCanonicalUrl},
{"TerminologyCapabilities", CheckCanonicalUrl},
{"TestScript", CheckCanonicalUrl},
{"ValueSet", CheckValueSetResource}};

}  // namespace

void CheckSpecials(Run& run, NodeIndex resource) {
  std::string_view type = run.tree.NameText(run.tree[resource].resource);
  for (const auto& row : kSpecials)
    if (row.type == type) return row.check(run, resource);
}

}  // namespace passerelle::validator
