#include "gateway/inputs/batch.h"

#include "mappers/hl7v2/batch.h"

namespace passerelle::inputs {

std::vector<std::string> MessagesOf(std::string_view bytes) {
  std::vector<std::string> messages;
  if (!hl7v2::IsBatch(bytes)) return messages;
  Issues ignored;
  for (auto message : hl7v2::SplitBatch(bytes, ignored).messages) messages.emplace_back(message);
  return messages;
}

std::string EnvelopeOf(std::string_view bytes) { return hl7v2::ContentsOf(bytes); }

bool IsEnvelope(std::string_view bytes) { return hl7v2::IsContents(bytes); }

pipeline::Prepared PrepareEnvelope(const pipeline::Frame& frame) {
  pipeline::Prepared prepared;
  prepared.format = kEnvelopeFormat;
  auto batch = hl7v2::SplitBatch(frame.bytes, prepared.issues);
  prepared.control_id = batch.batch_id.empty() ? batch.file_id : batch.batch_id;
  return prepared;
}

}  // namespace passerelle::inputs
