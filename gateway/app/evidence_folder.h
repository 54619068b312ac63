#pragma once
// The folder where a bench keeps its evidence: the ledger, its signed head, the key that signs, and what
// follows of it: labels and the list of those that were withdrawn.
//
// Several runs may keep their evidence in one folder at the same time: each adds to what the others have
// written. What is added is on the disk, whole or not at all, before Append says so.

#include <string>
#include <string_view>
#include <vector>

#include "fhir_model/base/result.h"
#include "fhir_model/base/signature.h"
#include "gateway/labelling/ledger.h"

namespace passerelle::app {

class EvidenceFolder {
 public:
  // Makes folder and key where there are none. LedgerBroken where the evidence does not hold.
  static Result<EvidenceFolder> Open(const std::string& folder);
  Status Append(const std::vector<labelling::Evidence>& evidence);
  // A label, or the list of those that were withdrawn: whole or not at all.
  Status Keep(const std::string& name, std::string_view text) const;
  // Ids of labels that were withdrawn.
  Result<std::vector<std::string>> Revoked() const;
  Status Revoke(const std::vector<std::string>& ids, std::string_view time) const;

  const std::string& ledger() const { return ledger_; }
  const SigningKey& key() const { return key_; }

 private:
  EvidenceFolder(std::string folder, SigningKey key) : folder_(std::move(folder)), key_(std::move(key)) {}
  // What is there now, and holds.
  Result<labelling::LedgerState> ReadAgain();

  std::string folder_, ledger_;
  SigningKey key_;
};

}  // namespace passerelle::app
