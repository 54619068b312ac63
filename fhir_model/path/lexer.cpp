#include "fhir_model/path/lexer.h"

#include <algorithm>
#include <array>
#include <charconv>
#include <optional>

#include "fhir_model/base/digest.h"
#include "fhir_model/path/errors.h"

namespace passerelle::path {
namespace {

bool IsDigit(char c) { return c >= '0' && c <= '9'; }
bool IsUpper(char c) { return c >= 'A' && c <= 'Z'; }
bool IsLetter(char c) { return IsUpper(c) || (c >= 'a' && c <= 'z') || c == '_'; }
bool IsWordPart(char c) { return IsLetter(c) || IsDigit(c); }

constexpr std::array<std::string_view, 4> kDoubleSymbols = {"!=", "!~", "<=", ">="};
constexpr std::string_view kSymbols = "()[]{}.,+-*/&|=~<>%";

std::size_t Digits(std::string_view text, std::size_t at) {
  std::size_t end = at;
  while (end < text.size() && IsDigit(text[end])) ++end;
  return end - at;
}

// "(\.\d+)*" from `at`: its length.
std::size_t DottedNumbers(std::string_view text, std::size_t at) {
  std::size_t end = at;
  while (end + 1 < text.size() && text[end] == '.' && IsDigit(text[end + 1]))
    end += 1 + Digits(text, end + 1);
  return end - at;
}

// How many characters from `at` have the form of `pattern`, where 9 is any digit; all of it or 0.
std::size_t Form(std::string_view text, std::size_t at, std::string_view pattern) {
  if (text.size() - at < pattern.size()) return 0;
  for (std::size_t i = 0; i < pattern.size(); ++i)
    if (pattern[i] == '9' ? !IsDigit(text[at + i]) : text[at + i] != pattern[i]) return 0;
  return pattern.size();
}

// "14", "14:34", "14:34:28", "14:34:28.123"
std::size_t TimeForm(std::string_view text, std::size_t at) {
  std::size_t end = at + Form(text, at, "99");
  if (end == at) return 0;
  std::size_t minutes = Form(text, end, ":99");
  end += minutes;
  std::size_t seconds = minutes == 0 ? 0 : Form(text, end, ":99");
  end += seconds;
  if (seconds != 0 && end + 1 < text.size() && text[end] == '.' && IsDigit(text[end + 1]))
    end += 1 + Digits(text, end + 1);
  return end - at;
}

std::size_t ZoneForm(std::string_view text, std::size_t at) {
  if (std::size_t zulu = Form(text, at, "Z")) return zulu;
  if (std::size_t plus = Form(text, at, "+99:99")) return plus;
  return Form(text, at, "-99:99");
}

// The four hexadecimal digits of "\\u00e9".
std::optional<std::uint32_t> Hex4(std::string_view text) {
  std::uint32_t value = 0;
  if (text.size() < 6 || !text.starts_with("\\u")) return std::nullopt;
  const char* first = text.data() + 2;
  if (std::from_chars(first, first + 4, value, 16).ptr != first + 4) return std::nullopt;
  return value;
}

// Reads "\\u00e9", or two of them that are one character beyond the 16th bit; gives their length, 0 for
// neither.
std::size_t CodePoint(std::string_view text, std::uint32_t& point) {
  auto high = Hex4(text);
  if (!high) return 0;
  point = *high;
  if (point < 0xD800 || point > 0xDFFF) return 6;
  auto low = Hex4(text.substr(6));
  if (point > 0xDBFF || !low || *low < 0xDC00 || *low > 0xDFFF) return 0;
  point = 0x10000 + ((point - 0xD800) << 10) + (*low - 0xDC00);
  return 12;
}

}  // namespace

Error SyntaxError(std::size_t offset, std::string what) {
  return {errors::PathSyntax, std::move(what) + " at character " + std::to_string(offset + 1)};
}

Status Lexer::SkipBlanks() {
  while (at_ < text_.size()) {
    char c = text_[at_];
    if (c == ' ' || c == '\t' || c == '\n' || c == '\r') {
      ++at_;
    } else if (c == '/' && Peek(1) == '/') {
      at_ = std::min(text_.find_first_of("\r\n", at_), text_.size());
    } else if (c == '/' && Peek(1) == '*') {
      auto end = text_.find("*/", at_ + 2);
      if (end == text_.npos) return SyntaxError(at_, "a comment that does not end");
      at_ = end + 2;
    } else {
      break;
    }
  }
  return Ok();
}

Token Lexer::Make(TokenKind kind, std::size_t begin, std::size_t end) {
  at_ = end;
  return {kind, false, begin, text_.substr(begin, end - begin)};
}

Result<Token> Lexer::Next() {
  CHECK_OK(SkipBlanks());
  if (at_ >= text_.size()) return Token{TokenKind::End, false, text_.size(), {}};
  char c = text_[at_];
  if (c == '\'') return Quoted(c, TokenKind::String);
  if (c == '`') return Quoted(c, TokenKind::Identifier);
  if (c == '@') return At();
  if (c == '$' && IsLetter(Peek(1))) {
    std::size_t begin = ++at_;
    while (IsWordPart(Peek())) ++at_;
    return Make(TokenKind::Dollar, begin, at_);
  }
  if (IsDigit(c)) return Number();
  if (IsLetter(c)) return Word();
  for (auto symbol : kDoubleSymbols)
    if (text_.substr(at_, 2) == symbol) return Make(TokenKind::Symbol, at_, at_ + 2);
  if (kSymbols.find(c) != kSymbols.npos) return Make(TokenKind::Symbol, at_, at_ + 1);
  return SyntaxError(at_, "a character that has no meaning here");
}

Result<Token> Lexer::Quoted(char quote, TokenKind kind) {
  std::size_t begin = at_ + 1;
  for (std::size_t i = begin; i < text_.size(); ++i) {
    if (text_[i] == '\\') {
      ++i;
    } else if (text_[i] == quote) {
      Token token = Make(kind, begin, i);
      token.delimited = true;
      at_ = i + 1;
      return token;
    }
  }
  return SyntaxError(at_, "a quote that does not end");
}

Result<Token> Lexer::At() {
  std::size_t begin = at_ + 1, end = begin;
  if (table_names_ && IsLetter(Peek(1)) && !(Peek(1) == 'T' && IsDigit(Peek(2)))) {
    while (end < text_.size() && (IsWordPart(text_[end]) || text_[end] == ':')) ++end;
    return Make(TokenKind::Table, at_, end);
  }
  if (Peek(1) == 'T') {
    std::size_t size = TimeForm(text_, begin + 1);
    if (size == 0) return SyntaxError(at_, "a time that is none");
    end = begin + 1 + size;
    if (ZoneForm(text_, end) != 0) return SyntaxError(at_, "a time with a zone");
    Token token = Make(TokenKind::Time, begin + 1, end);
    return token;
  }
  end += Form(text_, end, "9999");
  if (end == begin) return SyntaxError(at_, "a date that is none");
  if (std::size_t month = Form(text_, end, "-99")) {
    end += month;
    end += Form(text_, end, "-99");
  }
  if (end < text_.size() && text_[end] == 'T') {
    ++end;
    if (std::size_t time = TimeForm(text_, end)) {
      end += time;
      end += ZoneForm(text_, end);
    }
  }
  return Make(TokenKind::DateTime, begin, end);
}

// PID-32, PID-3.4.2: a segment's name and numbers. CX.4: a data type's name and a number.
std::size_t Lexer::TableWord() const {
  std::size_t end = at_;
  while (end < text_.size() && (IsUpper(text_[end]) || IsDigit(text_[end]))) ++end;
  if (end - at_ == 3 && end + 1 < text_.size() && text_[end] == '-' && IsDigit(text_[end + 1])) {
    end += 1 + Digits(text_, end + 1);
    return end + DottedNumbers(text_, end) - at_;
  }
  if (end < text_.size() && IsWordPart(text_[end])) return 0;
  std::size_t numbers = DottedNumbers(text_, end);
  return numbers == 0 || end - at_ > 4 ? 0 : end + numbers - at_;
}

Token Lexer::Word() {
  if (table_names_ && IsUpper(Peek()))
    if (std::size_t size = TableWord()) return Make(TokenKind::Table, at_, at_ + size);
  std::size_t end = at_;
  while (end < text_.size() && IsWordPart(text_[end])) ++end;
  return Make(TokenKind::Identifier, at_, end);
}

Token Lexer::Number() {
  std::size_t end = at_ + Digits(text_, at_);
  if (end + 1 < text_.size() && text_[end] == '.' && IsDigit(text_[end + 1]))
    end += 1 + Digits(text_, end + 1);
  return Make(TokenKind::Number, at_, end);
}

Result<std::string> Unescape(std::string_view text, std::size_t offset) {
  static constexpr std::string_view kEscapes = "'\"`\\/frnt";
  static constexpr std::string_view kMeanings = "'\"`\\/\f\r\n\t";
  std::string out;
  out.reserve(text.size());
  for (std::size_t i = 0; i < text.size(); ++i) {
    if (text[i] != '\\') {
      out += text[i];
      continue;
    }
    char c = ++i < text.size() ? text[i] : '\0';
    if (c == 'u') {
      std::uint32_t point = 0;
      std::size_t size = CodePoint(text.substr(i - 1), point);
      if (size == 0) return SyntaxError(offset + i, "an escape that is none");
      AppendUtf8(point, out);
      i += size - 2;
    } else if (auto which = kEscapes.find(c); c != '\0' && which != kEscapes.npos) {
      out += kMeanings[which];
    } else {
      // The grammar lets a backslash before any other character stand for itself; published patterns have "\\d".
      out += '\\';
      if (c != '\0') out += c;
    }
  }
  return out;
}

}  // namespace passerelle::path
