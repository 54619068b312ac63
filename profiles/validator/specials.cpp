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

// HL7 names the work group behind each of its definitions.
void CheckPublication(Run& run, NodeIndex resource) {
  constexpr std::string_view kWorkGroup = "http://hl7.org/fhir/StructureDefinition/structuredefinition-wg";
  std::string_view url = run.Text(resource, run.words.url);
  if (!url.starts_with("http://hl7.org/") && !url.starts_with("http://terminology.hl7.org/")) return;
  for (NodeIndex child : node::Children(run.tree, resource))
    if (run.tree[child].name == run.words.extension && run.Text(child, run.words.url) == kWorkGroup) return;
  run.Report(rules::PublishedWithoutGroup, resource, {kWorkGroup});
}

}  // namespace

void CheckSpecials(Run& run, NodeIndex resource) {
  if (run.options.for_publication) CheckPublication(run, resource);
  std::string_view type = run.tree.NameText(run.tree[resource].resource);
  for (const auto& row : kSpecials)
    if (row.type == type) return row.check(run, resource);
}

}  // namespace passerelle::validator
