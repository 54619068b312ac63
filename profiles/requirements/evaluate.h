#pragma once
// Evaluate: the verdicts of requirements over one run.
//
// Nothing that did not run passes: what is missing (a value set, a tree the bench should have brought, an
// expression that failed) makes a requirement INDETERMINATE, with the cause. Findings may quote the patient:
// they go to whoever asked for the verdict and never to a log.

#include <cstdint>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "fhir_model/base/error.h"
#include "profiles/requirements/requirement.h"
#include "profiles/requirements/run.h"

namespace passerelle::requirements {

// In the order in which one wins over another within a requirement.
enum class Verdict : std::uint8_t { NotApplicable, Pass, Manual, Indeterminate, Warn, Fail };
std::string_view VerdictName(Verdict verdict);  // "N-A", "PASS", "MANUAL", "INDETERMINATE", "WARN", "FAIL"

struct Finding {
  const Requirement* requirement = nullptr;
  std::string id;  // also of a requirement that is not in the catalogue
  Verdict verdict = Verdict::NotApplicable;
  std::string subject;  // which tree: "message", "document 2"
  Place place;
  std::string expected, found;
  std::size_t phrase = 0;  // how much of `expected`, from its begin, is a literal of the tables
  bool found_is_ours = false;  // `found` is words of ours, not of the message
  std::string cause;  // of INDETERMINATE and MANUAL
};

struct Report {
  std::vector<Finding>
      findings;  // by requirement: each FAIL and WARN; else one line that says what it came to
  std::size_t Count(Verdict verdict) const;  // requirements with that verdict
  Verdict Of(std::string_view id) const;     // worst; INDETERMINATE for what was not asked
};

// Asks the requirements of these ids, in order.
Report Evaluate(const Catalogue& catalogue, std::span<const std::string> ids, const Run& run,
                const World& world);

}  // namespace passerelle::requirements
