#pragma once
// Business acknowledgement ZAM: tells the sender, in a message of its own, what became of a document at the
// patient's record store (the French profile "Transmission de document(s) CDA en HL7v2" 2.1; safety rule 16).

#include <span>
#include <string>
#include <string_view>

#include "mappers/hl7v2/ack.h"

namespace passerelle::hl7v2 {

// Whether the message carries OBX-3 = ACK_RECEPTION with OBX-5 = Y. Reads lines, not the message.
bool AsksForReceipt(std::string_view message);

// ZAM^Z01: sender and receiver swapped, OBX-4 the control id of `original`; with errors OBX-5 is N.
std::string BuildBusinessAck(const Peeked& original, std::span<const AckError> errors,
                             const AckOptions& options);

}  // namespace passerelle::hl7v2
