#pragma once
// Validator: is a FHIR R4 resource what the specification and its profiles ask for. Natively R4, no
// conversion.
//
// A Validator is built once over a library and used from any thread. Every finding has a stable rule id, a
// FHIRPath place, line and column, and in Issue::source the profile that asked for it.

#include <functional>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include "fhir_model/base/issue.h"
#include "fhir_model/node/tree.h"
#include "fhir_model/spec/library.h"
#include "profiles/terminology/terminology.h"

namespace passerelle::validator {

enum class ReferencePolicy : std::uint8_t { Ignore, CheckType, CheckValid };

struct ValidateOptions {
  std::vector<std::string> profiles;  // beside the base type and meta.profile
  bool structure_only = false;        // cardinality, types and lexical rules; no bindings, invariants, slices
  bool best_practice = false;
  bool unknown_extensions = true;  // false: an extension without a definition here is an error
  bool wrong_displays = true;      // false: a wrong display is a warning
  std::string now;                 // for now() and today() in constraints; empty: they cannot be evaluated
  ReferencePolicy references = ReferencePolicy::CheckType;  // to resources outside the input
  bool aggregation_everywhere = false;                      // aggregation modes count outside of Bundles too
  bool example_urls = true;  // false: addresses at example.org and the like are errors
  bool for_publication = false;  // rules of those who publish definitions count too
  bool html_in_text = true;  // false: what looks like HTML in strings and markdown is an error
  // Finds what a reference or canonical outside the input names; nullptr: nothing can be fetched.
  std::function<const node::Tree*(std::string_view url)> fetch;
};

class Validator {
 public:
  Validator(const spec::Library& library, const terminology::Terminology& terminology);
  ~Validator();

  // `resource` was read with definitions, so it comes typed.
  void Validate(const node::Tree& resource, const ValidateOptions& options, Issues& issues) const;

 private:
  struct State;
  std::unique_ptr<State> state_;
};

}  // namespace passerelle::validator
