#include "profiles/validator/suppressions.h"

#include "profiles/validator/errors.h"
#include "profiles/validator/rules.h"

namespace passerelle::validator {
namespace {

std::string_view TakeWord(std::string_view& line) {
  std::string_view word = line.substr(0, line.find_first_of(" \t"));
  line.remove_prefix(word.size());
  auto next = line.find_first_not_of(" \t");
  line.remove_prefix(next == line.npos ? line.size() : next);
  return word;
}

}  // namespace

bool MatchesGlob(std::string_view pattern, std::string_view text) {
  // One star at a time, the latest may be widened again: linear in the product of both lengths.
  std::size_t p = 0, t = 0, star = pattern.npos, resume = 0;
  while (t < text.size()) {
    if (p < pattern.size() && pattern[p] == '*') {
      star = p++;
      resume = t;
    } else if (p < pattern.size() && pattern[p] == text[t]) {
      ++p, ++t;
    } else if (star != pattern.npos) {
      p = star + 1;
      t = ++resume;
    } else {
      return false;
    }
  }
  while (p < pattern.size() && pattern[p] == '*') ++p;
  return p == pattern.size();
}

Result<Suppressions> Suppressions::Read(std::string_view text, std::string_view file) {
  Suppressions read;
  std::uint32_t number = 0;
  while (!text.empty()) {
    std::string_view line = text.substr(0, text.find('\n'));
    text.remove_prefix(std::min(line.size() + 1, text.size()));
    ++number;
    if (line.ends_with('\r')) line.remove_suffix(1);
    if (line.empty() || line.front() == '#') continue;
    Line made;
    made.rule = TakeWord(line);
    made.place = TakeWord(line);
    made.reason = line;
    if (made.rule.empty() || made.place.empty() || made.reason.empty())
      return Error{
          errors::SuppressionMalformed, "a line is RULE PLACE REASON", {std::string(file), number, 1}};
    read.lines_.push_back(std::move(made));
  }
  return read;
}

Issues Suppressions::Apply(const Issues& issues) const {
  Issues shown;
  std::vector<bool> met(lines_.size());
  for (const auto& issue : issues.all()) {
    std::size_t i = 0;
    while (i < lines_.size() &&
           !(MatchesGlob(lines_[i].rule, issue.rule->id) && MatchesGlob(lines_[i].place, issue.place.path)))
      ++i;
    if (i == lines_.size()) {
      shown.Append(issue);
      continue;
    }
    met[i] = true;
    shown.Add(rules::Suppressed, issue.place, {issue.rule->id, issue.Text(), lines_[i].reason});
  }
  for (std::size_t i = 0; i < lines_.size(); ++i)
    if (!met[i]) shown.Add(rules::SuppressionUnmet, {}, {lines_[i].rule, lines_[i].place});
  return shown;
}

}  // namespace passerelle::validator
