#include "gateway/labelling/words.h"

#include <algorithm>
#include <map>
#include <optional>
#include <utility>
#include <vector>

namespace passerelle::labelling {
namespace {

constexpr std::string_view kBetween = " | ";

using Pieces = std::vector<std::string_view>;

// A phrase with something within: its pieces around each `*`.
struct Pattern {
  Pieces english, french;
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

Pieces PiecesOf(std::string_view phrase) {
  Pieces pieces;
  for (auto star = phrase.find('*'); star != phrase.npos; star = phrase.find('*')) {
    pieces.push_back(phrase.substr(0, star));
    phrase.remove_prefix(star + 1);
  }
  pieces.push_back(phrase);
  return pieces;
}

// What stands for each `*`; nothing: the text is another. Each is as short as it can be, the last reaches to
// the end.
std::optional<Pieces> Within(std::string_view text, const Pieces& around) {
  if (!text.starts_with(around.front())) return std::nullopt;
  text.remove_prefix(around.front().size());
  Pieces within;
  for (std::size_t i = 1; i < around.size(); ++i) {
    bool last = i + 1 == around.size();
    auto at = last && around[i].empty() ? text.size() : last ? text.rfind(around[i]) : text.find(around[i]);
    if (at == text.npos || at == 0 || (last && at + around[i].size() != text.size())) return std::nullopt;
    within.push_back(text.substr(0, at));
    text.remove_prefix(at + around[i].size());
  }
  return within;
}

Words ReadWords(std::string_view table) {
  Words words;
  auto file = std::ranges::find(ShippedWords(), table, &requirements::SourceFile::name);
  for (std::string_view rest = file->text; !rest.empty();) {
    auto [line, more] = Around(rest, "\n");
    rest = more;
    auto [english, french] = Around(line, kBetween);
    if (line.starts_with('#') || french.empty()) continue;
    if (english.find('*') == english.npos) {
      words.phrases[english] = french;
      continue;
    }
    words.patterns.push_back({PiecesOf(english), PiecesOf(french)});
  }
  return words;
}

std::string InFrench(std::string_view english, const Words& words) {
  if (auto phrase = words.phrases.find(english); phrase != words.phrases.end())
    return std::string(phrase->second);
  for (const auto& pattern : words.patterns) {
    auto within = Within(english, pattern.english);
    if (!within) continue;
    std::string said(pattern.french.front());
    for (std::size_t i = 0; i < within->size(); ++i)
      said.append(InFrench((*within)[i], words)).append(pattern.french[i + 1]);
    return said;
  }
  return std::string(english);
}

}  // namespace

std::string InLanguage(std::string_view english, Language language) {
  static const Words words = ReadWords("verdicts.txt");
  return language == Language::French ? InFrench(english, words) : std::string(english);
}

std::string CampaignInLanguage(std::string_view english, Language language) {
  static const Words words = ReadWords("campaign.txt");
  return language == Language::French ? InFrench(english, words) : std::string(english);
}

}  // namespace passerelle::labelling
