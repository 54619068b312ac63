#pragma once
// A run of the bench with its own gateway: messages that are sent or that a vendor sends, each with the
// answer it got and what arrived at the target; and the folder where its evidence is kept.

#include <memory>
#include <string>
#include <vector>

#include "fhir_model/base/result.h"
#include "fhir_model/base/signature.h"
#include "gateway/app/bench.h"
#include "gateway/labelling/ledger.h"

namespace passerelle::app {

// One message of a run.
struct Step {
  std::string name, bytes, answer;
  std::vector<std::string> deliveries;
};

// Sends each file to the bench's gateway.
Result<std::vector<Step>> SendSteps(const std::string& folder, const std::optional<std::string>& definitions,
                                    const std::vector<std::string>& files);
// Listens for a vendor for so many seconds, passes on what he sends and tells him the gateway's answers.
Result<std::vector<Step>> ListenSteps(const std::string& folder,
                                      const std::optional<std::string>& definitions,
                                      const std::string& listen, int seconds);

// The steps as runs of one series, each with what the bench saw. They point into each other: keep them
// together.
struct Series {
  std::vector<std::unique_ptr<labelling::Input>> inputs;
  std::vector<std::vector<const requirements::Run*>> earlier;
};
std::unique_ptr<Series> ReadSteps(const std::vector<Step>& steps, const labelling::Reader& reader);

// FOLDER/ledger.ndjson with its signed head, and FOLDER/bench-key (mode 0600), made at first use; the public
// key is in FOLDER/bench-key.pub.
class EvidenceFolder {
 public:
  static Result<EvidenceFolder> Open(const std::string& folder);
  Status Append(const std::vector<labelling::Evidence>& evidence);
  const std::string& ledger() const { return ledger_; }
  const SigningKey& key() const { return key_; }

 private:
  EvidenceFolder(std::string folder, std::string ledger, SigningKey key)
      : folder_(std::move(folder)), ledger_(std::move(ledger)), key_(std::move(key)) {}
  std::string folder_, ledger_;
  SigningKey key_;
};

std::string UtcNow();  // "2026-01-05T10:00:00Z"

}  // namespace passerelle::app
