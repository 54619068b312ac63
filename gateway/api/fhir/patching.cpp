#include "gateway/api/fhir/patching.h"

#include "gateway/api/errors.h"

namespace passerelle::api::fhir {

Result<Done> PatchResource(Interactions&, const Request&, std::string_view, std::string_view,
                           std::string_view, const node::Tree&) {
  return Error{errors::ServiceMissing};
}

Awaitable<Response> Patch(Request&) { co_return Error{errors::ServiceMissing}; }
Awaitable<Response> PatchIf(Request&) { co_return Error{errors::ServiceMissing}; }

}  // namespace passerelle::api::fhir
