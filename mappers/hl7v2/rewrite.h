#pragma once
// Rewrite: a message in the form that every receiver reads: delimiters |^~\&, segments ended by CR, UTF-8 which
// MSH-18 says, no framing around it. What it says stays the same; fields that nobody changed keep their escapes.

#include <string>

#include "fhir_model/base/result.h"

namespace passerelle::hl7v2 {

// The errors of Parse (reader.h). Safe from any thread.
Result<std::string> Rewrite(std::string message);

}  // namespace passerelle::hl7v2
