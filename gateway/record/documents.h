#pragma once
// The life of a clinical document in the record: replaced, deleted, masked (safety rules 3, 4 and 5).

#include <map>
#include <string>
#include <string_view>
#include <vector>

#include "fhir_model/base/issue.h"
#include "fhir_model/node/tree.h"
#include "gateway/access/masks.h"
#include "gateway/pipeline/stages.h"

namespace passerelle::record {

// The latest word on the document that carries `identifier` as its masterIdentifier.
Result<std::optional<pipeline::ResourceVersion>> FindDocument(pipeline::Transaction& transaction,
                                                              std::string_view identifier);

// The documents of this patient that say they replace the one of this name. If there are any, that one comes
// late, should it come now.
Result<std::vector<pipeline::ResourceVersion>> Replacements(pipeline::Transaction& transaction,
                                                            std::string_view identifier,
                                                            std::string_view patient);

// The labels of the document of this name; none where it is not known.
Result<access::Labels> LabelsOfDocument(pipeline::Transaction& transaction, std::string_view identifier);

// Checks that `target` may be replaced or deleted by a message about `patient` ("Patient/…"): known, latest,
// same subject. DocumentUnknown, DocumentNotLatest, DocumentOfAnother.
Status CheckTarget(const std::optional<pipeline::ResourceVersion>& target, std::string_view patient);

// Sets the document's status ("superseded", "entered-in-error") and withdraws what was derived from it alone,
// except `kept`. Gives the references of what was written.
Result<std::vector<std::string>> Withdraw(pipeline::Transaction& transaction,
                                          const pipeline::ResourceVersion& document, std::string_view status,
                                          const std::vector<std::string>& kept);

// The document of this name came late, with these labels: what replaced it without any, and all that was made
// of it, gets them as if the document had come in time. Should the replacement have said that it is for
// everybody, the stricter wins; it can say so again. Gives the references of what was written.
Result<std::vector<std::string>> MaskReplacements(pipeline::Transaction& transaction,
                                                  std::string_view identifier, std::string_view patient,
                                                  const access::Labels& labels);

// The resource as entered in error, in the way its type says so; an empty string where the type has no way.
std::string EnteredInError(std::string_view type, std::string_view json);

// The labels a resource must carry: the union over all documents it is derived from, with `own` for the
// document at hand, which may not be stored yet.
Result<access::Labels> LabelsOf(pipeline::Transaction& transaction, std::string_view resource,
                                std::string_view document, const access::Labels& own);

}  // namespace passerelle::record
