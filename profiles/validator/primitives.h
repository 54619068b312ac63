#pragma once
// Primitive values: what their text may look like (R4, 2.24.0.1). Hand-written matchers, one pass, no
// allocation.

#include <cstdint>
#include <string_view>

#include "fhir_model/base/issue.h"

namespace passerelle::validator {

enum class Primitive : std::uint8_t {
  None,
  Base64Binary,
  Boolean,
  Canonical,
  Code,
  Date,
  DateTime,
  Decimal,
  Id,
  Instant,
  Integer,
  Markdown,
  Oid,
  PositiveInt,
  String,
  Time,
  UnsignedInt,
  Uri,
  Url,
  Uuid,
  Xhtml
};

// None for a type that is not primitive.
Primitive PrimitiveOf(std::string_view type);

// The rule that `text` breaks as an error, or nullptr. An empty text breaks one for every type.
const RuleInfo* CheckLexical(Primitive type, std::string_view text);
// What is allowed and still looks wrong: white space around a string, a year out of reason. nullptr: nothing.
const RuleInfo* CheckPlausible(Primitive type, std::string_view text);

bool IsDate(std::string_view text);        // YYYY, YYYY-MM, YYYY-MM-DD, of the calendar
bool IsTime(std::string_view text);        // hh:mm:ss, hh:mm:ss.fff
bool IsResourceId(std::string_view text);  // [A-Za-z0-9\-\.]{1,64}
bool IsOid(std::string_view text);         // without urn:oid:
bool IsUuid(std::string_view text);        // without urn:uuid:, lower case
// Begins with a scheme and a colon.
bool IsAbsoluteUri(std::string_view text);
// Under names that anybody may use in examples: example.org, acme.com, ...
bool IsExampleUrl(std::string_view text);

}  // namespace passerelle::validator
