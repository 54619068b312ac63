#include "fhir_model/path/functions.h"

#include <array>

namespace passerelle::path {

FunctionBody BodyOf(Function function) {
  static constexpr std::array<FunctionBody, static_cast<std::size_t>(Function::End)> kBodies = {
#define FUNCTION(name, text, fewest, most, flags, result) functions::name,
#include "fhir_model/path/functions.def"
#undef FUNCTION
  };
  return kBodies[static_cast<std::size_t>(function)];
}

}  // namespace passerelle::path
