#pragma once
// Where the definitions pack is, and what is in it.

#include <memory>
#include <optional>
#include <string>

#include "fhir_model/spec/library.h"
#include "fhir_model/spec/mapped_file.h"

namespace passerelle::app {

// A mapped pack; the definitions point into it and live as long.
struct MappedDefinitions {
  spec::MappedFile file;
  spec::Definitions definitions;
};

// `given` (--definitions), else `configured`, else definitions.pack beside the binary. DefinitionsMissing.
Result<std::shared_ptr<const MappedDefinitions>> OpenDefinitions(const std::optional<std::string>& given,
                                                                 const std::string& configured = {});

}  // namespace passerelle::app
