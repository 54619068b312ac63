// The CDA reader takes any bytes: it gives a tree within its limits, or an error with a code.

#include <cstdint>
#include <cstdlib>
#include <string>

#include "mappers/cda/cda.h"

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  using namespace passerelle;
  std::string bytes(reinterpret_cast<const char*>(data), size);
  constexpr Limits kSmall{1u << 20, 64, 100'000, 1u << 16};
  (void)cda::LooksLikeCda(bytes);
  Issues issues;
  auto tree = cda::Parse(std::move(bytes), kSmall, issues);
  if (!tree) return 0;
  if (tree->size() > kSmall.values_max || tree->name(node::kRoot) != "ClinicalDocument") std::abort();
  for (const Issue& issue : issues.all()) (void)issue.Text();
  return 0;
}
