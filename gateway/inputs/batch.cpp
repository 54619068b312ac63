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

}  // namespace passerelle::inputs
