#pragma once
// A run of the bench with its own gateway: messages that are sent or that a vendor sends, each with the
// answer it got and what arrived at the target.

#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "fhir_model/base/result.h"
#include "gateway/app/bench.h"
#include "gateway/app/run_record.h"
#include "gateway/app/run_trees.h"
#include "gateway/labelling/ledger.h"
#include "gateway/labelling/scenario.h"
#include "gateway/labelling/verdicts.h"

namespace passerelle::app {

// Sends each message to the bench's gateway, as a scenario's steps if there is one; documents, resources and
// mails are judged as they are.
Result<std::vector<Step>> SendSteps(const std::string& folder, const std::optional<std::string>& definitions,
                                    const std::vector<std::string>& files,
                                    const std::optional<labelling::Scenario>& scenario);
// Listens for a vendor for so many seconds, passes on what he sends and tells him the gateway's answers.
Result<std::vector<Step>> ListenSteps(const std::string& folder,
                                      const std::optional<std::string>& definitions,
                                      const std::string& listen, int seconds);

// What one run takes; each message more is answered AR, so that its sender keeps it.
inline constexpr std::size_t kMessagesOfARun = 2'000;
std::string RefusalOf(std::string_view message, const Error& error);

// The answer of the bench's gateway at `port` to one message.
Result<std::string> ExchangeNow(std::uint16_t port, const std::string& message);
bool IsMessage(std::string_view bytes);
// A message that owes an answer: nobody answers an acknowledgement.
bool IsPassedOn(std::string_view bytes);
// How long what a message owes may take to arrive at the target: as its scenario says.
int DeliveryWaitMs(const Step& step);

// What is examined: a version of a product, against a suite, as a scenario says or as it comes.
struct Subject {
  std::string product, version;
  std::string suite = "all";
  std::string run = {};  // the run's id; empty: of what is examined and when
  std::optional<labelling::Scenario> scenario = {};
};

// The messages of one run as they are judged, one after the other; each sees those before it. For one thread.
class Examination {
 public:
  // `bench` must outlive it. SuiteUnknown.
  static Result<std::unique_ptr<Examination>> Begin(const Bench& bench, Subject subject);

  // Also whether what a scenario expected of it was met.
  void Judge(const Step& step);
  // Nothing comes any more: what a scenario still wanted to be sent is not decided.
  void End();

  const std::vector<std::string>& asked() const { return asked_; }  // ids of requirements
  const labelling::SuiteVerdicts& verdicts() const { return verdicts_; }
  // One line of the ledger for each message that was judged.
  std::vector<labelling::Evidence> Evidence() const;
  std::string id() const;  // of the run

 private:
  Examination(const Bench& bench, Subject subject, const requirements::Suite& suite);

  const Bench& bench_;
  Subject subject_;
  const requirements::Suite& suite_;
  RunTrees trees_;
  std::vector<std::string> asked_;
  labelling::SuiteVerdicts verdicts_;
  std::vector<std::string> exchanges_;  // SHA-256, of each file of the verdicts
};

std::string UtcNow();  // "2026-01-05T10:00:00Z"

}  // namespace passerelle::app
