#pragma once
// What the FHIR interactions have in common.

#include <string>
#include <string_view>

#include "gateway/api/answers.h"
#include "gateway/api/errors.h"
#include "gateway/api/handlers.h"
#include "gateway/api/reads.h"
#include "gateway/api/sight.h"

namespace passerelle::api::fhir {

// ResourceTypeUnknown for what is no R4 resource type.
Status CheckType(const Request& request, std::string_view type);
bool IsId(std::string_view id);  // R4, 2.24.0.1

// The version number of an ETag W/"3" or "3"; nothing for anything else.
std::optional<std::int64_t> VersionOfEtag(std::string_view etag);

// One entry of a Bundle that the gateway answers with.
struct Entry {
  std::string full_url, resource_json;
  std::string search_mode;                    // searchset: "match", "include"
  std::string method, url, status;            // history; status also in responses
  std::string location, etag, last_modified;  // response
  std::string outcome_json;                   // response
};
struct Link {
  std::string relation, url;
};
// `total` below zero: not said.
std::string BundleJson(std::string_view type, std::int64_t total, const std::vector<Link>& links,
                       const std::vector<Entry>& entries, std::string_view now);

// Binary: the bytes themselves, with their content type.
Response BinaryAnswer(const Request& request, const pipeline::ResourceVersion& version);

}  // namespace passerelle::api::fhir
