#include "fhir_model/base/catalogue.h"

#include <algorithm>

namespace passerelle {
namespace {

// Where the next "{0}" of a form begins, or npos.
std::size_t FindArgument(std::string_view form, std::size_t from) {
  for (auto at = form.find('{', from); at != form.npos; at = form.find('{', at + 1))
    if (at + 2 < form.size() && form[at + 2] == '}' && form[at + 1] >= '0' && form[at + 1] <= '9') return at;
  return form.npos;
}

}  // namespace

Catalogue::Catalogue(std::vector<RuleInfo> rules, std::vector<ErrorInfo> errors)
    : rules_(std::move(rules)), errors_(std::move(errors)) {
  std::sort(rules_.begin(), rules_.end(), [](const auto& a, const auto& b) { return a.id < b.id; });
  std::sort(errors_.begin(), errors_.end(), [](const auto& a, const auto& b) { return a.code < b.code; });
}

const RuleInfo* Catalogue::Rule(std::string_view id) const {
  auto at = std::lower_bound(rules_.begin(), rules_.end(), id,
                             [](const auto& row, auto wanted) { return row.id < wanted; });
  return at != rules_.end() && at->id == id ? &*at : nullptr;
}

const ErrorInfo* Catalogue::Error(std::uint32_t code) const {
  auto at = std::lower_bound(errors_.begin(), errors_.end(), code,
                             [](const auto& row, auto wanted) { return row.code < wanted; });
  return at != errors_.end() && at->code == code ? &*at : nullptr;
}

std::optional<std::vector<std::string>> ArgumentsOf(std::string_view form, std::string_view text) {
  std::vector<std::string> arguments;
  auto hole = FindArgument(form, 0);
  if (text.substr(0, hole) != form.substr(0, hole)) return std::nullopt;
  text.remove_prefix(std::min(hole, form.size()));
  while (hole != form.npos) {
    auto next = FindArgument(form, hole + 3);
    auto after = form.substr(hole + 3, next == form.npos ? next : next - hole - 3);
    // What ends the form ends the text too; else the argument goes to where the form's words go on.
    auto end = next == form.npos && !after.empty() ? text.rfind(after)
               : after.empty()                     ? text.size()
                                                   : text.find(after);
    if (end == text.npos) return std::nullopt;
    auto number = static_cast<std::size_t>(form[hole + 1] - '0');
    if (arguments.size() <= number) arguments.resize(number + 1);
    arguments[number] = text.substr(0, end);
    text.remove_prefix(end + after.size());
    hole = next;
  }
  if (!text.empty()) return std::nullopt;
  return arguments;
}

}  // namespace passerelle
