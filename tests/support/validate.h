#pragma once
// Validates a text and says what was found as "rule place", errors and warnings alike.

#include <algorithm>
#include <string>
#include <vector>

#include "fhir_model/json/json.h"
#include "fhir_model/xml/xml.h"
#include "profiles/validator/validator.h"
#include "tests/support/pack.h"

namespace passerelle::tests {

inline const spec::Library& BaseLibrary() {
  static const spec::Library library(Pack());
  return library;
}

inline const validator::Validator& BaseValidator() {
  static const terminology::Terminology terminology(BaseLibrary());
  static const validator::Validator validator(BaseLibrary(), terminology);
  return validator;
}

inline std::vector<std::string> Findings(std::string text, const validator::ValidateOptions& options = {}) {
  bool is_xml = text.starts_with('<');
  auto tree = is_xml ? xml::ParseFhir(std::move(text), kFileLimits, Pack())
                     : json::Parse(std::move(text), kFileLimits, &Pack());
  if (!tree) return {tree.error().Text()};
  Issues issues;
  BaseValidator().Validate(*tree, options, issues);
  std::vector<std::string> found;
  for (const auto& issue : issues.all())
    found.push_back(std::string(issue.rule->id) + " " + issue.place.path);
  std::sort(found.begin(), found.end());
  return found;
}

}  // namespace passerelle::tests
