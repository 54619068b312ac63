#pragma once
// The evidence of a bench as one ZIP that an auditor takes with him: laid out like the bench's folder, so
// that `passerelle label verify --data` and `label replay --data` work on it unpacked.

#include <functional>
#include <string>
#include <string_view>

#include "fhir_model/base/result.h"

namespace passerelle::app {

// Ledger, signed head, public key, labels and revocations; of each run that `wanted` names, what it was sent,
// what that brought and its reports. FileUnreadable where there is no ledger; ArchiveTooLarge beyond 1 GiB.
Result<std::string> ArchiveEvidence(const std::string& folder,
                                    const std::function<bool(const std::string& run)>& wanted);

}  // namespace passerelle::app
