#include "mappers/engine/words.h"

#include <cctype>
#include <utility>

namespace passerelle::engine {
namespace {

bool IsBlank(char c) { return c == ' ' || c == '\t' || c == '\r'; }

// Follows quotes and brackets through a text, character by character.
class Nesting {
 public:
  // True while `c` stands outside of everything.
  bool Outside(char c) {
    bool after_word = std::isalnum(static_cast<unsigned char>(std::exchange(last_, c))) != 0;
    if (quote_ != 0) {
      if (c == quote_) quote_ = 0;
      return false;
    }
    if (c == '"' || (c == '\'' && !after_word)) {
      quote_ = c;
      return false;
    }
    if (c == '{' || c == '(' || c == '[') {
      ++depth_;
      return false;
    }
    if ((c == '}' || c == ')' || c == ']') && depth_ > 0) {
      --depth_;
      return false;
    }
    return depth_ == 0;
  }
  bool closed() const { return quote_ == 0 && depth_ == 0; }

 private:
  char quote_ = 0, last_ = 0;
  int depth_ = 0;
};

}  // namespace

std::string_view WithoutComment(std::string_view line) {
  char quote = 0;
  std::size_t end = line.size();
  for (std::size_t i = 0; i < line.size(); ++i) {
    char c = line[i];
    if (quote != 0) {
      if (c == quote) quote = 0;
    } else if (c == '"' || c == '\'') {
      quote = c;
    } else if (c == '#' && (i == 0 || IsBlank(line[i - 1]))) {
      end = i;
      break;
    }
  }
  while (end > 0 && IsBlank(line[end - 1])) --end;
  return line.substr(0, end);
}

std::optional<std::vector<std::string_view>> Words(std::string_view text) {
  std::vector<std::string_view> words;
  Nesting nesting;
  std::size_t begin = 0;
  for (std::size_t i = 0; i <= text.size(); ++i) {
    bool cut = i == text.size() || (nesting.Outside(text[i]) && IsBlank(text[i]));
    if (!cut) continue;
    if (i > begin) words.push_back(text.substr(begin, i - begin));
    begin = i + 1;
  }
  if (!nesting.closed()) return std::nullopt;
  return words;
}

std::vector<std::string_view> CutAt(std::string_view text, char separator) {
  std::vector<std::string_view> parts;
  Nesting nesting;
  std::size_t begin = 0;
  for (std::size_t i = 0; i <= text.size(); ++i) {
    bool cut = i == text.size() || (nesting.Outside(text[i]) && text[i] == separator);
    if (!cut) continue;
    parts.push_back(text.substr(begin, i - begin));
    begin = i + 1;
  }
  return parts;
}

bool IsQuoted(std::string_view word) { return word.size() >= 2 && word.front() == '"' && word.back() == '"'; }

std::string_view Unquoted(std::string_view word) {
  return IsQuoted(word) ? word.substr(1, word.size() - 2) : word;
}

}  // namespace passerelle::engine
