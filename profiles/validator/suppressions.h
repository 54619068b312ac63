#pragma once
// Suppressions: findings that somebody has looked at and accepted, each with the reason, in a file beside the
// data. A line is "RULE PLACE  reason", * in RULE and PLACE is any text, # begins a comment:
//
//     coding.unknown-system Observation.code*  local codes of the analyser, agreed with the laboratory in
//     2026-02
//
// What is suppressed is not lost: it is said as information with its reason.

#include <string>
#include <string_view>
#include <vector>

#include "fhir_model/base/issue.h"
#include "fhir_model/base/result.h"

namespace passerelle::validator {

// Whether `text` is `pattern`, in which * is any text.
bool MatchesGlob(std::string_view pattern, std::string_view text);

class Suppressions {
 public:
  // SuppressionMalformed with the line, also for a line without a reason.
  static Result<Suppressions> Read(std::string_view text, std::string_view file);

  // The issues as they are to be shown. A line that met nothing is said too: what it excused is gone.
  Issues Apply(const Issues& issues) const;

 private:
  struct Line {
    std::string rule, place, reason;
  };
  std::vector<Line> lines_;
};

}  // namespace passerelle::validator
