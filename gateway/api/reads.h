#pragma once
// Reads: what somebody saw of a patient goes to the audit chain in the same request; where that fails,
// nothing is shown (safety rule 17).

#include <string>
#include <string_view>
#include <vector>

#include "gateway/api/request.h"
#include "gateway/api/sight.h"
#include "gateway/net/awaitable.h"

namespace passerelle::api {

// One thing shown, and whose it is. Without a patient it is nobody's data and leaves no entry.
struct Seen {
  std::string resource;  // "Observation/…", "message 12"
  std::vector<std::string> patients;
  pipeline::Seq seq = 0;
};

// One entry for each patient, naming all that was seen of him. Returns when it is on disk.
Awaitable<Status> NoteReads(Request& request, std::string_view action, std::vector<Seen> seen);

// The entries themselves, for those that write within a transaction of their own.
std::vector<pipeline::AuditEntry> AuditEntries(const Request& request, std::string_view action,
                                               const std::vector<Seen>& seen);

}  // namespace passerelle::api
