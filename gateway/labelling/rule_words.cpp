#include "gateway/labelling/rule_words.h"

#include <algorithm>
#include <vector>

#include "profiles/validator/rules.h"

namespace passerelle::labelling {
namespace {

#define RULE(name, ...) &validator::rules::name,
constexpr const RuleInfo* kRules[] = {
#include "profiles/validator/rules.def"
};
#undef RULE

// What stands for {0}, {1}, ... in a sentence of that form, each as short as it can be; nothing: it is
// another sentence.
std::optional<std::vector<std::string>> ArgumentsIn(std::string_view said, std::string_view form) {
  std::vector<std::string> arguments;
  for (auto open = form.find('{'); open != form.npos; open = form.find('{')) {
    if (!said.starts_with(form.substr(0, open)) || open + 2 >= form.size() || form[open + 2] != '}')
      return std::nullopt;
    auto number = static_cast<std::size_t>(form[open + 1] - '0');
    said.remove_prefix(open), form.remove_prefix(open + 3);
    auto behind = form.substr(0, form.find('{'));
    bool last = behind.size() == form.size();
    if (said.size() < behind.size()) return std::nullopt;
    auto end = last ? said.size() - behind.size() : behind.empty() ? said.npos : said.find(behind);
    if (number > 9 || end == said.npos) return std::nullopt;
    arguments.resize(std::max(arguments.size(), number + 1));
    arguments[number] = said.substr(0, end);
    said.remove_prefix(end);
  }
  if (said != form) return std::nullopt;
  return arguments;
}

}  // namespace

std::optional<std::string> RuleInFrench(std::string_view said) {
  auto open = said.rfind(" [");
  if (open == said.npos || !said.ends_with(']')) return std::nullopt;
  auto id = said.substr(open + 2, said.size() - open - 3);
  for (const auto* rule : kRules) {
    if (rule->id != id) continue;
    if (auto arguments = ArgumentsIn(said.substr(0, open), rule->en))
      return Fill(rule->fr, *arguments) + std::string(said.substr(open));
  }
  return std::nullopt;
}

}  // namespace passerelle::labelling
