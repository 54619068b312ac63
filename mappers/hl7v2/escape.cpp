#include "mappers/hl7v2/escape.h"

#include <algorithm>
#include <charconv>
#include <optional>

namespace passerelle::hl7v2 {
namespace {

constexpr std::size_t kRepeatMax = 100;  // of \.sp+n\ and \.sk n\: more is layout, not text

int HexDigit(char c) {
  if (c >= '0' && c <= '9') return c - '0';
  if (c >= 'A' && c <= 'F') return c - 'A' + 10;
  if (c >= 'a' && c <= 'f') return c - 'a' + 10;
  return -1;
}

// "X41C3" without its X -> bytes; false when it is no hexadecimal text.
bool AppendHex(std::string_view digits, std::string& bytes) {
  if (digits.empty() || digits.size() % 2 != 0) return false;
  if (!std::all_of(digits.begin(), digits.end(), [](char c) { return HexDigit(c) >= 0; })) return false;
  for (std::size_t i = 0; i < digits.size(); i += 2)
    bytes.push_back(static_cast<char>(HexDigit(digits[i]) << 4 | HexDigit(digits[i + 1])));
  return true;
}

struct Command {
  std::string_view name;
  char text;      // what it stands for; 0: nothing
  bool repeated;  // a number may follow
};
// Formatting commands of FT (2.7.6).
constexpr Command kCommands[] = {{".br", '\n', false}, {".sp", '\n', true}, {".ce", '\n', false},
                                 {".sk", ' ', true},   {".in", 0, true},    {".ti", 0, true},
                                 {".fi", 0, false},    {".nf", 0, false}};

bool AppendCommand(std::string_view body, std::string& out) {
  if (body.size() < 3) return false;
  for (const Command& command : kCommands) {
    if (!body.starts_with(command.name)) continue;
    auto number = body.substr(command.name.size());
    while (!number.empty() && (number[0] == '+' || number[0] == '-' || number[0] == ' ')) number.remove_prefix(1);
    std::size_t count = 1;
    if (!number.empty()) {
      auto [end, wrong] = std::from_chars(number.data(), number.data() + number.size(), count);
      if (!command.repeated || wrong != std::errc() || end != number.data() + number.size()) return false;
    }
    if (command.text != 0) out.append(std::min(count, kRepeatMax), command.text);
    return true;
  }
  return false;
}

// The character that a one-letter sequence stands for; nothing when it is none. 0: highlighting, no text.
std::optional<char> LetterMeaning(char letter, const Delimiters& d) {
  switch (letter) {
    case 'F': return d.field;
    case 'S': return d.component;
    case 'T': return d.subcomponent != 0 ? d.subcomponent : '&';
    case 'R': return d.repetition != 0 ? d.repetition : '~';
    case 'E': return d.escape;
    case 'P': return d.truncation != 0 ? d.truncation : '#';
    case 'H':
    case 'N': return '\0';
    default: return std::nullopt;
  }
}

enum class Outcome { Decoded, Unknown, Charset };

Outcome AppendSequence(std::string_view body, const Delimiters& d, std::string& out) {
  if (body.size() == 1) {
    auto meaning = LetterMeaning(body[0], d);
    if (!meaning) return Outcome::Unknown;
    if (*meaning != 0) out.push_back(*meaning);
    return Outcome::Decoded;
  }
  if (AppendCommand(body, out)) return Outcome::Decoded;
  std::string ignored;
  bool shift = (body.starts_with('C') && body.size() == 5) || (body.starts_with('M') && body.size() >= 5);
  return shift && AppendHex(body.substr(1, 4), ignored) ? Outcome::Charset : Outcome::Unknown;
}

// What a sequence could be: to tell "\Zxx\" from the backslashes of a Windows path.
bool LooksLikeSequence(std::string_view body) {
  return body.size() >= 2 && (body[0] == 'Z' || body[0] == '.' || body[0] == 'X');
}

}  // namespace

void Unescape(std::string_view text, const Delimiters& d, Charset charset, std::string& out,
              EscapeNotes& notes) {
  std::string bytes;  // of \X..\ sequences that stand side by side
  auto flush = [&] {
    if (bytes.empty()) return;
    AppendAsUtf8(bytes, charset, out);
    bytes.clear();
  };
  while (true) {
    auto open = text.find(d.escape);
    if (open != 0) flush();
    out.append(text.substr(0, open));
    if (open == text.npos) return;
    text.remove_prefix(open + 1);
    auto close = text.find(d.escape);
    if (close == text.npos) {
      flush();
      notes.unmatched = true;
      out.push_back(d.escape);
      out.append(text);
      return;
    }
    auto body = text.substr(0, close);
    if (body.starts_with('X') && AppendHex(body.substr(1), bytes)) {
      text.remove_prefix(close + 1);
      continue;
    }
    flush();
    Outcome outcome = AppendSequence(body, d, out);
    if (outcome == Outcome::Decoded) {
      text.remove_prefix(close + 1);
      continue;
    }
    // Kept as it is; its closing character may open the next one, unless it surely was a sequence.
    bool sequence = outcome == Outcome::Charset || LooksLikeSequence(body);
    (outcome == Outcome::Charset ? notes.charset : sequence ? notes.unknown : notes.unmatched) = true;
    out.push_back(d.escape);
    out.append(body);
    if (sequence) out.push_back(d.escape);
    text.remove_prefix(close + (sequence ? 1 : 0));
  }
}

void AppendEscaped(std::string_view text, const Delimiters& d, std::string& out) {
  if (d.escape == 0) {
    out.append(text);
    return;
  }
  auto sequence = [&](std::string_view body) {
    out.push_back(d.escape);
    out.append(body);
    out.push_back(d.escape);
  };
  for (std::size_t i = 0; i < text.size(); ++i) {
    char c = text[i];
    if (c == 0) continue;
    if (c == d.field) sequence("F");
    else if (c == d.component) sequence("S");
    else if (c == d.subcomponent) sequence("T");
    else if (c == d.repetition) sequence("R");
    else if (c == d.escape) sequence("E");
    else if (c == '\r') sequence("X0D");
    else if (c == '\n') sequence("X0A");
    else if (d.repetition_is_u02dc && text.substr(i).starts_with(kSmallTilde)) sequence("XCB9C"), ++i;
    else out.push_back(c);
  }
}

}  // namespace passerelle::hl7v2
