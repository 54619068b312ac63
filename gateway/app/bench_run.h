#pragma once
// A run of the bench with its own gateway: messages that are sent or that a vendor sends, each with the
// answer it got and what arrived at the target.

#include <deque>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "fhir_model/base/result.h"
#include "gateway/app/bench.h"
#include "gateway/labelling/ledger.h"
#include "gateway/labelling/scenario.h"
#include "gateway/labelling/verdicts.h"

namespace passerelle::app {

// One message of a run.
struct Step {
  std::string name, bytes, answer;
  std::vector<std::string> deliveries;
  bool passed_on = true;  // to the bench's gateway: then no delivery means that none came
};

// Sends each message to the bench's gateway; documents, resources and mails are judged as they are.
Result<std::vector<Step>> SendSteps(const std::string& folder, const std::optional<std::string>& definitions,
                                    const std::vector<std::string>& files);
// Listens for a vendor for so many seconds, passes on what he sends and tells him the gateway's answers.
Result<std::vector<Step>> ListenSteps(const std::string& folder,
                                      const std::optional<std::string>& definitions,
                                      const std::string& listen, int seconds);

// What one run takes; each message more is answered AR, so that its sender keeps it.
inline constexpr std::size_t kMessagesOfARun = 2'000;
std::string RefusalOf(std::string_view message, const Error& error);

// The answer of the bench's gateway at `port` to one message.
Result<std::string> ExchangeNow(std::uint16_t port, const std::string& message);
// A suite of this couloir is about what does our own work: the FHIR made of a message is judged too.
inline constexpr std::string_view kPlatform = "PFI";
// FOLDER/inputs/SHA-256: so that a verdict can be asked again; what was not kept is no evidence.
Status KeepInput(const std::string& folder, const std::string& bytes);
bool IsMessage(std::string_view bytes);
// How long what a message owes may take to arrive at the target.
inline constexpr int kDeliveryWaitMs = 1500;

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

  // With a scenario also whether its expectation of this step was met.
  void Judge(const Step& step);

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
  labelling::Reader reader_;
  std::vector<std::string> asked_;
  labelling::SuiteVerdicts verdicts_;
  std::vector<labelling::StepOutcome> outcomes_;
  // Runs point to those before them.
  std::vector<std::unique_ptr<labelling::Input>> inputs_;
  std::deque<std::vector<const requirements::Run*>> earlier_;
};

std::string UtcNow();  // "2026-01-05T10:00:00Z"

}  // namespace passerelle::app
