#pragma once
// FhirTarget: a FHIR server that takes one transaction Bundle for each message. Taken is only what an answer of type
// transaction-response says so of, entry by entry, of as many entries as were sent: a 200 with anything else in it
// proves nothing.

#include "gateway/targets/target.h"

namespace passerelle::targets {

Result<std::unique_ptr<Target>> MakeFhirTarget(const TargetOptions& options);

}  // namespace passerelle::targets
