#pragma once
// Identity events: two patients become one (A40), an account or visit moves (A44), an identifier is replaced
// (A47); safety rule 7. All within the message's own transaction; the record's one writer holds both patients
// meanwhile.

#include <string>
#include <string_view>
#include <vector>

#include "fhir_model/base/issue.h"
#include "gateway/pipeline/stages.h"

namespace passerelle::record {

// Where the record has the patient that MRG-1 names, as an id; empty when it has none.
Result<std::string> FindLoser(pipeline::Transaction& transaction, const pipeline::MergeFacts& merge);

// Applies A40 or A44 once the survivor ("Patient/...") is in the record; gives the references of what was
// written. PatientUnclear, and nothing is changed, when both carry a qualified INS and these differ, or one
// INS has different traits. A loser nobody knows is a finding.
Result<std::vector<std::string>> ApplyMerge(pipeline::Transaction& transaction,
                                            const pipeline::MergeFacts& merge, std::string_view survivor,
                                            Issues& issues);

// A47: takes the old identifier away from the patient that now carries the new one.
Result<std::vector<std::string>> DropIdentifier(pipeline::Transaction& transaction,
                                                const pipeline::MergeFacts& merge, std::string_view patient);

}  // namespace passerelle::record
