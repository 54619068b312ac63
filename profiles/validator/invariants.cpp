#include "profiles/validator/invariants.h"

#include <algorithm>

#include "profiles/validator/natives.h"

namespace passerelle::validator {

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

// "as String": the reference takes FHIR's primitive for a System type that is written where a cast is meant
// (org.hl7.fhir.core, fhir-test-cases patient_as_operator_issue).
constexpr std::pair<std::string_view, std::string_view> kCasts[] = {{" as String", " as string"},
                                                                    {" as Boolean", " as boolean"},
                                                                    {" as Integer", " as integer"},
                                                                    {" as Decimal", " as decimal"},
                                                                    {" as DateTime", " as dateTime"}};

std::string Corrected(const spec::Constraint& constraint) {
  if (constraint.expression == kNamePublished) return std::string(kNameCorrected);
  for (const auto& row : kCorrections)
    if (row.key == constraint.key && row.published == constraint.expression)
      return std::string(row.corrected);
  std::string text(constraint.expression);
  for (auto [written, meant] : kCasts)
    for (auto at = text.find(written); at != text.npos; at = text.find(written, at + 1)) {
      bool ends = at + written.size() == text.size() || text[at + written.size()] == ')' ||
                  text[at + written.size()] == ' ';
      if (ends) text.replace(at, written.size(), meant);
    }
  return text;
}

}  // namespace

std::optional<Invariant> InvariantMaker::Make(const spec::Constraint& constraint,
                                              std::string_view focus_type) {
  if (constraint.expression.empty()) return std::nullopt;
  if (std::find(std::begin(kElsewhere), std::end(kElsewhere), constraint.key) != std::end(kElsewhere))
    return std::nullopt;
  Invariant invariant;
  invariant.constraint = &constraint;
  invariant.native = FindNative(constraint.key, constraint.expression);
  if (invariant.native != nullptr) return invariant;
  std::string text = Corrected(constraint);
  std::string key = std::string(focus_type) + "\n" + text;
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
