#pragma once
// HL7 v2 batches: their messages, each as bytes of its own, and the envelope that is kept beside them.

#include <string>
#include <string_view>
#include <vector>

#include "gateway/pipeline/stages.h"

namespace passerelle::inputs {

// Empty where the bytes are no batch, or one without a message.
std::vector<std::string> MessagesOf(std::string_view bytes);

// The envelope with the messages' headers (hl7v2/batch.h), kept as a message of format "hl7v2-batch".
std::string EnvelopeOf(std::string_view bytes);
bool IsEnvelope(std::string_view bytes);
// Its number is BHS-11 or FHS-11; counts that do not agree are its findings.
pipeline::Prepared PrepareEnvelope(const pipeline::Frame& frame);

inline constexpr std::string_view kEnvelopeFormat = "hl7v2-batch";

}  // namespace passerelle::inputs
