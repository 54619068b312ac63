#include "fhir_model/base/rules.h"

#include <catch2/catch.hpp>

namespace passerelle {

TEST_CASE("one message does not fill a report: the rest of a rule is said to follow, once", "[issue]") {
  constexpr RuleInfo kRule{"test.rule", Severity::Warning, "value", "Odd.", "Bizarre."};
  constexpr RuleInfo kOther{"test.other", Severity::Warning, "value", "Odd.", "Bizarre."};
  Issues issues;
  for (int i = 0; i < 3 * kIssuesOfARuleMax; ++i)
    if (issues.Wants(kRule)) issues.Add(kRule, {});
  REQUIRE(issues.all().size() == std::size_t{kIssuesOfARuleMax} + 1);
  CHECK(issues.all().back().rule == &rules::MoreOfTheSame);
  CHECK(issues.all().back().Text() == "More findings of test.rule follow; they are not listed one by one.");
  CHECK(issues.Wants(kOther));
}

}  // namespace passerelle
