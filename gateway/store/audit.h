#pragma once
// Audit: who saw and did what, as a chain.

#include "gateway/store/chain.h"
#include "gateway/store/session.h"

namespace passerelle::store {

Status AddAudit(const Session& session, const pipeline::AuditEntry& entry);
Result<std::vector<pipeline::AuditEntry>> ReadAudit(const Session& session, std::int64_t after,
                                                    int count_max);
Result<std::vector<pipeline::AuditEntry>> ReadAuditOf(const Session& session, std::string_view patient,
                                                      std::int64_t before, int count_max);
Result<ChainCheck> CheckAuditChain(const Session& session, std::int64_t after, std::int64_t count_max);

}  // namespace passerelle::store
