// The reader of FHIR XML takes any bytes: it gives a tree within its limits or an error; what it read can be
// written and read again.

#include <cstdint>
#include <cstdlib>
#include <string>

#include "fhir_model/xml/xml.h"
#include "tests/fuzz/pack.h"

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  using namespace passerelle;
  constexpr Limits kSmall{1u << 20, 64, 100'000, 1u << 16};
  auto tree = xml::ParseFhir(std::string(reinterpret_cast<const char*>(data), size), kSmall, fuzz::Pack());
  if (!tree) return 0;
  if (tree->size() > kSmall.values_max) std::abort();
  (void)xml::WriteFhir(*tree, fuzz::Pack());
  return 0;
}
