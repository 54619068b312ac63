// Every expression that the packages publish, search parameters and invariants, is one that we read.

#include <catch2/catch.hpp>
#include <set>
#include <string>

#include "fhir_model/path/path.h"
#include "fhir_model/spec/library.h"
#include "tests/support/pack.h"

namespace passerelle::path {
namespace {

std::string Compile(std::string_view expression, std::string_view type) {
  CompileOptions options;
  options.definitions = &tests::Pack();
  options.type = type;
  auto compiled = Expression::Compile(expression, options);
  return compiled ? std::string() : compiled.error().Text();
}

TEST_CASE("the search parameters of the pack compile", "[path]") {
  std::size_t count = 0;
  for (std::string_view type : {"Patient", "Observation", "Bundle", "Condition", "DiagnosticReport",
                                "ValueSet", "Composition", "Encounter", "Practitioner", "Immunization"})
    for (const auto& parameter : tests::Pack().SearchParameters(type)) {
      if (parameter.expression.empty()) continue;
      ++count;
      INFO(parameter.url << " " << parameter.expression);
      CHECK(Compile(parameter.expression, type) == "");
    }
  CHECK(count > 100);
}

TEST_CASE("the invariants of the pack compile", "[path]") {
  spec::Library library(tests::Pack());
  std::set<std::string_view> seen;
  for (const auto& resource : library.All("StructureDefinition")) {
    const spec::Profile* profile = library.FindProfile(resource.url);
    if (profile == nullptr) continue;
    for (const auto& element : profile->elements)
      for (const auto& constraint : element.constraints) {
        if (constraint.expression.empty() || !seen.insert(constraint.expression).second) continue;
        INFO(profile->url << " " << element.path << " " << constraint.key << ": " << constraint.expression);
        CHECK(Compile(constraint.expression, "") == "");
        if (element.path.find('.') == element.path.npos)
          CHECK(Compile(constraint.expression, profile->type) == "");
      }
  }
  CHECK(seen.size() > 200);
}

}  // namespace
}  // namespace passerelle::path
