#include "gateway/api/reads.h"

#include <map>

namespace passerelle::api {

std::vector<pipeline::AuditEntry> AuditEntries(const Request& request, std::string_view action,
                                               const std::vector<Seen>& seen) {
  std::map<std::string, pipeline::AuditEntry> by_patient;
  for (const auto& one : seen) {
    for (const auto& patient : one.patients) {
      auto [it, fresh] = by_patient.try_emplace(patient);
      pipeline::AuditEntry& entry = it->second;
      if (fresh) {
        entry.who = request.caller.name;
        entry.action = action;
        entry.patient = patient;
        entry.purpose = request.Purpose();
        entry.seq = one.seq;
      }
      entry.resource += (entry.resource.empty() ? "" : " ") + one.resource;
    }
  }
  std::vector<pipeline::AuditEntry> entries;
  for (auto& [patient, entry] : by_patient) entries.push_back(std::move(entry));
  return entries;
}

Awaitable<Status> NoteReads(Request& request, std::string_view action, std::vector<Seen> seen) {
  auto entries = AuditEntries(request, action, seen);
  if (entries.empty()) co_return Ok();
  std::function<Status(pipeline::Transaction&)> work =
      [&entries](pipeline::Transaction& transaction) -> Status {
    for (const auto& entry : entries) CHECK_OK(transaction.Audit(entry));
    return Ok();
  };
  co_return co_await request.services.store.Write(work, pipeline::Rerun::Yes);
}

}  // namespace passerelle::api
