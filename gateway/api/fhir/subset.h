#pragma once
// Subset: the part of each resource that _elements and _summary ask for (R4, 3.1.1.5.8 and 3.1.1.5.9).
// Whatever is asked, id, meta and what modifies the meaning stay; what was cut carries the tag SUBSETTED.
// Safe from any thread.

#include <mutex>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "fhir_model/spec/library.h"
#include "gateway/api/query.h"

namespace passerelle::api::fhir {

struct Subset {
  enum class Kind { Whole, Elements, Summary, Text, Data };
  Kind kind = Kind::Whole;
  std::vector<std::string> elements;  // of Kind::Elements: "name", "value"
};

// ParameterInvalid for a _summary that R4 does not know. "count" is the search's business, and Whole here.
Result<Subset> SubsetOf(const Parameters& parameters);

class Subsets {
 public:
  // The resource as JSON, cut; as it came where nothing is to be cut. ParameterInvalid for an element that
  // the type does not have.
  Result<std::string> Of(const spec::Definitions& definitions, std::string_view resource_json,
                         const Subset& subset);

 private:
  const spec::Library& LibraryOver(const spec::Definitions& definitions);

  std::once_flag opened_;
  std::optional<spec::Library> library_;
};

}  // namespace passerelle::api::fhir
