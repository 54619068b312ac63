#pragma once
// The two consents of a patient, to feeding and to consultation: one Consent each, the later declared date wins, not
// the order of arrival (safety rule 2).

#include <string>
#include <string_view>

#include "fhir_model/base/issue.h"
#include "fhir_model/node/tree.h"
#include "gateway/pipeline/store.h"

namespace passerelle::record {

// Finds the patient's consent of the same kind. Sets `id` to it, so that there is one. False when the record has a
// declaration of a later date: then the incoming one changes nothing, and a finding says so.
Result<bool> PlaceConsent(pipeline::Transaction& transaction, const node::Tree& tree, node::NodeIndex consent,
                          std::string_view patient, std::string& id, Issues& issues);

}  // namespace passerelle::record
