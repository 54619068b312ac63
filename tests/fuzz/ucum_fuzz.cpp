// Any text is a unit or none; what is one compares with itself and converts to itself without loss.

#include <cstdint>
#include <cstdlib>
#include <string_view>

#include "fhir_model/ucum/ucum.h"

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  using namespace passerelle;
  std::string_view text(reinterpret_cast<const char*>(data), size);
  auto line = text.find('\n');
  std::string_view value = line == text.npos ? "1.50" : text.substr(0, line);
  std::string_view unit = line == text.npos ? text : text.substr(line + 1);
  if (!ucum::IsUnit(unit)) return 0;
  if (!ucum::AreComparable(unit, unit)) std::abort();
  (void)ucum::Canonicalise(value, unit);
  (void)ucum::Convert(value, unit, "mg/dL");
  (void)ucum::Compare(value, unit, "2", "g");
  return 0;
}
