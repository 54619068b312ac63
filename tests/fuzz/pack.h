#pragma once
// The definitions pack of the build, mapped once per fuzzing process.

#include <cstdlib>

#include "fhir_model/spec/library.h"
#include "fhir_model/spec/mapped_file.h"

namespace passerelle::fuzz {

inline const spec::Definitions& Pack() {
  static const auto* definitions = [] {
    static auto file = spec::MappedFile::Open(PASSERELLE_PACK);
    if (!file) std::abort();
    auto opened = spec::Definitions::Open(file->bytes());
    if (!opened) std::abort();
    return new spec::Definitions(*std::move(opened));
  }();
  return *definitions;
}

}  // namespace passerelle::fuzz
