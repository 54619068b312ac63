#pragma once
// Convert: single values from a sender's form to FHIR's. Rows of mapping tables call these by name
// (names.def, docs/converters.md).
//
// Text converters append to a string of the caller's and say how it went. Structured ones (structure.h) read
// a node and tell a Sink which elements come of it. All are pure functions, safe from any thread.

#include <cstdint>
#include <map>
#include <string>
#include <string_view>

#include "mappers/convert/zone.h"

namespace passerelle::convert {

enum class Name : std::uint8_t {
  None,
#define CONVERTER(name, word, argument) name,
#include "mappers/convert/names.def"
#undef CONVERTER
};

enum class Argument : std::uint8_t { None, Text, Slot, Map, Codes, System, Type };  // Type may be left out

struct NameInfo {
  Name name;
  std::string_view word;
  Argument argument;
};

// nullptr for a word that names none.
const NameInfo* FindName(std::string_view word);

enum class Outcome : std::uint8_t {
  Done,
  Nothing,     // there was no value
  Unreadable,  // a value of another form: report it
  ZoneMissing  // done, but without its time of day
};

// Dates and times: of HL7 v2 (202603011230+0100), CDA (the same) and FHIR (2026-03-01T12:30:00+01:00), as
// precise as they came, down to the second with its fraction. A time of day without zone gets the one that
// `zone` has at that moment; with no zone it is left out (ZoneMissing). An instant wants a time; a date
// leaves it out.
Outcome ToDate(std::string_view text, std::string& out);
Outcome ToDateTime(std::string_view text, const Zone* zone, std::string& out);
Outcome ToInstant(std::string_view text, const Zone* zone, std::string& out);
Outcome ToTime(std::string_view text, std::string& out);
// The UCUM unit that a unit of time has in HL7 v2: "M" and "MIN" are minutes, "L" months. Empty for another unit.
std::string_view TimeUnit(std::string_view text);
// Whether a time is earlier than another, as far as both are precise.
bool IsEarlier(std::string_view text, std::string_view other, const Zone* zone);
// The time (at least a day) and so many UCUM units of it later (min, h, d, wk, mo, a), or earlier where the
// amount is negative, as ToDateTime gives it.
Outcome ToLater(std::string_view text, int amount, std::string_view unit, const Zone* zone, std::string& out);

// "Y", "true", "1" and their like.
Outcome ToBoolean(std::string_view text, std::string& out);
// A decimal as FHIR and JSON write it: "+.50" is 0.50. Digits are kept as they are.
Outcome ToNumber(std::string_view text, std::string& out);
Outcome ToInteger(std::string_view text, std::string& out);
// Base64 without its white space.
Outcome ToBase64(std::string_view text, std::string& out);
// FT and TX as plain text: line breaks of formatting commands and repetition marks as newlines.
void ToPlain(std::string_view text, std::string& out);

bool IsOid(std::string_view text);
bool IsUuid(std::string_view text);

// What FHIR asks of a primitive's text beyond being there, for the types whose text comes as the sender wrote it.
enum class Form : std::uint8_t { Any, Code, Uri, Positive, Unsigned, Language };
Form FormOf(std::string_view type);
// A code has single blanks inside only, a URI none at all; behind "urn:oid:" stands an OID, behind "urn:uuid:" a UUID,
// a language has the shape of BCP 47 (RFC 5646, 2.1).
bool Fits(Form form, std::string_view text);
// Text as a part of a URI: what cannot stand there as %20 and the like.
void AppendToUri(std::string_view text, std::string& out);

// What is behind the first `mark`, and what is before it; all of it, nothing if the mark is not there.
std::string_view After(std::string_view text, std::string_view mark);
std::string_view Before(std::string_view text, std::string_view mark);

// Systems by OID, table name, short name or assigning authority.
class Systems {
 public:
  virtual ~Systems() = default;
  // Empty when nothing is known.
  virtual std::string_view Find(std::string_view key) const = 0;
  // What is known, else "urn:oid:", "urn:uuid:" or the text itself where it is an OID, UUID or URI; else
  // nothing.
  bool UriOf(std::string_view key, std::string& out) const;
};

// PS_IdNat and Struct_IdNat of the CI-SIS: the number behind the digit for its kind, and the number's own
// system. `root` is the OID it stands in; any other OID gives nothing.
struct National {
  std::string_view value, system;
};
National NationalId(std::string_view root, std::string_view text);

}  // namespace passerelle::convert
