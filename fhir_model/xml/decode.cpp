// Bytes to UTF-8, by byte order mark, then by declaration (XML 1.0, appendix F).

#include <algorithm>
#include <cctype>
#include <string>

#include "fhir_model/base/digest.h"
#include "fhir_model/base/errors.h"
#include "fhir_model/base/western.h"
#include "fhir_model/xml/errors.h"
#include "fhir_model/xml/xml.h"

namespace passerelle::xml {
namespace {

enum class Charset { Utf8, Western, WesternEuro };

struct CharsetName {
  std::string_view name;
  Charset charset;
};
constexpr CharsetName kCharsets[] = {
    {"utf-8", Charset::Utf8},           {"utf8", Charset::Utf8},
    {"us-ascii", Charset::Utf8},        {"ascii", Charset::Utf8},
    {"iso-8859-1", Charset::Western},   {"iso8859-1", Charset::Western},
    {"latin1", Charset::Western},       {"windows-1252", Charset::Western},
    {"cp1252", Charset::Western},       {"iso-8859-15", Charset::WesternEuro},
    {"latin-9", Charset::WesternEuro},  {"iso8859-15", Charset::WesternEuro},
};

Place PlaceOfByte(std::string_view bytes, std::size_t offset) {
  auto before = bytes.substr(0, offset);
  auto start = before.rfind('\n');
  return {{},
          static_cast<std::uint32_t>(std::count(before.begin(), before.end(), '\n')) + 1,
          static_cast<std::uint32_t>(offset - (start == before.npos ? 0 : start + 1)) + 1};
}

// The value of encoding="..." in the XML declaration, lower case; empty without one.
std::string DeclaredEncoding(std::string_view bytes) {
  if (!bytes.starts_with("<?xml")) return {};
  std::string_view declaration = bytes.substr(0, std::min<std::size_t>(bytes.find("?>"), 1000));
  auto at = declaration.find("encoding");
  if (at == declaration.npos) return {};
  auto open = declaration.find_first_of("'\"", at);
  if (open == declaration.npos) return {};
  auto close = declaration.find(declaration[open], open + 1);
  if (close == declaration.npos) return {};
  std::string name(declaration.substr(open + 1, close - open - 1));
  std::transform(name.begin(), name.end(), name.begin(), [](unsigned char c) { return std::tolower(c); });
  return name;
}

// One byte a character; a byte that no character has is refused.
Result<std::string> FromSingleBytes(std::string_view bytes, const HighHalf& half) {
  std::string out;
  out.reserve(bytes.size() + bytes.size() / 8);
  for (std::size_t i = 0; i < bytes.size(); ++i) {
    auto byte = static_cast<std::uint8_t>(bytes[i]);
    std::uint32_t c = byte < 0x80 ? byte : half[byte - 0x80u];
    bool unassigned = c >= 0x80 && c <= 0x9F;
    if (unassigned) return Error{errors::XmlUndecodable, "byte " + std::to_string(i + 1), PlaceOfByte(bytes, i)};
    AppendUtf8(c, out);
  }
  return out;
}

Result<std::string> FromUtf16(std::string_view bytes, bool big_endian) {
  std::string out;
  out.reserve(bytes.size());
  auto unit = [&](std::size_t i) -> std::uint32_t {
    auto a = static_cast<std::uint8_t>(bytes[i]), b = static_cast<std::uint8_t>(bytes[i + 1]);
    return big_endian ? (std::uint32_t{a} << 8 | b) : (std::uint32_t{b} << 8 | a);
  };
  auto refuse = [&](std::size_t i) { return Error{errors::XmlUndecodable, "byte " + std::to_string(i + 1)}; };
  if (bytes.size() % 2 != 0) return refuse(bytes.size() - 1);
  for (std::size_t i = 0; i < bytes.size(); i += 2) {
    std::uint32_t c = unit(i);
    if (c >= 0xD800 && c <= 0xDFFF) {
      if (c > 0xDBFF || i + 2 >= bytes.size()) return refuse(i);
      std::uint32_t low = unit(i + 2);
      if (low < 0xDC00 || low > 0xDFFF) return refuse(i);
      c = 0x10000 + ((c - 0xD800) << 10) + (low - 0xDC00);
      i += 2;
    }
    AppendUtf8(c, out);
  }
  return out;
}

bool Starts(std::string_view bytes, std::string_view with) { return bytes.starts_with(with); }

constexpr std::string_view kByteOrderMark = "\xEF\xBB\xBF";

Result<std::string> Decode(std::string bytes) {
  using namespace std::string_view_literals;
  if (Starts(bytes, "\xFF\xFE"sv)) return FromUtf16(std::string_view(bytes).substr(2), false);
  if (Starts(bytes, "\xFE\xFF"sv)) return FromUtf16(std::string_view(bytes).substr(2), true);
  if (Starts(bytes, "<\0"sv)) return FromUtf16(bytes, false);
  if (Starts(bytes, "\0<"sv)) return FromUtf16(bytes, true);
  Charset charset = Charset::Utf8;
  if (Starts(bytes, kByteOrderMark)) {
    bytes.erase(0, kByteOrderMark.size());
  } else if (std::string declared = DeclaredEncoding(bytes); !declared.empty()) {
    auto known = std::find_if(std::begin(kCharsets), std::end(kCharsets),
                              [&](const CharsetName& c) { return c.name == declared; });
    if (known == std::end(kCharsets)) return Error{errors::XmlEncodingUnknown, {}, {{}, 1, 1}};
    charset = known->charset;
  }
  if (charset == Charset::Western) return FromSingleBytes(bytes, kWestern);
  if (charset == Charset::WesternEuro) return FromSingleBytes(bytes, kWesternEuro);
  if (auto at = FindInvalidUtf8(bytes))
    return Error{errors::XmlUndecodable, "byte " + std::to_string(*at + 1), PlaceOfByte(bytes, *at)};
  return bytes;
}

}  // namespace

Result<std::string> DecodeXml(std::string bytes) {
  TRY(auto text, Decode(std::move(bytes)));
  // libxml2 would take one mark more than XML does.
  if (Starts(text, kByteOrderMark))
    return Error{errors::XmlMalformed, "a second byte order mark", {{}, 1, 1}};
  return text;
}

}  // namespace passerelle::xml
