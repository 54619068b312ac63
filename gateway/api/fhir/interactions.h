#pragma once
// Interactions: create, update and delete, carried out within one transaction of the store, with what belongs
// to each: masks kept and spread, documents tied to their bytes, the audit entry, what is owed for it.
//
// One object for all that one request writes; Finish ends it. An Error rolls everything back.

#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "gateway/api/reads.h"
#include "gateway/api/request.h"

namespace passerelle::api::fhir {

struct Done {
  int status = 200;
  pipeline::ResourceVersion version;
};

class Interactions {
 public:
  Interactions(pipeline::Transaction& transaction, const Request& request)
      : transaction_(transaction), request_(request) {}

  // With the id given, or a new one.
  Result<Done> Create(node::Tree& resource, std::string id = {});
  // Update, or create at that id. `if_match` may be empty. `only_new`: If-None-Match: *.
  Result<Done> Update(node::Tree& resource, std::string_view id, std::string_view if_match,
                      bool only_new = false, std::string_view method = "PUT");
  Result<Done> Delete(std::string_view type, std::string_view id, std::string_view if_match);

  // The one resource that a condition finds; nothing when it finds none. SeveralMatch.
  Result<std::optional<pipeline::ResourceVersion>> Match(std::string_view type, std::string_view condition);
  // The latest version, for a change of it: ResourceNotFound, ResourceGone, VersionConflict.
  Result<pipeline::ResourceVersion> Current(std::string_view type, std::string_view id,
                                            std::string_view if_match);

  // Spreads labels, audits, tells what was written. Call once, last.
  Status Finish();

  pipeline::Transaction& transaction() { return transaction_; }

 private:
  Status Note(std::string_view action, const pipeline::ResourceVersion& version, const node::Tree* content);
  Status TieDocument(const std::string& reference, const node::Tree& tree);
  Status SupersedeReplaced(const node::Tree& tree);

  pipeline::Transaction& transaction_;
  const Request& request_;
  RecordWritten written_;
  std::vector<std::string> documents_;
  std::vector<pipeline::AuditEntry> audit_;
};

// A random UUID (version 4), for resources whose id is ours to give.
std::string NewId(const Services& services);

// Checks what does not need the record: the structure of the resource and whether its identities may enter.
// What is wrong with the structure is in `issues`.
Status CheckResource(const Request& request, const node::Tree& resource, Issues& issues);

}  // namespace passerelle::api::fhir
