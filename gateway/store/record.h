#pragma once
// Record: resources with their versions, and which document each was made from.

#include "gateway/store/session.h"

namespace passerelle::store {

// A version before it is written: all that can be known of it without the writer.
struct ReadyVersion {
  std::int64_t key = 0;   // of the resource; 0: its first version
  bool is_latest = false;  // the content is that of the latest version, `made`: nothing to write
  pipeline::ResourceVersion made;
  std::size_t time_at = 0;  // where made.json says meta.lastUpdated
  std::string digest;
  IndexEntries entries;
};

// What Put would write, as long as the resource stays as it is; stamped with the time of now.
Result<ReadyVersion> MakeVersion(const Session& session, std::string_view type, std::string_view id,
                                 std::string_view json, std::string_view method,
                                 const std::optional<pipeline::Content>& content);
// Writes it, stamped anew: the order of times is the order of writing.
Status WriteVersion(const Session& session, ReadyVersion& ready);

Result<pipeline::ResourceVersion> PutResource(const Session& session, std::string_view type,
                                              std::string_view id, std::string_view json,
                                              std::string_view method,
                                              const std::optional<pipeline::Content>& content);
Status DeleteResource(const Session& session, std::string_view type, std::string_view id);

Result<std::optional<pipeline::ResourceState>> ReadResourceState(const Session& session, std::string_view type,
                                                                 std::string_view id);
Result<std::optional<pipeline::ResourceVersion>> ReadResource(const Session& session, std::string_view type,
                                                              std::string_view id);
Result<std::optional<pipeline::ResourceVersion>> ReadResourceVersion(const Session& session,
                                                                     std::string_view type,
                                                                     std::string_view id,
                                                                     std::int64_t version);
Result<pipeline::SearchPage> ReadHistory(const Session& session, std::string_view type, std::string_view id,
                                         int count_max, std::string_view page);

// The columns of a ResourceVersion, for a query that begins with them and has `version v`, and how to read them.
inline constexpr std::string_view kVersionColumns =
    "v.type, r.id, v.version, v.at, v.method, v.deleted, v.json";
Result<pipeline::ResourceVersion> VersionOf(const Session& session, const Query& row);

// SHA-256 of a resource without id, meta.versionId and meta.lastUpdated, whatever the order of its members.
std::string ContentDigest(const node::Tree& resource);

}  // namespace passerelle::store
