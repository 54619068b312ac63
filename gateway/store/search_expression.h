#pragma once
// SearchExpression: the FHIRPath of a search parameter, as far as search parameters go: steps, casts, and
// conditions on one child or on the type of what a reference leads to. They run for every resource that is
// written, so they are compiled to names against the definitions and walk the tree without typing it; what is
// more than that goes to the FHIRPath machine.
//
// Immutable; safe from any thread.

#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "fhir_model/node/tree.h"
#include "fhir_model/path/path.h"
#include "fhir_model/spec/spec.h"

namespace passerelle::store {

// A value that the expression found: a node and its FHIR type, or a Boolean of the machine.
struct FoundValue {
  node::NodeIndex node = node::kNone;
  std::string_view type;  // "HumanName", "code", "Reference"; "boolean" without a node: `truth`
  bool truth = false;
};

class SearchExpression {
 public:
  // For resources of that type; alternatives about other types are left out. An Error: the expression says
  // more than can be understood.
  static Result<SearchExpression> Compile(const spec::Definitions& definitions,
                                          std::string_view resource_type, std::string_view text);
  void Run(const node::Tree& resource, std::vector<FoundValue>& out) const;

  struct Name {  // one way a step's element may be written
    node::NameId name;
    std::string_view type;
    spec::ShapeId shape;
  };
  struct Step {
    std::vector<Name> names;
    std::string child, text;  // only nodes whose child of that name has this text
    std::string extension;    // only nodes with an extension of this url
    std::string target;       // only references to this type
  };
  using Alternative = std::vector<Step>;

 private:
  void Walk(const node::Tree& resource, node::NodeIndex parent, const Alternative& alternative,
            std::size_t step, std::vector<FoundValue>& out) const;

  std::vector<Alternative> alternatives_;
  std::optional<path::Expression> machine_;  // of the alternatives that are more than steps
};

}  // namespace passerelle::store
