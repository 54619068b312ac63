// Strings (N1, 5.6). Positions count characters, not bytes.

#include <re2/re2.h>

#include <algorithm>
#include <array>
#include <optional>
#include <string>

#include "fhir_model/base/digest.h"
#include "fhir_model/path/functions.h"
#include "fhir_model/path/lexer.h"

namespace passerelle::path::functions {
namespace {

using Size = std::size_t;
using MaybeText = std::optional<std::string_view>;

constexpr Size kTextMax = 64u << 20;

// The input as text; nothing (and an empty result) where there is none.
bool Input(Evaluation& run, Size base, MaybeText& out) {
  std::optional<Item> item;
  out.reset();
  if (!run.Single(base, item)) return false;
  run.Clear(base);
  if (!item) return true;
  if (item->kind != ItemKind::String) return run.Execution("a text function of what is no text");
  out = item->text;
  return true;
}

// The input and the first `count` arguments; `whole` is false if any of them is empty.
template <Size count>
bool Inputs(Evaluation& run, const Op& op, const Context& context, Size base,
            std::array<std::string_view, count>& out, bool& whole) {
  MaybeText text;
  if (!Input(run, base, text)) return false;
  whole = text.has_value();
  out[0] = text.value_or("");
  for (Size i = 1; i < count; ++i) {
    if (!run.TextArgument(op, i - 1, context, text)) return false;
    whole = whole && text.has_value();
    out[i] = text.value_or("");
  }
  return true;
}

bool IsContinuation(char c) { return (static_cast<unsigned char>(c) & 0xC0) == 0x80; }

Size CountCharacters(std::string_view text) {
  return static_cast<Size>(
      std::count_if(text.begin(), text.end(), [](char c) { return !IsContinuation(c); }));
}

// Byte offset of character `index`, at most the end.
Size OffsetOf(std::string_view text, Size index) {
  Size at = 0;
  while (at < text.size() && (index > 0 || IsContinuation(text[at]))) {
    if (!IsContinuation(text[at])) --index;
    ++at;
    if (index == 0) {
      while (at < text.size() && IsContinuation(text[at])) ++at;
      break;
    }
  }
  return at;
}

struct Named {
  char character;
  std::string_view name;
};
constexpr std::array<Named, 5> kHtml = {
    {{'<', "&lt;"}, {'>', "&gt;"}, {'&', "&amp;"}, {'"', "&quot;"}, {'\'', "&#39;"}}};
constexpr std::array<Named, 7> kJson = {{{'"', "\\\""},
                                         {'\\', "\\\\"},
                                         {'\b', "\\b"},
                                         {'\f', "\\f"},
                                         {'\n', "\\n"},
                                         {'\r', "\\r"},
                                         {'\t', "\\t"}}};

template <Size count>
std::string Escaped(std::string_view text, const std::array<Named, count>& names) {
  std::string out;
  for (char c : text) {
    auto name = std::find_if(names.begin(), names.end(), [&](const Named& n) { return n.character == c; });
    if (name == names.end())
      out += c;
    else
      out += name->name;
  }
  return out;
}

template <Size count>
std::string Unescaped(std::string_view text, const std::array<Named, count>& names) {
  std::string out;
  for (Size i = 0; i < text.size();) {
    auto name = std::find_if(names.begin(), names.end(),
                             [&](const Named& n) { return text.substr(i).starts_with(n.name); });
    out += name == names.end() ? text[i] : name->character;
    i += name == names.end() ? 1 : name->name.size();
  }
  return out;
}

std::string ReplaceChars(std::string text, std::string_view from, std::string_view to) {
  for (char& c : text)
    if (auto which = from.find(c); which != from.npos) c = to[which];
  return text;
}

std::optional<std::string> FromHex(std::string_view text) {
  auto digit = [](char c) {
    return c >= '0' && c <= '9'                     ? c - '0'
           : (c | 0x20) >= 'a' && (c | 0x20) <= 'f' ? (c | 0x20) - 'a' + 10
                                                    : -1;
  };
  if (text.size() % 2 != 0) return std::nullopt;
  std::string out;
  for (Size i = 0; i < text.size(); i += 2) {
    int high = digit(text[i]), low = digit(text[i + 1]);
    if (high < 0 || low < 0) return std::nullopt;
    out += static_cast<char>(high * 16 + low);
  }
  return out;
}

std::string MapAscii(std::string_view text, char from, char to, int by) {
  std::string out(text);
  for (char& c : out)
    if (c >= from && c <= to) c = static_cast<char>(c + by);
  return out;
}

// Latin-1 and the like: the letters of European names whose other case is a fixed step away (U+00E0..U+00FE).
std::string ChangeCase(std::string_view text, bool upper) {
  std::string out = upper ? MapAscii(text, 'a', 'z', -32) : MapAscii(text, 'A', 'Z', 32);
  for (Size i = 0; i + 1 < out.size(); ++i) {
    if (static_cast<unsigned char>(out[i]) != 0xC3) continue;
    auto low = static_cast<unsigned char>(out[i + 1]);
    if (upper && low >= 0xA0 && low <= 0xBE && low != 0xB7) out[i + 1] = static_cast<char>(low - 0x20);
    if (!upper && low >= 0x80 && low <= 0x9E && low != 0x97) out[i + 1] = static_cast<char>(low + 0x20);
  }
  return out;
}

bool FindPattern(Evaluation& run, const Op& op, const Context& context, Size base, bool full) {
  std::array<std::string_view, 2> texts;
  bool whole = false;
  MaybeText flags;
  if (!Inputs(run, op, context, base, texts, whole) || !run.TextArgument(op, 1, context, flags)) return false;
  if (!whole) return true;
  const re2::RE2* pattern = run.Pattern(run.IndexOf(op), texts[1], flags.value_or(""));
  if (pattern == nullptr) return run.Execution("a pattern that is none");
  if (!run.Spend(texts[0].size() / 64)) return false;
  re2::StringPiece text(texts[0].data(), texts[0].size());
  return run.Push(full ? re2::RE2::FullMatch(text, *pattern) : re2::RE2::PartialMatch(text, *pattern));
}

}  // namespace

bool IndexOf(Evaluation& run, const Op& op, const Context& context, Size base) {
  std::array<std::string_view, 2> texts;
  bool whole = false;
  if (!Inputs(run, op, context, base, texts, whole)) return false;
  if (!whole) return true;
  Size at = texts[0].find(texts[1]);
  return run.Push(at == texts[0].npos ? std::int64_t{-1}
                                      : static_cast<std::int64_t>(CountCharacters(texts[0].substr(0, at))));
}

bool LastIndexOf(Evaluation& run, const Op& op, const Context& context, Size base) {
  std::array<std::string_view, 2> texts;
  bool whole = false;
  if (!Inputs(run, op, context, base, texts, whole)) return false;
  if (!whole) return true;
  Size at = texts[0].rfind(texts[1]);
  return run.Push(at == texts[0].npos ? std::int64_t{-1}
                                      : static_cast<std::int64_t>(CountCharacters(texts[0].substr(0, at))));
}

bool Substring(Evaluation& run, const Op& op, const Context& context, Size base) {
  MaybeText text;
  std::optional<std::int64_t> start, length;
  if (!Input(run, base, text) || !run.IntegerArgument(op, 0, context, start) ||
      !run.IntegerArgument(op, 1, context, length))
    return false;
  if (!text || !start || *start < 0) return true;
  Size begin = OffsetOf(*text, static_cast<Size>(*start));
  if (begin >= text->size()) return true;
  std::string_view rest = text->substr(begin);
  if (length)
    rest = *length <= 0 ? rest.substr(0, 0) : rest.substr(0, OffsetOf(rest, static_cast<Size>(*length)));
  return run.Push(Item::Of(rest));
}

bool StartsWith(Evaluation& run, const Op& op, const Context& context, Size base) {
  std::array<std::string_view, 2> texts;
  bool whole = false;
  return Inputs(run, op, context, base, texts, whole) && (!whole || run.Push(texts[0].starts_with(texts[1])));
}
bool EndsWith(Evaluation& run, const Op& op, const Context& context, Size base) {
  std::array<std::string_view, 2> texts;
  bool whole = false;
  return Inputs(run, op, context, base, texts, whole) && (!whole || run.Push(texts[0].ends_with(texts[1])));
}
bool Contains(Evaluation& run, const Op& op, const Context& context, Size base) {
  std::array<std::string_view, 2> texts;
  bool whole = false;
  return Inputs(run, op, context, base, texts, whole) &&
         (!whole || run.Push(texts[0].find(texts[1]) != std::string_view::npos));
}

bool Upper(Evaluation& run, const Op&, const Context&, Size base) {
  MaybeText text;
  return Input(run, base, text) && (!text || run.PushText(ChangeCase(*text, true)));
}
bool Lower(Evaluation& run, const Op&, const Context&, Size base) {
  MaybeText text;
  return Input(run, base, text) && (!text || run.PushText(ChangeCase(*text, false)));
}

bool Replace(Evaluation& run, const Op& op, const Context& context, Size base) {
  std::array<std::string_view, 3> texts;
  bool whole = false;
  if (!Inputs(run, op, context, base, texts, whole)) return false;
  if (!whole) return true;
  auto [text, pattern, by] = texts;
  std::string out;
  for (Size at = 0; at <= text.size();) {
    // An empty pattern stands between all characters.
    bool hit = pattern.empty() ? at == text.size() || !IsContinuation(text[at])
                               : text.substr(at).starts_with(pattern);
    if (hit) out += by;
    if (hit && !pattern.empty()) {
      at += pattern.size();
    } else {
      if (at < text.size()) out += text[at];
      ++at;
    }
    if (out.size() > kTextMax) return run.Execution("a text that is too long");
  }
  return run.PushText(out);
}

bool Matches(Evaluation& run, const Op& op, const Context& context, Size base) {
  return FindPattern(run, op, context, base, false);
}
bool MatchesFull(Evaluation& run, const Op& op, const Context& context, Size base) {
  return FindPattern(run, op, context, base, true);
}

bool ReplaceMatches(Evaluation& run, const Op& op, const Context& context, Size base) {
  std::array<std::string_view, 3> texts;
  bool whole = false;
  MaybeText flags;
  if (!Inputs(run, op, context, base, texts, whole) || !run.TextArgument(op, 2, context, flags)) return false;
  if (!whole) return true;
  if (texts[1].empty()) return run.Push(Item::Of(texts[0]));
  const re2::RE2* pattern = run.Pattern(run.IndexOf(op), texts[1], flags.value_or(""));
  if (pattern == nullptr) return run.Execution("a pattern that is none");
  // "$1" and "${name}" as FHIRPath writes groups, "\1" as RE2 does.
  std::string by;
  for (Size i = 0; i < texts[2].size(); ++i) {
    char c = texts[2][i];
    bool group = c == '$' && i + 1 < texts[2].size() && texts[2][i + 1] >= '0' && texts[2][i + 1] <= '9';
    by += group || c == '\\' ? '\\' : c;
    if (c == '\\') by += '\\';
  }
  std::string text(texts[0]);
  if (!run.Spend(text.size() / 16)) return false;
  re2::RE2::GlobalReplace(&text, *pattern, by);
  return text.size() <= kTextMax ? run.PushText(text) : run.Execution("a text that is too long");
}

bool Length(Evaluation& run, const Op&, const Context&, Size base) {
  MaybeText text;
  return Input(run, base, text) && (!text || run.Push(static_cast<std::int64_t>(CountCharacters(*text))));
}

bool ToChars(Evaluation& run, const Op&, const Context&, Size base) {
  MaybeText text;
  if (!Input(run, base, text)) return false;
  for (Size at = 0; text && at < text->size();) {
    Size size = OffsetOf(text->substr(at), 1);
    if (!run.Push(Item::Of(text->substr(at, size)))) return false;
    at += size;
  }
  return true;
}

bool Trim(Evaluation& run, const Op&, const Context&, Size base) {
  MaybeText text;
  if (!Input(run, base, text)) return false;
  if (!text) return true;
  constexpr std::string_view kBlanks = " \t\r\n\f\v";
  auto first = text->find_first_not_of(kBlanks), last = text->find_last_not_of(kBlanks);
  return run.Push(
      Item::Of(first == text->npos ? std::string_view("", 0) : text->substr(first, last - first + 1)));
}

bool Split(Evaluation& run, const Op& op, const Context& context, Size base) {
  std::array<std::string_view, 2> texts;
  bool whole = false;
  if (!Inputs(run, op, context, base, texts, whole)) return false;
  if (!whole) return true;
  auto [text, separator] = texts;
  if (separator.empty()) return run.Push(Item::Of(text)) && ToChars(run, op, context, base);
  while (true) {
    Size at = text.find(separator);
    if (!run.Push(Item::Of(text.substr(0, at)))) return false;
    if (at == text.npos) return true;
    text.remove_prefix(at + separator.size());
  }
}

bool Join(Evaluation& run, const Op& op, const Context& context, Size base) {
  MaybeText separator;
  if (!run.TextArgument(op, 0, context, separator)) return false;
  if (run.stack.size() == base) return true;
  std::string out;
  for (Size i = base; i < run.stack.size(); ++i) {
    Item value = run.Value(run.stack[i]);
    if (value.kind != ItemKind::String) return run.Execution("join() of what is no text");
    if (i != base) out += separator.value_or("");
    out += value.text;
  }
  return run.Clear(base) && run.PushText(out);
}

bool Encode(Evaluation& run, const Op& op, const Context& context, Size base) {
  std::array<std::string_view, 2> texts;
  bool whole = false;
  if (!Inputs(run, op, context, base, texts, whole)) return false;
  if (!whole) return true;
  if (texts[1] == "hex") return run.PushText(Hex(texts[0]));
  if (texts[1] == "base64") return run.PushText(EncodeBase64(texts[0]));
  if (texts[1] == "urlbase64") return run.PushText(ReplaceChars(EncodeBase64(texts[0]), "+/", "-_"));
  return run.Execution("an encoding that is not known");
}

bool Decode(Evaluation& run, const Op& op, const Context& context, Size base) {
  std::array<std::string_view, 2> texts;
  bool whole = false;
  if (!Inputs(run, op, context, base, texts, whole)) return false;
  if (!whole) return true;
  std::optional<std::string> out;
  if (texts[1] == "hex") {
    out = FromHex(texts[0]);
  } else if (texts[1] == "base64" || texts[1] == "urlbase64") {
    auto decoded = DecodeBase64(ReplaceChars(std::string(texts[0]), "-_", "+/"));
    if (decoded) out = *std::move(decoded);
  } else {
    return run.Execution("an encoding that is not known");
  }
  if (!out || FindInvalidUtf8(*out)) return true;
  return run.PushText(*out);
}

bool Escape(Evaluation& run, const Op& op, const Context& context, Size base) {
  std::array<std::string_view, 2> texts;
  bool whole = false;
  if (!Inputs(run, op, context, base, texts, whole)) return false;
  if (!whole) return true;
  if (texts[1] == "html") return run.PushText(Escaped(texts[0], kHtml));
  if (texts[1] == "json") return run.PushText(Escaped(texts[0], kJson));
  return run.Execution("an escape that is not known");
}

bool Unescape(Evaluation& run, const Op& op, const Context& context, Size base) {
  std::array<std::string_view, 2> texts;
  bool whole = false;
  if (!Inputs(run, op, context, base, texts, whole)) return false;
  if (!whole) return true;
  if (texts[1] == "html") return run.PushText(Unescaped(texts[0], kHtml));
  if (texts[1] == "json") return run.PushText(Unescaped(texts[0], kJson));
  return run.Execution("an escape that is not known");
}

}  // namespace passerelle::path::functions
