#include "mappers/hl7v2/charset.h"

#include <cstring>

#include "fhir_model/base/digest.h"
#include "fhir_model/base/western.h"

namespace passerelle::hl7v2 {
namespace {

struct Alias {
  std::string_view name;  // capitals and digits only
  Charset charset;
};

constexpr Alias kAliases[] = {
    {"UNICODEUTF8", Charset::Utf8},        {"UTF8", Charset::Utf8},
    {"UNICODE", Charset::Utf8},            {"ASCII", Charset::Utf8},
    {"USASCII", Charset::Utf8},            {"ISOIR6", Charset::Utf8},
    {"88591", Charset::Latin1},            {"ISO88591", Charset::Latin1},
    {"LATIN1", Charset::Latin1},           {"ISOIR100", Charset::Latin1},
    {"885915", Charset::Latin9},           {"ISO885915", Charset::Latin9},
    {"LATIN9", Charset::Latin9},           {"WINDOWS1252", Charset::Windows1252},
    {"CP1252", Charset::Windows1252},      {"1252", Charset::Windows1252},
    {"ANSI", Charset::Windows1252},        {"UTF16", Charset::Utf16Be},
    {"UNICODEUTF16", Charset::Utf16Be},    {"UTF16BE", Charset::Utf16Be},
    {"UNICODEUTF16BE", Charset::Utf16Be},  {"UTF16LE", Charset::Utf16Le},
    {"UNICODEUTF16LE", Charset::Utf16Le},
};

const HighHalf& HalfOf(Charset charset) { return charset == Charset::Latin9 ? kWesternEuro : kWestern; }

void AppendSingleBytes(std::string_view bytes, const HighHalf& half, std::string& out) {
  for (char c : bytes) {
    auto byte = static_cast<std::uint8_t>(c);
    if (byte < 0x80) out.push_back(c);
    else AppendUtf8(half[byte - 128u], out);
  }
}

std::size_t AppendLenientUtf8(std::string_view bytes, std::string& out) {
  std::size_t wrong = 0;
  while (auto bad = FindInvalidUtf8(bytes)) {
    out.append(bytes.substr(0, *bad));
    AppendSingleBytes(bytes.substr(*bad, 1), kWestern, out);
    bytes.remove_prefix(*bad + 1);
    ++wrong;
  }
  out.append(bytes);
  return wrong;
}

std::size_t AppendUtf16(std::string_view bytes, bool big_endian, std::string& out) {
  std::size_t wrong = bytes.size() % 2;
  auto unit = [&](std::size_t i) {
    auto a = static_cast<std::uint8_t>(bytes[i]), b = static_cast<std::uint8_t>(bytes[i + 1]);
    return static_cast<std::uint32_t>(big_endian ? a << 8 | b : b << 8 | a);
  };
  for (std::size_t i = 0; i + 1 < bytes.size(); i += 2) {
    std::uint32_t code_point = unit(i);
    if (i == 0 && code_point == 0xFEFF) continue;
    if (code_point >= 0xD800 && code_point < 0xDC00 && i + 3 < bytes.size()) {
      std::uint32_t low = unit(i + 2);
      if (low >= 0xDC00 && low < 0xE000) {
        code_point = 0x10000 + ((code_point - 0xD800) << 10) + (low - 0xDC00);
        i += 2;
      }
    }
    if (code_point >= 0xD800 && code_point < 0xE000) code_point = 0xFFFD, ++wrong;
    AppendUtf8(code_point, out);
  }
  return wrong;
}

// The code point at the front of well-formed UTF-8, which it takes off.
std::uint32_t TakeCodePoint(std::string_view& utf8) {
  auto first = static_cast<std::uint8_t>(utf8[0]);
  std::size_t length = first < 0x80 ? 1 : first < 0xE0 ? 2 : first < 0xF0 ? 3 : 4;
  if (length > utf8.size()) length = utf8.size();
  std::uint32_t code_point = length == 1 ? first : first & (0xFFu >> (length + 1));
  for (std::size_t i = 1; i < length; ++i)
    code_point = code_point << 6 | (static_cast<std::uint8_t>(utf8[i]) & 0x3Fu);
  utf8.remove_prefix(length);
  return code_point;
}

char ByteOf(std::uint32_t code_point, const HighHalf& half) {
  if (code_point < 0x80) return static_cast<char>(code_point);
  for (std::size_t i = 0; i < half.size(); ++i)
    if (half[i] == code_point) return static_cast<char>(i + 128);
  return '?';
}

void AppendUnit(std::uint32_t unit, bool big_endian, std::string& out) {
  char high = static_cast<char>(unit >> 8), low = static_cast<char>(unit & 0xFF);
  out.push_back(big_endian ? high : low);
  out.push_back(big_endian ? low : high);
}

}  // namespace

std::optional<Charset> CharsetNamed(std::string_view name) {
  std::string plain;
  for (char c : name.substr(0, 64)) {
    if (c >= 'a' && c <= 'z') plain.push_back(static_cast<char>(c - 'a' + 'A'));
    else if ((c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9')) plain.push_back(c);
  }
  for (const Alias& alias : kAliases)
    if (alias.name == plain) return alias.charset;
  return std::nullopt;
}

std::string_view CharsetName(Charset charset) {
  switch (charset) {
    case Charset::Utf8: return "UNICODE UTF-8";
    case Charset::Latin1: return "8859/1";
    case Charset::Latin9: return "8859/15";
    case Charset::Windows1252: return "WINDOWS-1252";
    case Charset::Utf16Le:
    case Charset::Utf16Be: return "UNICODE UTF-16";
  }
  return {};
}

bool IsAscii(std::string_view bytes) {
  const char* at = bytes.data();
  std::size_t left = bytes.size();
  for (; left >= 32; at += 32, left -= 32) {
    std::uint64_t words[4];
    std::memcpy(words, at, sizeof words);
    if ((words[0] | words[1] | words[2] | words[3]) & 0x8080808080808080u) return false;
  }
  for (; left > 0; ++at, --left)
    if (static_cast<signed char>(*at) < 0) return false;
  return true;
}

std::size_t AppendAsUtf8(std::string_view bytes, Charset charset, std::string& out) {
  out.reserve(out.size() + bytes.size() + bytes.size() / 8);
  switch (charset) {
    case Charset::Utf8: return AppendLenientUtf8(bytes, out);
    case Charset::Latin1:
    case Charset::Latin9:
    case Charset::Windows1252: AppendSingleBytes(bytes, HalfOf(charset), out); return 0;
    case Charset::Utf16Le:
    case Charset::Utf16Be: return AppendUtf16(bytes, charset == Charset::Utf16Be, out);
  }
  return 0;
}

std::string EncodeText(std::string_view utf8, Charset charset) {
  if (charset == Charset::Utf8) return std::string(utf8);
  std::string out;
  out.reserve(utf8.size() * 2);
  bool big_endian = charset == Charset::Utf16Be;
  bool wide = big_endian || charset == Charset::Utf16Le;
  while (!utf8.empty()) {
    std::uint32_t code_point = TakeCodePoint(utf8);
    if (!wide) {
      out.push_back(ByteOf(code_point, HalfOf(charset)));
    } else if (code_point < 0x10000) {
      AppendUnit(code_point, big_endian, out);
    } else {
      AppendUnit(0xD800 + ((code_point - 0x10000) >> 10), big_endian, out);
      AppendUnit(0xDC00 + ((code_point - 0x10000) & 0x3FF), big_endian, out);
    }
  }
  return out;
}

std::optional<Charset> DetectUtf16(std::string_view bytes) {
  if (bytes.size() < 4) return std::nullopt;
  auto head = bytes.substr(0, 4);
  if (head.starts_with("\xFF\xFE")) return Charset::Utf16Le;
  if (head.starts_with("\xFE\xFF")) return Charset::Utf16Be;
  if (head[0] != 0 && head[1] == 0 && head[2] != 0 && head[3] == 0) return Charset::Utf16Le;
  if (head[0] == 0 && head[1] != 0 && head[2] == 0 && head[3] != 0) return Charset::Utf16Be;
  return std::nullopt;
}

}  // namespace passerelle::hl7v2
