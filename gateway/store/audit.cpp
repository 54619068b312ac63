#include "gateway/store/audit.h"

namespace passerelle::store {

#define AUDIT_COLUMNS "at, who, action, patient, resource, purpose, seq"
constexpr int kAuditColumns = 7;

Status AddAudit(const Session& session, const pipeline::AuditEntry& entry) {
  TRY(auto previous, LastHash(session.database, "audit"));
  std::string at = entry.at.empty() ? IsoUtc(session.clock()) : entry.at;
  ChainLink link(previous);
  link.Add(at)
      .Add(entry.who)
      .Add(entry.action)
      .Add(entry.patient)
      .Add(entry.resource)
      .Add(entry.purpose)
      .Add(entry.seq);
  return Run(session.database,
             "INSERT INTO audit (" AUDIT_COLUMNS ", prev_hash, hash) VALUES (?,?,?,?,?,?,?,?,?)", at,
             entry.who, entry.action, entry.patient, entry.resource, entry.purpose, entry.seq, Blob{previous},
             Blob{link.Hash()});
}

namespace {

Result<std::vector<pipeline::AuditEntry>> All(Query& rows) {
  std::vector<pipeline::AuditEntry> all;
  while (rows.Next())
    all.push_back({rows.String(1), rows.String(2), rows.String(3), rows.String(4), rows.String(5),
                   rows.String(0), rows.Int(6), rows.Int(7)});
  CHECK_OK(rows.Ended());
  return all;
}

}  // namespace

Result<std::vector<pipeline::AuditEntry>> ReadAudit(const Session& session, std::int64_t after,
                                                    int count_max) {
  Query rows(session.database, "SELECT " AUDIT_COLUMNS ", id FROM audit WHERE id > ? ORDER BY id LIMIT ?",
             after, count_max);
  return All(rows);
}

Result<std::vector<pipeline::AuditEntry>> ReadAuditOf(const Session& session, std::string_view patient,
                                                      std::int64_t before, int count_max) {
  std::string sql = "SELECT " AUDIT_COLUMNS ", id FROM audit WHERE id < ?";
  if (!patient.empty()) sql += " AND patient = ?";
  Query rows(session.database, sql + " ORDER BY id DESC LIMIT ?", before > 0 ? before : INT64_MAX);
  if (!patient.empty()) rows.Bind(patient);
  rows.Bind(count_max);
  return All(rows);
}

Result<ChainCheck> CheckAuditChain(const Session& session, std::int64_t after, std::int64_t count_max) {
  TRY(auto previous, HashBefore(session.database, "audit", after));
  Query rows(session.database,
             "SELECT " AUDIT_COLUMNS ", id, prev_hash, hash FROM audit WHERE id > ? ORDER BY id LIMIT ?",
             after, count_max);
  return CheckChain(rows, kAuditColumns, previous);
}

}  // namespace passerelle::store
