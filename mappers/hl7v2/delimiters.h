#pragma once
// Delimiters: what a message says of itself in MSH-1 and MSH-2 (HL7 v2.5.1, 2.5.4).

#include <string_view>

#include "fhir_model/base/result.h"

namespace passerelle::hl7v2 {

// 0 where the message has none: then that character has no meaning.
struct Delimiters {
  char field = '|';
  char component = '^';
  char repetition = '~';
  char escape = '\\';
  char subcomponent = '&';
  char truncation = 0;             // v2.7: '#'
  bool repetition_is_u02dc = false;  // U+02DC separates repetitions, beside '~'; some word processors make it of '~'
  int named = 4;                   // how many encoding characters MSH-2 holds

  bool operator==(const Delimiters&) const = default;
};

inline constexpr std::string_view kSmallTilde = "\xCB\x9C";  // U+02DC in UTF-8

// From UTF-8 that begins with MSH, FHS or BHS. One to three encoding characters leave the rest unnamed; a third one
// is the escape character if it is '\', else the sub-component separator. Errors: DelimitersMissing,
// DelimitersInvalid.
Result<Delimiters> ReadDelimiters(std::string_view header);

// MSH-2 as it is written.
std::string_view EncodingCharacters(std::string_view header);

}  // namespace passerelle::hl7v2
