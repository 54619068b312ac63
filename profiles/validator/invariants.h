#pragma once
// Invariants: constraints of the definitions, each compiled once. The few that stand everywhere (ele-1,
// ext-1, dom-*, ref-1, per-1, ...) are native functions of the same meaning; where the published text is
// wrong, corrections.def has what is run instead, each with its source.

#include <memory>
#include <mutex>
#include <string>
#include <string_view>
#include <unordered_map>

#include "fhir_model/base/result.h"
#include "fhir_model/node/tree.h"
#include "fhir_model/path/path.h"
#include "fhir_model/spec/library.h"

namespace passerelle::validator {

// Whether the constraint holds for the node; `resource` is the resource it stands in.
struct NativeContext {
  const node::Tree& tree;
  node::NodeIndex resource, root_resource;
};
using NativeTest = bool (*)(const NativeContext& context, node::NodeIndex at);

struct CompiledExpression {
  std::optional<path::Expression> expression;
  std::string failure;  // why there is none
};

struct Invariant {
  const spec::Constraint* constraint = nullptr;
  NativeTest native = nullptr;
  const CompiledExpression* compiled = nullptr;  // where there is no native test
};

class InvariantMaker {
 public:
  explicit InvariantMaker(const spec::Library& library) : library_(library) {}

  // nothing for what the structure or another part of the validator checks by itself.
  std::optional<Invariant> Make(const spec::Constraint& constraint, std::string_view focus_type);

 private:
  const spec::Library& library_;
  std::mutex mutex_;
  std::unordered_map<std::string, std::unique_ptr<const CompiledExpression>> compiled_;  // "type\nexpression"
};

}  // namespace passerelle::validator
