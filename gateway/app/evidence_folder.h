#pragma once
// The folder where a bench keeps its evidence: the ledger, its signed head, the key that signs, and what
// follows of it: labels and the list of those that were withdrawn.
//
// Several runs, grants and revocations may go on in one folder at the same time: each adds to what the others
// have written. What is added is on the disk, whole or not at all, before it is said to be; an Append that
// was cut off is ended by the next who opens the folder.

#include <functional>
#include <string>
#include <string_view>
#include <vector>

#include "fhir_model/base/result.h"
#include "fhir_model/base/signature.h"
#include "gateway/labelling/label.h"
#include "gateway/labelling/ledger.h"

namespace passerelle::app {

// What a label is asked for.
struct LabelOrder {
  std::string product, version, suite, expires, url;
  std::vector<labelling::Waiver> waivers;
};

class EvidenceFolder {
 public:
  // Makes folder and key where there are none. LedgerBroken where the evidence does not hold.
  static Result<EvidenceFolder> Open(const std::string& folder);
  Status Append(const std::vector<labelling::Evidence>& evidence);
  // The label that the evidence earns, kept beside the others; gives its file. LabelInvalid, with the reason,
  // where it was withdrawn or the version has another for that suite.
  using Earn = std::function<Result<labelling::Label>(std::string_view ledger)>;
  Result<std::string> Grant(const Earn& earn);
  // The same by the shipped requirements, granted on `date`.
  Result<std::string> Grant(const LabelOrder& order, std::string_view date);
  // Ids of labels that were withdrawn.
  Result<std::vector<std::string>> Revoked() const;
  Status Revoke(const std::vector<std::string>& ids, std::string_view time) const;

  const std::string& ledger() const { return ledger_; }
  const SigningKey& key() const { return key_; }

 private:
  EvidenceFolder(std::string folder, SigningKey key) : folder_(std::move(folder)), key_(std::move(key)) {}
  std::string PathOf(std::string_view name) const;
  bool Has(std::string_view name) const;
  Result<labelling::LedgerState> HeadIn(std::string_view name) const;
  // All below under the lock. What is there now, and holds.
  Result<labelling::LedgerState> ReadAgain();
  // An Append writes the head that comes, then its lines, then puts that head in place. Where all lines came,
  // it is put there now; else what goes beyond the head is taken back: nobody was told that it was kept.
  Status EndAppend();
  Status HasRoomFor(const labelling::Label& label) const;

  std::string folder_, ledger_;
  SigningKey key_;
};

}  // namespace passerelle::app
