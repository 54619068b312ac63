#pragma once
// Business acknowledgement ZAM: tells the sender, in a message of its own, what became of a document at the
// patient's record store or in secure mail (the French profile "Transmission de document(s) CDA en
// HL7v2" 2.1; safety rule 16).

#include <cstdint>
#include <span>
#include <string>
#include <string_view>

#include "mappers/hl7v2/ack.h"

namespace passerelle::hl7v2 {

// Whether the message carries OBX-3 = ACK_RECEPTION with OBX-5 = Y. Reads lines, not the message.
bool AsksForReceipt(std::string_view message);

// Who confirms: the patient's record store (ZAM^Z01), or the secure mail that took it for its recipients
// (ZAM^Z02).
enum class Receipt : std::uint8_t { Record, Mail };

// Sender and receiver of `original` swapped, OBX-4 its control id; with errors OBX-5 is N. A mail's
// recipients (PRT-4 RCT) are named by number and address.
std::string BuildBusinessAck(Receipt receipt, std::string_view original, std::span<const AckError> errors,
                             const AckOptions& options);

}  // namespace passerelle::hl7v2
