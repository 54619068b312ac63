#pragma once
// What a run keeps of each of its messages, so that its verdicts can be asked again:
//
//     RUN/inputs/SHA-256     the bytes
//     RUN/messages/N.json    what the bench saw of the N-th: the answer, what arrived at the target, and what
//                            a scenario expected
//
// The ledger names both by their hash: what was changed afterwards is no evidence.

#include <optional>
#include <string>
#include <vector>

#include "fhir_model/base/result.h"
#include "gateway/labelling/ledger.h"
#include "gateway/labelling/scenario.h"

namespace passerelle::app {

// One message of a run.
struct Step {
  std::string name, bytes, answer;
  std::vector<std::string> deliveries;
  bool passed_on = false;  // to the bench's gateway: then no delivery means that none came
  std::optional<labelling::Expectation> expected = {};
};

inline std::string RunFolder(const std::string& data, const std::string& run) {
  return data + "/runs/" + run;
}

// Before it is passed on: what was not kept is no evidence.
Status KeepInput(const std::string& run_folder, const std::string& bytes);
// After it was: as the N-th, from 1.
Status KeepExchange(const std::string& run_folder, std::size_t number, const Step& step);
// The text that KeepExchange writes.
std::string ExchangeText(const Step& step);

// The N-th message as the entry names it. FileUnreadable where it is not here, LedgerBroken where other
// bytes are. Of an entry that names no exchange (those of older ledgers) the answer is not known.
Result<Step> ReadStep(const std::string& run_folder, std::size_t number, const labelling::LedgerEntry& entry);

}  // namespace passerelle::app
