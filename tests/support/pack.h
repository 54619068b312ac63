#pragma once
// The definitions pack that the build made, mapped once per test program.

#include <cstdlib>
#include <iostream>

#include "fhir_model/spec/mapped_file.h"
#include "fhir_model/spec/spec.h"

namespace passerelle::tests {

inline const spec::Definitions& Pack() {
  static const auto* definitions = [] {
    auto file = spec::MappedFile::Open(PASSERELLE_PACK);
    if (!file) {
      std::cerr << file.error().Text() << "\n";
      std::abort();
    }
    static auto mapped = *std::move(file);
    auto opened = spec::Definitions::Open(mapped.bytes());
    if (!opened) {
      std::cerr << opened.error().Text() << "\n";
      std::abort();
    }
    return new spec::Definitions(*std::move(opened));
  }();
  return *definitions;
}

}  // namespace passerelle::tests
