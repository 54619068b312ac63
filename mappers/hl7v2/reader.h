#pragma once
// Reader: ER7 bytes to the one tree, whatever the message's structure.
//
// Segments stand below the root in the order of the message, fields and their parts as node/tree.h says. Grouping by
// the event's grammar comes after (grammar.h), so a segment nobody expects costs no other. Text is a slice of the
// source unless an escape sequence was decoded. The HL7 null is a String node whose text is "" with its quotes. A
// segment without values is a node without children.
//
// Time is linear in the length of the message, whatever it holds. Safe from any thread.

#include <optional>
#include <string>
#include <string_view>

#include "fhir_model/base/issue.h"
#include "fhir_model/base/limits.h"
#include "fhir_model/base/result.h"
#include "fhir_model/node/tree.h"
#include "mappers/hl7v2/charset.h"

namespace passerelle::hl7v2 {

inline constexpr std::string_view kNull = "\"\"";  // HL7 v2.5.1, 2.5.3: the value shall be deleted

struct ReadOptions {
  Limits limits = kWireLimits;
  std::optional<Charset> charset;  // the feed's own setting; stands above MSH-18
};

// The root is named by MSH-9.3, or by the type and trigger. Errors: HeaderMissing, DelimitersMissing,
// DelimitersInvalid, BatchNotMessage, EncodingMalformed, InputTooLarge, InputTooManyValues.
Result<node::Tree> Parse(std::string bytes, const ReadOptions& options, Issues& issues);

}  // namespace passerelle::hl7v2
