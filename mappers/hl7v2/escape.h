#pragma once
// Escape sequences (HL7 v2.5.1, 2.7) from and to text.

#include <string>
#include <string_view>

#include "mappers/hl7v2/charset.h"
#include "mappers/hl7v2/delimiters.h"

namespace passerelle::hl7v2 {

struct EscapeNotes {
  bool unknown = false;    // \Zxx\ or no sequence of the standard: kept as it is
  bool charset = false;    // \Cxxyy\ or \Mxxyyzz\: kept as it is
  bool unmatched = false;  // an escape character without a partner: kept as text
};

// Appends `text` decoded. \F\ \S\ \T\ \R\ \E\ \P\ are delimiters; \.br\ \.sp\ \.ce\ line breaks,
// \.sk\ blanks; other formatting commands and \H\ \N\ carry no text; \Xdd..\ are bytes in `charset`, also
// when a character's bytes are spread over adjacent sequences. Linear in the length of `text`.
void Unescape(std::string_view text, const Delimiters& delimiters, Charset charset, std::string& out,
              EscapeNotes& notes);

// Appends `text` with every delimiter, CR and LF escaped, as far as an escape character exists.
void AppendEscaped(std::string_view text, const Delimiters& delimiters, std::string& out);

}  // namespace passerelle::hl7v2
