#pragma once
// Record: resources with their versions, and which document each was made from.

#include "gateway/store/session.h"

namespace passerelle::store {

Result<pipeline::ResourceVersion> PutResource(const Session& session, std::string_view type,
                                              std::string_view id, std::string_view json,
                                              std::string_view method);
Status DeleteResource(const Session& session, std::string_view type, std::string_view id);

Result<std::optional<pipeline::ResourceVersion>> ReadResource(const Session& session, std::string_view type,
                                                              std::string_view id);
Result<std::optional<pipeline::ResourceVersion>> ReadResourceVersion(const Session& session,
                                                                     std::string_view type,
                                                                     std::string_view id,
                                                                     std::int64_t version);
Result<pipeline::SearchPage> ReadHistory(const Session& session, std::string_view type, std::string_view id,
                                         int count_max, std::string_view page);

// The columns of a ResourceVersion, for a query that has `version v`, and how to read them from column
// `first` on.
inline constexpr std::string_view kVersionColumns =
    "v.type, r.id, v.version, v.at, v.method, v.deleted, v.json";
pipeline::ResourceVersion VersionOf(const Query& row, int first = 0);

// SHA-256 of a resource without id, meta.versionId and meta.lastUpdated, whatever the order of its members.
std::string ContentDigest(const node::Tree& resource);

}  // namespace passerelle::store
