#pragma once
// Replay: the verdicts that a ledger holds, asked again of what the runs kept or of files that somebody
// shows.

#include <optional>
#include <string>
#include <vector>

#include "gateway/app/bench.h"
#include "gateway/app/command.h"
#include "gateway/app/run_trees.h"
#include "gateway/labelling/ledger.h"

namespace passerelle::app {

struct Replayed {
  struct Difference {
    std::string requirement, before, now;
    std::string why;  // where it fails now and what was expected there, or what is missing to decide it
  };
  std::size_t same = 0;
  bool other_tables = false;          // decided under other tables than those here
  std::vector<Difference> undecided;  // decided in one of both only
  std::vector<Difference> different;
};

// The messages of one run in their order, each after those before it. `bench` must outlive it; for one
// thread.
class RunReplay {
 public:
  RunReplay(const Bench& bench, Language language) : bench_(bench), language_(language) {}
  Replayed Next(const Step& step, const labelling::LedgerEntry& entry);
  // The next message as the run's folder has it; the error of ReadStep where it has not.
  Result<Replayed> NextOf(const std::string& run_folder, const labelling::LedgerEntry& entry);
  // It is not here: what asks for the steps before is undecided from now on.
  void Skip();

 private:
  RunTrees& TreesFor(const labelling::LedgerEntry& entry);

  const Bench& bench_;
  const Language language_;  // of what is said of a verdict
  std::optional<RunTrees> trees_;
  std::size_t number_ = 0;
  bool skipped_ = false;
};

// Of the files named, each alone, or of all that the runs kept below --data, run by run. What differs, was
// changed, or is in no entry, ends with kFindings.
int ReplayVerdicts(const Arguments& arguments);

}  // namespace passerelle::app
