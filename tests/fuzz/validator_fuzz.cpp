// The validator takes any tree that the JSON reader gives: it ends, and what it found can be said.

#include <cstdint>
#include <cstdlib>
#include <string>

#include "fhir_model/json/json.h"
#include "fhir_model/json/outcome.h"
#include "profiles/validator/validator.h"
#include "tests/fuzz/pack.h"

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  using namespace passerelle;
  static const spec::Library library(fuzz::Pack());
  static const terminology::Terminology terminology(library);
  static const validator::Validator validator(library, terminology);
  constexpr Limits kSmall{1u << 16, 64, 10'000, 1u << 16};
  auto tree = json::Parse(std::string(reinterpret_cast<const char*>(data), size), kSmall, &fuzz::Pack());
  if (!tree) return 0;
  Issues issues;
  validator.Validate(*tree, {}, issues);
  if (json::OutcomeJson(issues.all(), Language::French).empty()) std::abort();
  return 0;
}
