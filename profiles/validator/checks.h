#pragma once
// ElementChecks: what one element of a definition asks of a value standing there, beyond its structure:
// invariants, binding, fixed and pattern, bounds, types of references, profiles of its type. Made once, read
// from any thread.

#include <atomic>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "fhir_model/node/tree.h"
#include "fhir_model/path/regex.h"
#include "fhir_model/spec/library.h"
#include "profiles/terminology/terminology.h"
#include "profiles/validator/invariants.h"

namespace passerelle::validator {

// A fixed value or pattern; the value is the child "value" of the tree's root.
struct Exemplar {
  node::Tree tree;
  node::NodeIndex value = node::kNone;
};

// A value set that was looked up once for all.
class FoundValueSet {
 public:
  template <class Find>
  const terminology::ValueSet* Get(Find find) const {
    if (state_.load(std::memory_order_acquire) == kFound) return found_.load(std::memory_order_relaxed);
    found_.store(find(), std::memory_order_relaxed);
    state_.store(kFound, std::memory_order_release);
    return found_.load(std::memory_order_relaxed);
  }

 private:
  static constexpr int kFound = 1;
  mutable std::atomic<const terminology::ValueSet*> found_ = nullptr;
  mutable std::atomic<int> state_ = 0;
};

struct ElementChecks {
  const spec::Profile* profile = nullptr;
  const spec::Element* element = nullptr;
  std::vector<Invariant> invariants;
  std::unique_ptr<const Exemplar> fixed, pattern, min_value, max_value;
  std::shared_ptr<const re2::RE2> regex;  // nullptr too where it is of no dialect that can be read here
  bool binding = false;
  FoundValueSet value_set;     // of the binding
  bool targets = false;        // Reference or canonical with target profiles
  bool type_profiles = false;  // a type with profiles of its own
  bool facets = false;         // lengths, sizes, forms, a value wanted, languages of a narrative

  bool Any() const {
    return !invariants.empty() || fixed || pattern || min_value || max_value || binding || targets ||
           type_profiles || facets;
  }
};

// Makes checks; with `covered` only those that the covered element does not make already.
class CheckMaker {
 public:
  CheckMaker(const spec::Library& library, InvariantMaker& invariants)
      : library_(library), invariants_(invariants) {}

  // `types` gives the FHIRPath type of the focus ("Patient.contact", "HumanName"); empty: not known.
  std::unique_ptr<ElementChecks> Make(const spec::Profile& profile, const spec::Element& element,
                                      const spec::Element* covered, std::string_view focus_type) const;
  // The element of the base definitions that `element` constrains, or nullptr.
  const spec::Element* BaseOf(const spec::Element& element) const;

 private:
  bool Covers(const spec::Constraint& constraint, const spec::Element& element,
              const spec::Element* covered) const;

  const spec::Library& library_;
  InvariantMaker& invariants_;
};

// nullptr when there is none or its text is no JSON.
std::unique_ptr<const Exemplar> ReadExemplar(const spec::JsonValue& value,
                                             const spec::Definitions& definitions);

}  // namespace passerelle::validator
