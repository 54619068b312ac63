#pragma once
// Find: reads and searches over one view, with masks applied and what was seen told, for the routes and for
// the GET entries of a Bundle.

#include <string>
#include <string_view>
#include <vector>

#include "gateway/api/reads.h"
#include "gateway/api/request.h"

namespace passerelle::api::fhir {

struct Shown {
  pipeline::ResourceVersion version;  // may be a deletion
  Seen seen;
};

// ResourceNotFound for what is hidden too, so that nothing tells the two apart. A merged patient is found as
// the one that goes on (safety rule 7).
Result<Shown> FindLatest(pipeline::View& view, const Request& request, std::string_view type,
                         const std::string& id);
Result<Shown> FindVersion(pipeline::View& view, const Request& request, std::string_view type,
                          std::string_view id, std::int64_t version);

struct Searched {
  std::string bundle_json;  // of type searchset
  std::vector<Seen> seen;
};
Result<Searched> RunSearch(pipeline::View& view, const Request& request, const std::string& type,
                           const Parameters& parameters);

}  // namespace passerelle::api::fhir
