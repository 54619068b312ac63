#include "profiles/validator/invariants.h"

#include <algorithm>

#include "profiles/validator/words.h"

namespace passerelle::validator {

using node::kNone;
using node::NodeIndex;

namespace {

struct Correction {
  std::string_view key, published, corrected, source;
};
constexpr Correction kCorrections[] = {
#define CORRECTION(key, published, corrected, source) {key, published, corrected, source},
#include "profiles/validator/corrections.def"
#undef CORRECTION
};

// Thirty conformance resources ask the same of their name, unanchored and failing when there is none
// (org.hl7.fhir.core FHIRPathExpressionFixer).
constexpr std::string_view kNamePublished = "name.matches('[A-Z]([A-Za-z0-9_]){0,254}')";
constexpr std::string_view kNameCorrected =
    "name.exists() implies name.matches('^[A-Z]([A-Za-z0-9_]){0,254}$')";

// What other parts check by themselves: the structure (ele-1, ext-1), references.cpp (ref-1, dom-3),
// narrative.cpp (txt-1, txt-2).
constexpr std::string_view kElsewhere[] = {"ele-1", "ext-1", "ref-1", "dom-3", "txt-1", "txt-2"};

bool HasBelowContained(const NativeContext& context, NodeIndex at, node::NameId first, node::NameId second) {
  const Words& w = TheWords();
  for (NodeIndex contained : node::Children(context.tree, at)) {
    if (context.tree[contained].name != w.contained) continue;
    NodeIndex found = context.tree.Child(contained, first);
    if (found != kNone && (second == 0 || context.tree.Child(found, second) != kNone)) return true;
  }
  return false;
}

// contained.contained.empty()
bool Dom2(const NativeContext& context, NodeIndex at) {
  return !HasBelowContained(context, at, TheWords().contained, 0);
}
// contained.meta.versionId.empty() and contained.meta.lastUpdated.empty()
bool Dom4(const NativeContext& context, NodeIndex at) {
  static const node::NameId last_updated = node::Intern("lastUpdated");
  const Words& w = TheWords();
  return !HasBelowContained(context, at, w.meta, w.versionId) &&
         !HasBelowContained(context, at, w.meta, last_updated);
}
// contained.meta.security.empty()
bool Dom5(const NativeContext& context, NodeIndex at) {
  const Words& w = TheWords();
  return !HasBelowContained(context, at, w.meta, w.security);
}
bool Has(const NativeContext& context, NodeIndex at, node::NameId name) {
  return context.tree.Child(at, name) != kNone;
}
// code.empty() or system.exists()
bool Qty3(const NativeContext& context, NodeIndex at) {
  const Words& w = TheWords();
  return !Has(context, at, w.code) || Has(context, at, w.system);
}
// value.empty() or system.exists()
bool Cpt2(const NativeContext& context, NodeIndex at) {
  const Words& w = TheWords();
  return !Has(context, at, w.value) || Has(context, at, w.system);
}

struct Native {
  std::string_view key, expression;
  NativeTest test;
};
constexpr Native kNatives[] = {
    {"dom-2", "contained.contained.empty()", Dom2},
    {"dom-4", "contained.meta.versionId.empty() and contained.meta.lastUpdated.empty()", Dom4},
    {"dom-5", "contained.meta.security.empty()", Dom5},
    {"qty-3", "code.empty() or system.exists()", Qty3},
    {"cpt-2", "value.empty() or system.exists()", Cpt2}};

std::string_view Corrected(const spec::Constraint& constraint) {
  if (constraint.expression == kNamePublished) return kNameCorrected;
  for (const auto& row : kCorrections)
    if (row.key == constraint.key && row.published == constraint.expression) return row.corrected;
  return constraint.expression;
}

}  // namespace

std::optional<Invariant> InvariantMaker::Make(const spec::Constraint& constraint,
                                              std::string_view focus_type) {
  if (constraint.expression.empty()) return std::nullopt;
  if (std::find(std::begin(kElsewhere), std::end(kElsewhere), constraint.key) != std::end(kElsewhere))
    return std::nullopt;
  Invariant invariant;
  invariant.constraint = &constraint;
  for (const auto& row : kNatives)
    if (row.key == constraint.key && row.expression == constraint.expression) invariant.native = row.test;
  if (invariant.native != nullptr) return invariant;
  std::string_view text = Corrected(constraint);
  std::string key = std::string(focus_type) + "\n" + std::string(text);
  std::lock_guard lock(mutex_);
  auto& compiled = compiled_[key];
  if (compiled == nullptr) {
    path::CompileOptions options;
    options.definitions = &library_.base();
    options.type = focus_type;
    auto expression = path::Expression::Compile(text, options);
    auto made = std::make_unique<CompiledExpression>();
    if (expression)
      made->expression = *std::move(expression);
    else
      made->failure = expression.error().Text();
    compiled = std::move(made);
  }
  invariant.compiled = compiled.get();
  return invariant;
}

}  // namespace passerelle::validator
