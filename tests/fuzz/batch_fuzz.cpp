// The batch splitter takes any bytes: its messages are slices of them, in order and apart from each other.

#include <cstdint>
#include <cstdlib>
#include <string_view>

#include "mappers/hl7v2/batch.h"

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  using namespace passerelle;
  std::string_view bytes(reinterpret_cast<const char*>(data), size);
  (void)hl7v2::IsBatch(bytes);
  Issues issues;
  auto batch = hl7v2::SplitBatch(bytes, issues);
  const char* at = bytes.data();
  for (auto message : batch.messages) {
    bool inside = message.data() >= at && message.data() + message.size() <= bytes.data() + bytes.size();
    if (!inside) std::abort();
    at = message.data() + message.size();
  }
  return 0;
}
