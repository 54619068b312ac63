#pragma once
// RunTrees: the messages of one run as trees, each with what the bench saw of it and with those before it;
// for whoever judges them, the first time or again.

#include <deque>
#include <memory>
#include <span>
#include <string>
#include <vector>

#include "gateway/app/bench.h"
#include "gateway/app/run_record.h"

namespace passerelle::app {

// A suite of this couloir is about what does our own work: the FHIR made of a message is judged too.
inline constexpr std::string_view kPlatform = "PFI";

// For one thread.
class RunTrees {
 public:
  // `bench` must outlive it.
  RunTrees(const Bench& bench, std::string_view couloir, requirements::Mode mode);

  struct Judged {
    const labelling::Input* input;  // kept as long as the run
    requirements::Report report;
  };
  // The next message: what the requirements of these ids come to, and what a scenario expected of it.
  Judged Judge(const Step& step, std::span<const std::string> ids);
  // A message is not here: what asks for the steps before is indeterminate from now on.
  void Skip() { whole_ = false; }

 private:
  labelling::Input& Read(const Step& step);

  const Bench& bench_;
  labelling::Reader reader_;
  bool whole_ = true;
  // Runs point to those before them.
  std::vector<std::unique_ptr<labelling::Input>> inputs_;
  std::deque<std::vector<const requirements::Run*>> earlier_;
};

}  // namespace passerelle::app
