#include "profiles/validator/read.h"

#include "fhir_model/json/errors.h"
#include "fhir_model/json/json.h"
#include "fhir_model/json/mend.h"
#include "profiles/validator/rules.h"

namespace passerelle::validator {
namespace {

const RuleInfo& RuleOf(json::Flaw flaw) {
  switch (flaw) {
    case json::Flaw::Comment: return rules::JsonComment;
    case json::Flaw::NameWithoutQuotes: return rules::JsonNameQuotes;
    case json::Flaw::ValueWithoutQuotes: return rules::JsonValueQuotes;
    case json::Flaw::CommaMissing: return rules::JsonCommaMissing;
    case json::Flaw::CommaExtra: return rules::JsonCommaExtra;
  }
  return rules::JsonComment;
}

}  // namespace

Result<node::Tree> ReadJson(std::string bytes, const Limits& limits, const spec::Definitions& definitions,
                            Issues& flaws) {
  auto tree = json::Parse(bytes, limits, &definitions);
  if (tree || tree.error().info != &errors::JsonMalformed) return tree;
  auto mended = json::Mend(bytes);
  if (!mended) return tree;
  auto again = json::Parse(std::move(mended->text), limits, &definitions);
  if (!again) return tree;
  for (const auto& at : mended->flaws) flaws.Add(RuleOf(at.flaw), at.place, {});
  return again;
}

}  // namespace passerelle::validator
