#pragma once
// Catalogue: the rows of all rooms' rules.def and errors.def, found again by what was stored of them.
//
// What a store keeps of a finding or an error is its id and its arguments; each reader has it said in his
// language. The catalogue is filled where all rooms meet (gateway/app/catalogue.cpp). Immutable; safe from
// any thread.

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "fhir_model/base/error.h"
#include "fhir_model/base/issue.h"

namespace passerelle {

class Catalogue {
 public:
  Catalogue() = default;  // knows nothing: what is stored is shown as it stands
  Catalogue(std::vector<RuleInfo> rules, std::vector<ErrorInfo> errors);

  const RuleInfo* Rule(std::string_view id) const;   // nullptr: none of that id
  const ErrorInfo* Error(std::uint32_t code) const;  // nullptr: none of that code
  const std::vector<RuleInfo>& rules() const { return rules_; }
  const std::vector<ErrorInfo>& errors() const { return errors_; }

 private:
  std::vector<RuleInfo> rules_;    // by id
  std::vector<ErrorInfo> errors_;  // by code
};

// The arguments that Fill(form, ...) made this text of; nothing where the text is not of that form.
std::optional<std::vector<std::string>> ArgumentsOf(std::string_view form, std::string_view text);

}  // namespace passerelle
