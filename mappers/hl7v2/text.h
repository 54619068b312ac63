#pragma once
// From the bytes of one message to the UTF-8 that the reader works on.

#include <optional>
#include <string>
#include <string_view>

#include "fhir_model/base/issue.h"
#include "fhir_model/base/result.h"
#include "mappers/hl7v2/charset.h"

namespace passerelle::hl7v2 {

struct MessageText {
  std::string utf8;                  // begins with MSH, FHS or BHS unless the header is missing
  Charset charset = Charset::Utf8;  // that it was decoded from
};

// Takes off a byte order mark, NULs, blanks and framing bytes around the message, and decodes by the byte order mark,
// else by `forced`, else by MSH-18, else as UTF-8. ASCII is handed on as it is, without a copy.
Result<MessageText> DecodeMessage(std::string bytes, std::optional<Charset> forced, Issues& issues);

// The position of the message's first letter: after a byte order mark, blanks and framing bytes.
std::size_t FindMessageStart(std::string_view bytes);

// The next CR or LF at or after `from`, else npos.
std::size_t FindLineEnd(std::string_view bytes, std::size_t from);

// The n-th field (MSH-18: 18) of the header that `utf8` begins with; empty when there is none.
std::string_view HeaderField(std::string_view header, int number);

}  // namespace passerelle::hl7v2
