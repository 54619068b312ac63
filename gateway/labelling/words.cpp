#include "gateway/labelling/words.h"

#include <map>
#include <utility>
#include <vector>

namespace passerelle::labelling {
namespace {

constexpr std::string_view kBetween = " | ";

// A phrase with something within, cut at its `*`.
struct Pattern {
  std::string_view before, after, french_before, french_after;
};

struct Words {
  std::map<std::string_view, std::string_view> phrases;
  std::vector<Pattern> patterns;  // in the order of the table: the first that fits counts
};

std::pair<std::string_view, std::string_view> Around(std::string_view text, std::string_view sign) {
  auto at = text.find(sign);
  if (at == text.npos) return {text, {}};
  return {text.substr(0, at), text.substr(at + sign.size())};
}

Words ReadWords() {
  Words words;
  for (const auto& file : ShippedWords())
    for (std::string_view rest = file.text; !rest.empty();) {
      auto [line, more] = Around(rest, "\n");
      rest = more;
      auto [english, french] = Around(line, kBetween);
      if (line.starts_with('#') || french.empty()) continue;
      if (english.find('*') == english.npos) {
        words.phrases[english] = french;
        continue;
      }
      auto [before, after] = Around(english, "*");
      auto [french_before, french_after] = Around(french, "*");
      words.patterns.push_back({before, after, french_before, french_after});
    }
  return words;
}

}  // namespace

std::string InLanguage(std::string_view english, Language language) {
  static const Words words = ReadWords();
  if (language != Language::French) return std::string(english);
  if (auto phrase = words.phrases.find(english); phrase != words.phrases.end())
    return std::string(phrase->second);
  for (const auto& [before, after, french_before, french_after] : words.patterns) {
    if (english.size() <= before.size() + after.size() || !english.starts_with(before) ||
        !english.ends_with(after))
      continue;
    auto within = english.substr(before.size(), english.size() - before.size() - after.size());
    return std::string(french_before) + InLanguage(within, language) + std::string(french_after);
  }
  return std::string(english);
}

}  // namespace passerelle::labelling
