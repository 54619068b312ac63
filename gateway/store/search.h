#pragma once
// Search: FHIR search (R4, 3.1.1) compiled to one SQL statement over the index tables.

#include "gateway/store/session.h"

namespace passerelle::store {

Result<pipeline::SearchPage> SearchResources(const Session& session, std::string_view type,
                                             std::span<const pipeline::SearchTerm> terms, int count_max,
                                             std::string_view page);
Result<std::vector<pipeline::ResourceVersion>> FindResourcesByIdentifier(const Session& session,
                                                                         std::string_view type,
                                                                         std::string_view system,
                                                                         std::string_view value);

}  // namespace passerelle::store
