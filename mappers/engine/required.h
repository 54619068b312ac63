#pragma once
// Required: what FHIR requires of an element and no row gave. Nothing is invented for it (safety rule 12):
// the element is there with the data-absent-reason "unknown", so that a reader can tell a gap from a value; a
// status that has a code of its own for that gets the code.
// Private to this room.

#include <vector>

#include "fhir_model/node/tree.h"
#include "fhir_model/spec/spec.h"

namespace passerelle::engine {

class Required {
 public:
  explicit Required(const spec::Definitions& definitions);

  // Each resource of the Bundle. Of a choice the coded form stands for all, else the first.
  void Complete(node::Tree& bundle) const;

 private:
  void CompleteTimes(node::Tree& bundle, node::NodeIndex resource) const;
  void CompleteElement(node::Tree& bundle, node::NodeIndex element) const;
  bool Has(const node::Tree& bundle, node::NodeIndex element, const spec::ChildInfo& wanted) const;
  void Add(node::Tree& bundle, node::NodeIndex parent, const spec::ChildInfo& info) const;

  const spec::Definitions definitions_;
  std::vector<std::vector<const spec::ChildInfo*>> children_;  // required ones, by shape
};

}  // namespace passerelle::engine
