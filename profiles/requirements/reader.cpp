#include "profiles/requirements/reader.h"

#include <map>

#include "profiles/requirements/errors.h"

namespace passerelle::requirements {
namespace {

constexpr std::string_view kBlank = " \t\r";

std::string_view Trim(std::string_view text) {
  auto begin = text.find_first_not_of(kBlank);
  if (begin == text.npos) return {};
  return text.substr(begin, text.find_last_not_of(kBlank) - begin + 1);
}

using Definitions = std::map<std::string, std::string, std::less<>>;

// {name} by its definition; braces around anything else stay (FHIRPath's own {}).
std::string PutIn(std::string_view text, const Definitions& definitions) {
  std::string out;
  while (!text.empty()) {
    auto open = text.find('{'), close = text.find('}', open);
    if (close == text.npos) break;
    auto found = definitions.find(text.substr(open + 1, close - open - 1));
    out += text.substr(0, open);
    out += found == definitions.end() ? text.substr(open, close + 1 - open) : std::string_view(found->second);
    text.remove_prefix(close + 1);
  }
  return out.append(text);
}

}  // namespace

std::string_view TakeWord(std::string_view& text) {
  auto end = text.find_first_of(kBlank);
  auto word = text.substr(0, end);
  text = end == text.npos ? std::string_view() : Trim(text.substr(end));
  return word;
}

Error SyntaxError(std::string_view file, int line, std::string detail) {
  return Error{
      errors::RequirementSyntax, std::move(detail), {std::string(file), static_cast<std::uint32_t>(line), 0}};
}

std::vector<Line> ReadLines(std::string_view file, std::string_view text, std::vector<Error>& errors) {
  std::vector<Line> lines;
  Definitions definitions;
  int number = 0;
  while (!text.empty()) {
    auto end = text.find('\n');
    std::string raw(text.substr(0, end));
    int first = ++number;
    text = end == text.npos ? std::string_view() : text.substr(end + 1);
    while (Trim(raw).ends_with('\\') && !text.empty()) {
      end = text.find('\n');
      raw = std::string(raw.substr(0, raw.find_last_of('\\'))) + std::string(Trim(text.substr(0, end)));
      text = end == text.npos ? std::string_view() : text.substr(end + 1);
      ++number;
    }
    auto line = Trim(raw);
    if (line.empty() || line.starts_with('#')) continue;
    auto indent = raw.find_first_not_of(' ');
    if (indent % 2 != 0 || indent > 4) {
      errors.push_back(SyntaxError(file, first, "lines are indented by 0, 2 or 4 blanks"));
      continue;
    }
    auto word = TakeWord(line);
    std::string rest = PutIn(line, definitions);
    if (word != "define") {
      lines.push_back({first, static_cast<int>(indent / 2), std::string(word), std::move(rest)});
      continue;
    }
    std::string_view value = rest;
    auto name = TakeWord(value), equals = TakeWord(value);
    if (equals != "=" || value.empty())
      errors.push_back(SyntaxError(file, first, "define wants NAME = TEXT"));
    definitions[std::string(name)] = value;
  }
  return lines;
}

}  // namespace passerelle::requirements
