#pragma once
// Tokens: bearer tokens, known by their hash alone, each scoped to a role or a feed (safety rule 20). Safe
// from any thread.

#include <map>
#include <memory>
#include <mutex>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "fhir_model/base/result.h"
#include "gateway/api/roles.h"
#include "gateway/pipeline/store.h"

namespace passerelle::api {

struct Token {
  std::string sha256;  // hex, of the token's text
  Caller caller;
  std::string created;  // ISO 8601 UTC
};

class Tokens {
 public:
  // The installation's standing token (DATA/access-token): role admin, with the right to delete. Not stored.
  void SetStanding(std::string_view token);

  // The caller that presents this token; nothing for an unknown or revoked one.
  std::optional<Caller> Find(std::string_view token) const;

  // Those that were issued are kept in the store's settings; Load replaces what is in memory by them.
  Status Load(pipeline::View& view);
  std::vector<Token> All() const;
  // Each writes the new list within the transaction and gives the list to be taken over (Take) once it is on
  // disk.
  Result<std::vector<Token>> Issue(pipeline::Transaction& transaction, Token token) const;
  Result<std::vector<Token>> Revoke(pipeline::Transaction& transaction, std::string_view name) const;
  void Take(std::vector<Token> issued);

 private:
  mutable std::mutex mutex_;
  std::map<std::string, Caller, std::less<>> standing_;  // by hash
  std::vector<Token> issued_;
};

}  // namespace passerelle::api
