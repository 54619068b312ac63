#include "fhir_model/base/issue.h"

#include <algorithm>

#include "fhir_model/base/rules.h"

namespace passerelle {

std::string_view SeverityCode(Severity severity) {
  switch (severity) {
    case Severity::Information: return "information";
    case Severity::Warning: return "warning";
    case Severity::Error: return "error";
    case Severity::Fatal: return "fatal";
  }
  return "fatal";
}

std::string Fill(std::string_view form, const std::vector<std::string>& arguments) {
  std::string text;
  for (std::size_t i = 0; i < form.size(); ++i) {
    bool argument = form[i] == '{' && i + 2 < form.size() && form[i + 2] == '}' && form[i + 1] >= '0' &&
                    form[i + 1] <= '9';
    if (!argument) {
      text += form[i];
      continue;
    }
    auto number = static_cast<std::size_t>(form[i + 1] - '0');
    if (number < arguments.size()) text += arguments[number];
    i += 2;
  }
  return text;
}

std::string Issue::Text(Language language) const {
  return Fill(language == Language::French ? rule->fr : rule->en, arguments);
}

Issue& Issues::Add(const RuleInfo& rule, Place place, std::initializer_list<std::string_view> arguments) {
  all_.push_back({&rule, rule.severity, std::move(place), {arguments.begin(), arguments.end()}, {}});
  return all_.back();
}

bool Issues::Wants(const RuleInfo& rule) {
  const int count = ++wanted_[&rule];
  if (count == kIssuesOfARuleMax + 1) Add(rules::MoreOfTheSame, {}, {rule.id});
  return count <= kIssuesOfARuleMax;
}

bool Issues::HasErrors() const {
  return std::any_of(all_.begin(), all_.end(), [](const Issue& i) { return i.severity >= Severity::Error; });
}

}  // namespace passerelle
