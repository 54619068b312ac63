#pragma once
// OperationOutcome, the one way in which findings and errors are said in FHIR.

#include <span>
#include <string>

#include "fhir_model/base/issue.h"

namespace passerelle::json {

// One issue each: severity, code, details.text, details.coding (the rule's id), expression, and the extensions
// operationoutcome-issue-line and -col where known; diagnostics names the profile that asked. Nothing to say gives one
// issue of severity information, as R4 wants at least one.
std::string OutcomeJson(std::span<const Issue> issues, Language language = Language::English);
std::string OutcomeJson(const Error& error, Language language = Language::English);

}  // namespace passerelle::json
