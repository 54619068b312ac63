#pragma once
// Batches: FHS BHS messages BTS FTS (HL7 v2.5.1, 2.10.3), split without reading the messages.

#include <string>
#include <string_view>
#include <vector>

#include "fhir_model/base/issue.h"

namespace passerelle::hl7v2 {

// Whether the bytes hold an envelope, or more than one message.
bool IsBatch(std::string_view bytes);

struct Batch {
  std::vector<std::string_view> messages;  // slices of the bytes, from MSH to before the next MSH or trailer
  std::string file_id, batch_id;           // FHS-11 and the first BHS-11
  int batches = 0;                         // BHS segments
};

// Headers and trailers may be missing; counts that do not agree (BTS-1, FTS-1) and segments outside any message are
// issues. The bytes must be of an ASCII-compatible character set; decode UTF-16 first (text.h).
Batch SplitBatch(std::string_view bytes, Issues& issues);

// What is left of a batch when its messages go each its own way: the envelope as it came, and the header of
// each message where it stood. The counts can be checked by it as by the whole. Empty without an envelope.
std::string ContentsOf(std::string_view bytes);
// Whether that is what the bytes are: an envelope whose messages are headers alone.
bool IsContents(std::string_view bytes);

}  // namespace passerelle::hl7v2
