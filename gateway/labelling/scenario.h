#pragma once
// Scenarios: what is given, what is sent, what is expected, which requirements are checked; as data.
//
//     scenario CI-SIS-CR-BIO-Create_doc-Sc1 suite biology
//       en A laboratory report is created
//       fr Création d'un compte rendu de biologie
//       given admission.hl7                # sent first; its answer must be AA
//       send 1-laboratory.hl7
//         expect ack AA
//         expect delivery 1 within 5
//       check INS-07 HL7-07 CNF-02         # beside those of the suite; must not fail
//
// Files are searched beside the scenario, or in the folder of examples that the run names.

#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "fhir_model/base/result.h"
#include "profiles/requirements/evaluate.h"

namespace passerelle::labelling {

struct ScenarioStep {
  std::string file;
  bool given = false;            // brings about the state; its answer must be AA
  std::vector<std::string> ack;  // any of these; empty: not looked at
  int deliveries = -1;           // that many; -1: not looked at
  int within_seconds = 2;
  int line = 0;
};

struct Scenario {
  std::string id, suite;
  requirements::Text title;
  std::vector<ScenarioStep> steps;
  std::vector<std::string> checks;
  std::string digest;  // of its text
};

// All errors with file and line; a check of a requirement that the catalogue does not have is one.
Result<std::vector<Scenario>> ReadScenarios(std::span<const requirements::SourceFile> files,
                                            const requirements::Catalogue& catalogue,
                                            std::vector<Error>* errors = nullptr);
std::span<const requirements::SourceFile> ShippedScenarios();
// A shipped one by its id; ScenarioUnknown.
Result<Scenario> FindScenario(std::string_view id, const requirements::Catalogue& catalogue);

// What a scenario wants of one of its steps.
struct Expectation {
  std::string id;                // "SCENARIO step N"
  std::string file;              // what is sent
  std::vector<std::string> ack;  // as of ScenarioStep
  int deliveries = -1;
  int within_seconds = 2;
};
// Of its steps from 0 on; nothing behind the last.
std::optional<Expectation> ExpectationOf(const Scenario& scenario, std::size_t step);

// What a step brought, against what was expected.
struct StepOutcome {
  std::string answer;  // MSA-1; empty: none came
  std::size_t deliveries = 0;
};
// A finding of the expectation's id: FAIL where it was not met, INDETERMINATE where no answer came at all.
requirements::Finding JudgeStep(const Expectation& expected, const StepOutcome& outcome);

}  // namespace passerelle::labelling
