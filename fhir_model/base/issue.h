#pragma once
// Issue: one thing wrong, or worth knowing, inside a message that is carried on; and where it is.
//
// What can be said is a row of a room's rules.def: RULE(Name, "id", severity, "issue-type", english, french),
// with {0}, {1} ... for the arguments. Ids ("v2.dtm.zone-missing") are permanent. A room publishes its rows
// with
//
//     namespace passerelle::rules {
//     #include "fhir_model/base/define_rules.h"
//     #include "mappers/hl7v2/rules.def"
//     #include "fhir_model/base/undefine_rules.h"
//     }

#include <initializer_list>
#include <map>
#include <string>
#include <string_view>
#include <vector>

#include "fhir_model/base/error.h"

namespace passerelle {

enum class Severity : std::uint8_t { Information, Warning, Error, Fatal };
enum class Language : std::uint8_t { English, French };

std::string_view SeverityCode(Severity severity);  // OperationOutcome.issue.severity

struct RuleInfo {
  std::string_view id;
  Severity severity;
  std::string_view issue_type;  // OperationOutcome.issue.code
  std::string_view en;
  std::string_view fr;
};

// A row's sentence with its arguments. One that is not given leaves nothing.
std::string Fill(std::string_view form, const std::vector<std::string>& arguments);

struct Issue {
  const RuleInfo* rule;
  Severity severity;  // the rule's own, unless a setting changed it
  Place place;
  std::vector<std::string> arguments;  // for {0} {1} ...; may quote the sender: never goes to a log
  std::string source;                  // who asked: a profile's canonical with its chain, or empty

  std::string Text(Language language = Language::English) const;
};

// So many findings of one rule are said of what a sender wrote: one message does not fill a report.
inline constexpr int kIssuesOfARuleMax = 100;

// Collects issues in the order found. Not thread-safe; one per message.
class Issues {
 public:
  Issue& Add(const RuleInfo& rule, Place place, std::initializer_list<std::string_view> arguments = {});
  // Whether one more of the rule is to be said, to be asked before its place is found; the first that is not
  // is followed by one that says so (issues.more).
  bool Wants(const RuleInfo& rule);
  void Append(Issue issue) { all_.push_back(std::move(issue)); }
  const std::vector<Issue>& all() const { return all_; }
  bool HasErrors() const;

 private:
  std::vector<Issue> all_;
  std::map<const RuleInfo*, int> wanted_;
};

}  // namespace passerelle
