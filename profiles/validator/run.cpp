#include "profiles/validator/run.h"

namespace passerelle::validator {

Run::Run(const Engine& the_engine, const node::Tree& the_tree, const ValidateOptions& the_options,
         Issues& issues)
    : engine(the_engine),
      tree(the_tree),
      options(the_options),
      words(TheWords()),
      issues_(&issues),
      places_(the_tree, the_engine.definitions()) {}

void Run::Validate() { CheckResource(*this, node::kRoot); }

void Run::Report(const RuleInfo& rule, node::NodeIndex at, std::initializer_list<std::string_view> arguments,
                 std::string_view source) {
  Report(rule, rule.severity, at, arguments, source);
}

void Run::Report(const RuleInfo& rule, Severity severity, node::NodeIndex at,
                 std::initializer_list<std::string_view> arguments, std::string_view source) {
  if (trial_) {
    failed_ |= severity >= Severity::Error;
    return;
  }
  Issue& issue = issues_->Add(rule, places_.Of(at), arguments);
  issue.severity = severity;
  issue.source = source;
}

}  // namespace passerelle::validator
