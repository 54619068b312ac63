#include "mappers/hl7v2/text.h"

#include <algorithm>

#include "fhir_model/base/digest.h"
#include "mappers/hl7v2/errors.h"
#include "mappers/hl7v2/rules.h"

namespace passerelle::hl7v2 {
namespace {

constexpr std::string_view kUtf8Mark = "\xEF\xBB\xBF";
constexpr std::string_view kAround("\0\x0B\x1C \t\r\n", 7);  // NUL, VT, FS and blanks

bool IsEnvelope(char c) { return kAround.find(c) != kAround.npos; }

// Takes off what stands around the message; moves nothing when there is nothing to take off.
void Trim(std::string& bytes, Issues& issues) {
  std::size_t begin = 0;
  while (begin < bytes.size() && IsEnvelope(bytes[begin])) ++begin;
  if (std::string_view(bytes).substr(begin).starts_with(kUtf8Mark)) {
    issues.Add(rules::ByteOrderMark, {});
    begin += kUtf8Mark.size();
    while (begin < bytes.size() && IsEnvelope(bytes[begin])) ++begin;
  } else if (begin > 0) {
    issues.Add(rules::FramingBytes, {});
  }
  if (begin > 0) bytes.erase(0, begin);
  std::size_t end = bytes.size();
  while (end > 0 && IsEnvelope(bytes[end - 1])) --end;
  bytes.resize(end);
  if (bytes.find('\0') == bytes.npos) return;
  auto nuls = std::erase(bytes, '\0');
  issues.Add(rules::NulBytes, {}, {std::to_string(nuls)});
}

// The character set that MSH-18 names, or UTF-8.
Charset Declared(std::string_view bytes, Issues& issues) {
  auto name = HeaderField(bytes, 18);
  // The first repetition; '~' does as a separator, since no name of a character set holds one.
  name = name.substr(0, name.find('~'));
  if (name.empty()) return Charset::Utf8;
  auto charset = CharsetNamed(name);
  if (!charset) issues.Add(rules::CharsetUnknown, {"MSH-18", 1, 0});
  // Bytes that are ASCII where UTF-16 would have NULs are not UTF-16, whatever MSH-18 says.
  bool wide = charset == Charset::Utf16Le || charset == Charset::Utf16Be;
  return charset && !wide ? *charset : Charset::Utf8;
}

}  // namespace

std::size_t FindMessageStart(std::string_view bytes) {
  std::size_t begin = 0;
  while (begin < bytes.size() && IsEnvelope(bytes[begin])) ++begin;
  if (bytes.substr(begin).starts_with(kUtf8Mark)) begin += kUtf8Mark.size();
  while (begin < bytes.size() && IsEnvelope(bytes[begin])) ++begin;
  return begin;
}

std::size_t FindLineEnd(std::string_view bytes, std::size_t from) {
  for (; from < bytes.size(); ++from)
    if (bytes[from] == '\r' || bytes[from] == '\n') return from;
  return bytes.npos;
}

std::string_view HeaderField(std::string_view header, int number) {
  if (header.size() < 4) return {};
  const char separator = header[3];
  const char ends[] = {separator, '\r', '\n'};
  std::string_view any(ends, 3);
  std::size_t at = 4;  // MSH-2 begins here
  for (int field = 2; at <= header.size(); ++field) {
    auto end = header.find_first_of(any, at);
    if (field == number) return header.substr(at, end == header.npos ? end : end - at);
    if (end == header.npos || header[end] != separator) return {};
    at = end + 1;
  }
  return {};
}

Result<MessageText> DecodeMessage(std::string bytes, std::optional<Charset> forced, Issues& issues) {
  if (auto wide = DetectUtf16(bytes)) {
    std::string utf8;
    if (AppendAsUtf8(bytes, *wide, utf8) > 0) return Error(errors::EncodingMalformed, "UTF-16");
    Trim(utf8, issues);
    return MessageText{std::move(utf8), *wide};
  }
  Trim(bytes, issues);
  if (IsAscii(bytes)) return MessageText{std::move(bytes), forced.value_or(Charset::Utf8)};

  Charset charset = forced ? *forced : Declared(bytes, issues);
  auto wrong = FindInvalidUtf8(bytes);
  if (charset != Charset::Utf8 && !wrong && !forced) {
    issues.Add(rules::CharsetIsUtf8, {"MSH-18", 1, 0});
    charset = Charset::Utf8;
  }
  if (charset == Charset::Utf8 && !wrong) return MessageText{std::move(bytes), charset};
  std::string utf8;
  auto mended = AppendAsUtf8(bytes, charset, utf8);
  if (mended > 0) issues.Add(rules::CharsetNotUtf8, {}, {std::to_string(mended)});
  return MessageText{std::move(utf8), charset};
}

}  // namespace passerelle::hl7v2
