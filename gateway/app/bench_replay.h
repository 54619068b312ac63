#pragma once
// Replay: the verdicts that a ledger holds of files, asked again of the files alone.

#include <deque>
#include <memory>
#include <string>
#include <vector>

#include "gateway/app/bench.h"
#include "gateway/app/command.h"
#include "gateway/labelling/ledger.h"

namespace passerelle::app {

struct Replayed {
  struct Difference {
    std::string requirement, before, now;
  };
  std::size_t same = 0;
  bool other_tables = false;           // decided under other tables than those here
  std::vector<std::string> undecided;  // decided in one of both, by the run or by what is given here
  std::vector<Difference> different;
};

// The messages of one run asked again in their order, each after those before it. What only the run knew
// (answers, deliveries, the expectations of a scenario) is undecided. `bench` must outlive it; for one
// thread.
class RunReplay {
 public:
  explicit RunReplay(const Bench& bench) : bench_(bench) {}
  Replayed Next(const std::string& bytes, const labelling::LedgerEntry& entry);

 private:
  const Bench& bench_;
  std::vector<std::unique_ptr<labelling::Input>> inputs_;
  std::deque<std::vector<const requirements::Run*>> earlier_;  // runs point to those before them
};

// Of the files named, each alone, or of all that the runs kept below --data, run by run. What differs, or is
// in no entry, ends with kFindings.
int ReplayVerdicts(const Arguments& arguments);

}  // namespace passerelle::app
