#include "profiles/validator/primitives.h"

#include <algorithm>
#include <array>
#include <cstring>

#include "profiles/validator/rules.h"

namespace passerelle::validator {
namespace {

constexpr std::size_t kStringBytesMax = 1'048'576;

bool IsDigit(char c) { return c >= '0' && c <= '9'; }
bool IsLetter(char c) { return (c | 0x20) >= 'a' && (c | 0x20) <= 'z'; }
bool IsSpace(char c) { return c == ' ' || c == '\t' || c == '\r' || c == '\n'; }

// Whether a byte is less than `limit` (at most 0x80), eight at a time.
template <unsigned char limit>
bool HasByteBelow(std::string_view text) {
  constexpr std::uint64_t kOnes = 0x0101010101010101u, kHigh = kOnes * 0x80;
  const char* at = text.data();
  std::size_t left = text.size();
  for (; left >= 8; at += 8, left -= 8) {
    std::uint64_t block;
    std::memcpy(&block, at, 8);
    if (((block - kOnes * limit) & ~block & kHigh) != 0) return true;
  }
  for (; left > 0; ++at, --left)
    if (static_cast<unsigned char>(*at) < limit) return true;
  return false;
}

bool HasSpace(std::string_view text) {
  return HasByteBelow<0x21>(text) && std::any_of(text.begin(), text.end(), IsSpace);
}

// Reads `count` digits from the front of `text` into `value`.
bool TakeNumber(std::string_view& text, std::size_t count, int& value) {
  if (text.size() < count) return false;
  value = 0;
  for (std::size_t i = 0; i < count; ++i) {
    if (!IsDigit(text[i])) return false;
    value = value * 10 + (text[i] - '0');
  }
  text.remove_prefix(count);
  return true;
}

bool TakeChar(std::string_view& text, char c) {
  if (text.empty() || text.front() != c) return false;
  text.remove_prefix(1);
  return true;
}

int DaysOf(int year, int month) {
  constexpr std::array<int, 12> kDays = {31, 28, 31, 30, 31, 30, 31, 31, 30, 31, 30, 31};
  bool leap = (year % 4 == 0 && year % 100 != 0) || year % 400 == 0;
  return kDays[static_cast<std::size_t>(month - 1)] + (month == 2 && leap ? 1 : 0);
}

// Takes YYYY[-MM[-DD]]; gives how many of the three stood there, 0 when it is no date.
int TakeDate(std::string_view& text) {
  int year = 0, month = 0, day = 0;
  if (!TakeNumber(text, 4, year) || year == 0) return 0;
  if (!TakeChar(text, '-')) return 1;
  if (!TakeNumber(text, 2, month) || month < 1 || month > 12) return 0;
  if (!TakeChar(text, '-')) return 2;
  if (!TakeNumber(text, 2, day) || day < 1 || day > DaysOf(year, month)) return 0;
  return 3;
}

bool TakeTime(std::string_view& text) {
  int hour = 0, minute = 0, second = 0;
  if (!TakeNumber(text, 2, hour) || hour > 23 || !TakeChar(text, ':')) return false;
  if (!TakeNumber(text, 2, minute) || minute > 59 || !TakeChar(text, ':')) return false;
  if (!TakeNumber(text, 2, second) || second > 60) return false;
  if (!TakeChar(text, '.')) return true;
  std::size_t digits = 0;
  while (digits < text.size() && IsDigit(text[digits])) ++digits;
  text.remove_prefix(digits);
  return digits > 0;
}

bool TakeZone(std::string_view& text) {
  if (TakeChar(text, 'Z')) return true;
  if (!TakeChar(text, '+') && !TakeChar(text, '-')) return false;
  int hour = 0, minute = 0;
  return TakeNumber(text, 2, hour) && hour <= 14 && TakeChar(text, ':') && TakeNumber(text, 2, minute) &&
         minute <= 59 && (hour < 14 || minute == 0);
}

const RuleInfo* CheckDateTime(std::string_view text, bool whole) {
  std::string_view rest = text;
  int parts = TakeDate(rest);
  if (parts == 0 || (whole && parts != 3)) return &rules::DateMalformed;
  if (rest.empty()) return whole ? &rules::DateMalformed : nullptr;
  if (parts != 3 || !TakeChar(rest, 'T') || !TakeTime(rest)) return &rules::DateMalformed;
  if (rest.empty()) return &rules::DateWithoutZone;
  return TakeZone(rest) && rest.empty() ? nullptr : &rules::DateMalformed;
}

bool IsInteger(std::string_view text) {
  if (!text.empty() && (text.front() == '-' || text.front() == '+')) text.remove_prefix(1);
  if (text.empty() || text.size() > 10 || (text.size() > 1 && text.front() == '0')) return false;
  return std::all_of(text.begin(), text.end(), IsDigit);
}

const RuleInfo* CheckInteger(std::string_view text, long long least) {
  if (!IsInteger(text)) return &rules::IntegerMalformed;
  bool negative = text.front() == '-';
  long long value = 0;
  for (char c : text.substr(IsDigit(text.front()) ? 0 : 1)) value = value * 10 + (c - '0');
  if (negative) value = -value;
  return value < least || value > 2'147'483'647 || value < -2'147'483'648ll ? &rules::IntegerOutOfRange
                                                                            : nullptr;
}

std::size_t TakeDigits(std::string_view& text) {
  std::size_t count = 0;
  while (count < text.size() && IsDigit(text[count])) ++count;
  text.remove_prefix(count);
  return count;
}

const RuleInfo* CheckDecimal(std::string_view text) {
  TakeChar(text, '-');
  bool zero_first = text.size() > 1 && text[0] == '0' && IsDigit(text[1]);
  if (zero_first || TakeDigits(text) == 0) return &rules::DecimalMalformed;
  if (TakeChar(text, '.') && TakeDigits(text) == 0) return &rules::DecimalMalformed;
  if (TakeChar(text, 'e') || TakeChar(text, 'E')) {
    if (!TakeChar(text, '+')) TakeChar(text, '-');
    if (TakeDigits(text) == 0) return &rules::DecimalMalformed;
  }
  return text.empty() ? nullptr : &rules::DecimalMalformed;
}

enum class Base64Byte : std::uint8_t { Other, Letter, Padding, Space };
constexpr std::array<Base64Byte, 256> kBase64 = [] {
  std::array<Base64Byte, 256> table{};
  for (char c : std::string_view("ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/"))
    table[static_cast<unsigned char>(c)] = Base64Byte::Letter;
  for (char c : std::string_view(" \t\r\n")) table[static_cast<unsigned char>(c)] = Base64Byte::Space;
  table['='] = Base64Byte::Padding;
  return table;
}();

// Whether a block is all letters, digits, '+' or '/': in a form that compiles to vectors.
constexpr std::size_t kBase64Block = 16;
bool AllBase64Letters(const char* at) {
  auto within = [](int byte, int low, int high) {
    return static_cast<unsigned char>(static_cast<unsigned char>(byte - low) <= high - low);
  };
  unsigned char other = 0;
  for (std::size_t i = 0; i < kBase64Block; ++i) {
    const auto c = static_cast<unsigned char>(at[i]);
    other |= static_cast<unsigned char>(
        1 ^ (within(c | 0x20, 'a', 'z') | within(c, '/', '9') | within(c, '+', '+')));
  }
  return other == 0;
}

const RuleInfo* CheckBase64(std::string_view text) {
  std::size_t significant = 0, padding = 0;
  while (!text.empty()) {
    std::string_view block = text.substr(0, kBase64Block);
    text.remove_prefix(block.size());
    if (padding == 0 && block.size() == kBase64Block && AllBase64Letters(block.data())) {
      significant += kBase64Block;
      continue;
    }
    for (char c : block) {
      Base64Byte here = kBase64[static_cast<unsigned char>(c)];
      bool wrong = here == Base64Byte::Other || (here == Base64Byte::Letter && padding > 0);
      if (wrong) return &rules::Base64Malformed;
      padding += here == Base64Byte::Padding;
      significant += here != Base64Byte::Space;
    }
  }
  return significant % 4 == 0 && padding <= 2 ? nullptr : &rules::Base64Malformed;
}

// Tokens separated by single spaces (R4: [^\s]+(\s[^\s]+)*).
const RuleInfo* CheckCode(std::string_view text) {
  if (!HasByteBelow<0x21>(text)) return nullptr;
  bool space = true;
  for (char c : text) {
    bool here = IsSpace(c);
    if (here && space) return &rules::CodeWhiteSpace;
    space = here;
  }
  return space ? &rules::CodeWhiteSpace : nullptr;
}

const RuleInfo* CheckUri(std::string_view text) {
  if (HasSpace(text)) return &rules::UriWhiteSpace;
  if (text.starts_with("oid:")) return &rules::UriOidPrefix;
  if (text.starts_with("uuid:")) return &rules::UriUuidPrefix;
  if (text.starts_with("urn:oid:") && !IsOid(text.substr(8))) return &rules::OidMalformed;
  if (text.starts_with("urn:uuid:") && !IsUuid(text.substr(9, text.find('#') - 9)))
    return &rules::UuidMalformed;
  return nullptr;
}

const RuleInfo* CheckString(std::string_view text) {
  if (text.size() > kStringBytesMax) return &rules::StringTooLong;
  // Control characters are few: one look at all bytes, a second only where there is one.
  if (HasByteBelow<0x20>(text) && std::any_of(text.begin(), text.end(), [](char c) {
        return static_cast<unsigned char>(c) < 0x20 && !IsSpace(c);
      }))
    return &rules::StringControl;
  bool blank = IsSpace(text.front()) && std::all_of(text.begin(), text.end(), IsSpace);
  return blank ? &rules::ValueBlank : nullptr;
}

struct Row {
  std::string_view type;
  Primitive primitive;
};
constexpr Row kTypes[] = {{"string", Primitive::String},
                          {"code", Primitive::Code},
                          {"uri", Primitive::Uri},
                          {"id", Primitive::Id},
                          {"boolean", Primitive::Boolean},
                          {"dateTime", Primitive::DateTime},
                          {"decimal", Primitive::Decimal},
                          {"canonical", Primitive::Canonical},
                          {"markdown", Primitive::Markdown},
                          {"integer", Primitive::Integer},
                          {"date", Primitive::Date},
                          {"positiveInt", Primitive::PositiveInt},
                          {"unsignedInt", Primitive::UnsignedInt},
                          {"instant", Primitive::Instant},
                          {"url", Primitive::Url},
                          {"base64Binary", Primitive::Base64Binary},
                          {"time", Primitive::Time},
                          {"oid", Primitive::Oid},
                          {"uuid", Primitive::Uuid},
                          {"xhtml", Primitive::Xhtml}};

}  // namespace

Primitive PrimitiveOf(std::string_view type) {
  for (const auto& row : kTypes)
    if (row.type == type) return row.primitive;
  return Primitive::None;
}

bool IsDate(std::string_view text) { return TakeDate(text) != 0 && text.empty(); }
bool IsTime(std::string_view text) { return TakeTime(text) && text.empty(); }

bool IsResourceId(std::string_view text) {
  return !text.empty() && text.size() <= 64 && std::all_of(text.begin(), text.end(), [](char c) {
    return IsLetter(c) || IsDigit(c) || c == '-' || c == '.';
  });
}

bool IsOid(std::string_view text) {
  if (text.size() < 3 || text[0] < '0' || text[0] > '2' || text[1] != '.') return false;
  char before = '.';
  for (std::size_t i = 2; i < text.size(); ++i) {
    char c = text[i];
    bool leading_zero = c == '0' && before == '.' && i + 1 < text.size() && IsDigit(text[i + 1]);
    if (leading_zero || !(IsDigit(c) || (c == '.' && before != '.'))) return false;
    before = c;
  }
  return before != '.';
}

bool IsUuid(std::string_view text) {
  if (text.size() != 36) return false;
  for (std::size_t i = 0; i < text.size(); ++i) {
    bool dash = i == 8 || i == 13 || i == 18 || i == 23;
    bool hex = IsDigit(text[i]) || (text[i] >= 'a' && text[i] <= 'f');
    if (dash ? text[i] != '-' : !hex) return false;
  }
  return true;
}

bool IsAbsoluteUri(std::string_view text) {
  auto colon = text.find(':');
  if (colon == text.npos || colon == 0 || !IsLetter(text[0])) return false;
  return std::all_of(text.begin(), text.begin() + static_cast<std::ptrdiff_t>(colon),
                     [](char c) { return IsLetter(c) || IsDigit(c) || c == '+' || c == '-' || c == '.'; });
}

bool IsExampleUrl(std::string_view text) {
  constexpr std::string_view kHosts[] = {"example.org", "example.com", "acme.com", "acme.org", "nema.org"};
  return std::any_of(std::begin(kHosts), std::end(kHosts),
                     [&](auto host) { return text.find(host) != text.npos; });
}

const RuleInfo* CheckLexical(Primitive type, std::string_view text) {
  if (text.empty()) return &rules::ValueEmpty;
  switch (type) {
    case Primitive::None: return nullptr;
    case Primitive::Base64Binary: return CheckBase64(text);
    case Primitive::Boolean: return text == "true" || text == "false" ? nullptr : &rules::BooleanMalformed;
    case Primitive::Code: return CheckCode(text);
    case Primitive::Date: return IsDate(text) ? nullptr : &rules::DateMalformed;
    case Primitive::DateTime: return CheckDateTime(text, false);
    case Primitive::Instant: return CheckDateTime(text, true);
    case Primitive::Decimal: return CheckDecimal(text);
    case Primitive::Id: return IsResourceId(text) ? nullptr : &rules::IdMalformed;
    case Primitive::Integer: return CheckInteger(text, -2'147'483'648ll);
    case Primitive::UnsignedInt: return CheckInteger(text, 0);
    case Primitive::PositiveInt: return CheckInteger(text, 1);
    case Primitive::Oid:
      return text.starts_with("urn:oid:") && IsOid(text.substr(8)) ? nullptr : &rules::OidMalformed;
    case Primitive::Uuid:
      return text.starts_with("urn:uuid:") && IsUuid(text.substr(9)) ? nullptr : &rules::UuidMalformed;
    case Primitive::Time: return IsTime(text) ? nullptr : &rules::TimeMalformed;
    case Primitive::Canonical:
    case Primitive::Uri:
    case Primitive::Url: return CheckUri(text);
    case Primitive::String:
    case Primitive::Markdown: return CheckString(text);
    case Primitive::Xhtml: return nullptr;  // narrative.cpp
  }
  return nullptr;
}

const RuleInfo* CheckPlausible(Primitive type, std::string_view text) {
  if (text.empty()) return nullptr;
  if (type == Primitive::String) {
    bool around = IsSpace(text.front()) || IsSpace(text.back());
    return around ? &rules::StringWhiteSpace : nullptr;
  }
  if (type == Primitive::Date || type == Primitive::DateTime || type == Primitive::Instant) {
    std::string_view year = text.substr(0, 4);
    return year < "1800" || year > "2100" ? &rules::YearUnlikely : nullptr;
  }
  return nullptr;
}

}  // namespace passerelle::validator
