#pragma once
// ElementsCheck: the elements of one snapshot or differential of a StructureDefinition. Private to this room.

#include <map>
#include <string_view>

#include "profiles/validator/run.h"

namespace passerelle::validator {

class ElementsCheck {
 public:
  // `base`: what the definition builds on; nullptr: not known here.
  ElementsCheck(Run& run, const spec::Profile* base, bool snapshot, bool constraint, bool logical)
      : run_(run), base_(base), snapshot_(snapshot), constraint_(constraint), logical_(logical) {}
  void Check(node::NodeIndex element, std::string_view path);

 private:
  void CheckKeys(node::NodeIndex element);

  Run& run_;
  const spec::Profile* base_;
  bool snapshot_, constraint_, logical_;
  std::map<std::string_view, std::string_view> keys_;  // of rules, with their expressions
};

// The elements where an extension may stand, and the conditions for it, of an extension's definition.
void CheckExtensionContexts(Run& run, node::NodeIndex resource);

}  // namespace passerelle::validator
