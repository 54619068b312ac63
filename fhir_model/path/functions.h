#pragma once
// The bodies of the functions: each finds its input in stack[base, end) and puts its result in its place.

#include "fhir_model/path/evaluation.h"

namespace passerelle::path::functions {

#define FUNCTION(name, text, fewest, most, flags, result) \
  bool name(Evaluation& run, const Op& op, const Context& context, std::size_t base);
#include "fhir_model/path/functions.def"
#undef FUNCTION

}  // namespace passerelle::path::functions
