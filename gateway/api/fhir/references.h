#pragma once
// References: what a search parameter of type reference finds in a resource, for _include. Expressions are
// compiled once and kept. Safe from any thread.

#include <map>
#include <memory>
#include <mutex>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "fhir_model/path/path.h"
#include "fhir_model/spec/spec.h"
#include "gateway/pipeline/store.h"

namespace passerelle::api::fhir {

class References {
 public:
  // "Patient/1", as they stand in the resource; `code` may be "*": all references in it.
  // SearchParameterUnknown is ParameterInvalid here.
  Result<std::vector<std::string>> Of(const spec::Definitions& definitions,
                                      const pipeline::ResourceVersion& version, std::string_view code);

 private:
  Result<std::optional<path::Expression>> Compiled(const spec::Definitions& definitions,
                                                   std::string_view type, std::string_view code);

  std::mutex mutex_;
  std::map<std::string, path::Expression, std::less<>> compiled_;  // by "Type.code"
};

}  // namespace passerelle::api::fhir
