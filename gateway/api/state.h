#pragma once
// State: what the requests share while the gateway runs, and what is lost without harm when it ends.

#include "gateway/api/fhir/references.h"
#include "gateway/api/open_searches.h"
#include "gateway/api/traffic.h"

namespace passerelle::api {

struct State {
  Traffic traffic;
  OpenSearches searches;
  fhir::References references;
};

}  // namespace passerelle::api
