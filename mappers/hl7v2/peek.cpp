#include "mappers/hl7v2/peek.h"

#include <algorithm>

#include "mappers/hl7v2/errors.h"
#include "mappers/hl7v2/text.h"

namespace passerelle::hl7v2 {
namespace {

constexpr std::size_t kHeaderBytesMax = 64u << 10;

bool IsLineEnd(char c) { return c == '\r' || c == '\n'; }

// A segment's name in lower case is one as well: the reader takes it with a finding.
bool IsNamed(std::string_view text, std::string_view name) {
  return std::equal(text.begin(), text.end(), name.begin(), name.end(),
                    [](char a, char b) { return a == b || a == b - 'A' + 'a'; });
}

// The segment called `name` at the start of a line, up to the line's end; empty when there is none.
std::string_view FindSegment(std::string_view bytes, std::string_view name) {
  for (std::size_t at = FindMessageStart(bytes); at < bytes.size();) {
    if (IsNamed(bytes.substr(at, name.size()), name)) {
      auto end = FindLineEnd(bytes, at);
      auto line = bytes.substr(at, end == bytes.npos ? end : end - at);
      return line.substr(0, kHeaderBytesMax);
    }
    at = FindLineEnd(bytes, at);
    while (at < bytes.size() && IsLineEnd(bytes[at])) ++at;
  }
  return {};
}

std::string_view Field(std::string_view segment, char separator, int number) {
  for (; number > 0; --number) {
    auto at = segment.find(separator);
    if (at == segment.npos) return {};
    segment.remove_prefix(at + 1);
  }
  return segment.substr(0, segment.find(separator));
}

std::string_view Part(std::string_view text, char separator, int number) {
  if (separator == 0) return number == 0 ? text : std::string_view();
  return Field(text, separator, number);
}

// Reads `header` (UTF-8, one line) into `p`.
void ReadHeader(std::string_view header, Peeked& p) {
  if (auto delimiters = ReadDelimiters(header)) {
    p.delimiters = *delimiters;
    if (!p.delimiters.repetition_is_u02dc) p.encoding_characters = EncodingCharacters(header);
  }
  const char separator = p.delimiters.field;
  auto field = [&](int number) { return Field(header, separator, number - 1); };
  auto first = [&](std::string_view text) {
    text = text.substr(0, p.delimiters.repetition_is_u02dc ? text.find(kSmallTilde) : text.npos);
    return Part(text, p.delimiters.repetition, 0);
  };
  p.sending_application = field(3), p.sending_facility = field(4);
  p.receiving_application = field(5), p.receiving_facility = field(6);
  p.type = Part(field(9), p.delimiters.component, 0);
  p.trigger = Part(field(9), p.delimiters.component, 1);
  p.structure = Part(field(9), p.delimiters.component, 2);
  p.control_id = field(10), p.processing_id = field(11), p.version = field(12);
  p.accept_ack = field(15), p.application_ack = field(16), p.country = field(17);
  p.charset_name = first(field(18));
  p.profile = first(field(21));
}

}  // namespace

Peeked Peek(std::string_view bytes) {
  Peeked p;
  std::string decoded;
  if (auto wide = DetectUtf16(bytes)) {
    AppendAsUtf8(bytes.substr(0, kHeaderBytesMax), *wide, decoded);
    bytes = decoded;
    p.charset = *wide;
  }
  auto header = FindSegment(bytes, "MSH");
  if (header.empty()) header = FindSegment(bytes, "msh");
  if (header.empty()) return p;
  p.found = true;
  auto named = decoded.empty() ? CharsetNamed(HeaderField(header, 18)) : std::nullopt;
  if (named && *named != Charset::Utf16Be && *named != Charset::Utf16Le) p.charset = *named;
  std::string utf8;
  if (decoded.empty() && !IsAscii(header)) {
    AppendAsUtf8(header, p.charset, utf8);
    header = utf8;
  }
  ReadHeader(header, p);
  return p;
}

Acknowledged ReadAcknowledgement(std::string_view bytes) {
  std::string decoded;
  if (auto wide = DetectUtf16(bytes)) {
    AppendAsUtf8(bytes, *wide, decoded);
    bytes = decoded;
  }
  Peeked header = Peek(bytes);
  auto msa = FindSegment(bytes, "MSA");
  auto field = [&](int number) { return std::string(Field(msa, header.delimiters.field, number)); };
  return {field(1), field(2), field(3)};
}

Status CheckHeader(const Peeked& peeked) {
  if (!peeked.found) return Error(errors::HeaderMissing);
  if (peeked.type.empty()) return Error(errors::TypeMissing, {}, {"MSH-9", 1, 0});
  if (peeked.control_id.empty()) return Error(errors::ControlIdMissing, {}, {"MSH-10", 1, 0});
  return Ok();
}

}  // namespace passerelle::hl7v2
