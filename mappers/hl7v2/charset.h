#pragma once
// Character sets of HL7 v2 (MSH-18, table 0211) from and to UTF-8, which is what a Tree holds.

#include <cstddef>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

namespace passerelle::hl7v2 {

enum class Charset : std::uint8_t { Utf8, Latin1, Latin9, Windows1252, Utf16Le, Utf16Be };

// By what senders write in MSH-18 or an operator in the configuration: "UNICODE UTF-8", "8859/15", "iso-8859-1",
// "windows-1252", ... Case, blanks and punctuation do not count.
std::optional<Charset> CharsetNamed(std::string_view name);
std::string_view CharsetName(Charset charset);  // as table 0211 has it

// Whether every byte is below 0x80.
bool IsAscii(std::string_view bytes);

// Appends `bytes` as UTF-8. Gives how many of them were not well-formed: such bytes of UTF-8 are read as windows-1252,
// such units of UTF-16 as U+FFFD.
std::size_t AppendAsUtf8(std::string_view bytes, Charset charset, std::string& out);

// The other way; what the character set cannot express becomes '?'.
std::string EncodeText(std::string_view utf8, Charset charset);

// UTF-16 by its byte order mark, or by NULs around the first letters.
std::optional<Charset> DetectUtf16(std::string_view bytes);

}  // namespace passerelle::hl7v2
