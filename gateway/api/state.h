#pragma once
// State: what the requests share while the gateway runs, and what is lost without harm when it ends.

#include <mutex>
#include <string>

#include "gateway/api/fhir/references.h"
#include "gateway/api/fhir/subset.h"
#include "gateway/api/open_searches.h"
#include "gateway/api/reveals.h"
#include "gateway/api/traffic.h"

namespace passerelle::api {

struct State {
  Traffic traffic;
  Reveals reveals;
  std::once_flag resources_written;  // of the capability statement: the same for all, and long
  std::string resources;
  OpenSearches searches;
  fhir::References references;
  fhir::Subsets subsets;
};

}  // namespace passerelle::api
