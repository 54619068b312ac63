// The JSON reader takes any bytes: it gives a tree within its limits or an error; what it read can be written
// and read again to the same. What it refuses may be mended: then no flaw is left.

#include <cstdint>
#include <cstdlib>
#include <string>

#include "fhir_model/json/json.h"
#include "fhir_model/json/mend.h"

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  using namespace passerelle;
  constexpr Limits kSmall{1u << 20, 64, 100'000, 1u << 16};
  auto tree = json::Parse(std::string(reinterpret_cast<const char*>(data), size), kSmall);
  if (!tree) {
    auto mended = json::Mend({reinterpret_cast<const char*>(data), size});
    if (mended && json::Mend(mended->text)) std::abort();
    return 0;
  }
  if (tree->size() > kSmall.values_max) std::abort();
  std::string written = json::Write(*tree);
  auto again = json::Parse(written, kFileLimits);
  if (!again || json::Write(*again) != written) std::abort();
  return 0;
}
