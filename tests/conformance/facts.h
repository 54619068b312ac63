#pragma once
// Facts: what a CDA document says in its entries and narrative, and whether it stands again in the FHIR made
// of it.
//
// A fact is a distinct code, day, number or identifier inside a section's entries, or a word of a section's
// narrative. It counts as kept when it stands anywhere in the FHIR, so this measures loss, not whether things
// are in their place.

#include <array>
#include <cstdint>
#include <set>
#include <string>
#include <string_view>
#include <unordered_set>
#include <vector>

#include "fhir_model/node/tree.h"

namespace passerelle::tests {

inline constexpr std::array<std::string_view, 5> kFactKinds = {"codes", "days", "numbers", "ids", "words"};

using Facts = std::array<std::set<std::string>, kFactKinds.size()>;

Facts FactsOf(const node::Tree& document);

// Codes that only say which attribute of an entry an observation is: FHIR has an element for that. Reviewed
// one by one; a document that loses one of them has lost nothing.
inline constexpr std::array<std::string_view, 5> kStructuralCodes = {
    "SEV",      // HL7 ActCode: severity
    "33999-4",  // LOINC: status
    "66455-7",  // LOINC: condition status, as FR-Certitude
    "82606-5",  // LOINC: allergy or intolerance criticality
    "48767-8",  // LOINC: comment
};

// Everything that stands in a tree of FHIR, ready to be asked.
class Stands {
 public:
  explicit Stands(const node::Tree& fhir);
  bool Has(std::size_t kind, const std::string& fact) const;

 private:
  std::unordered_set<std::string> strings_, days_, numbers_, words_;
  std::string everything_;
};

}  // namespace passerelle::tests
