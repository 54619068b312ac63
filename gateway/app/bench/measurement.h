#pragma once
// Measurement: one thing that `passerelle bench` measures. Each stands in a file under gateway/app/bench and
// in one line of gateway/app/commands/bench.cpp. A figure is one JSON object on a line of its own.

#include <chrono>
#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "fhir_model/base/result.h"
#include "fhir_model/node/tree.h"
#include "fhir_model/spec/spec.h"
#include "gateway/app/command.h"

namespace passerelle::app {

struct Measurement {
  std::string_view name;      // `passerelle bench NAME`
  std::string_view measures;  // one line
  int (*run)(const Arguments& arguments);
};

// {"bench":"fhirpath","figure":"evaluations","value":2345678.9,"unit":"1/s"}
void PrintFigure(std::string_view bench, std::string_view figure, double value, std::string_view unit);

// Runs `pass` again and again for at least `seconds`; gives how many times a second the fastest pass would
// fit in.
template <class Pass>
double PassesPerSecond(double seconds, Pass pass) {
  using Clock = std::chrono::steady_clock;
  double best = 0;
  for (auto begin = Clock::now();
       best == 0 || Clock::now() - begin < std::chrono::duration<double>(seconds);) {
    auto start = Clock::now();
    pass();
    double took = std::chrono::duration<double>(Clock::now() - start).count();
    if (best == 0 || took < best) best = took;
  }
  return best == 0 ? 0 : 1 / best;
}

// The instance examples of the R4 package (--examples FILE, else .packages/ below the working directory):
// resources that are no definitions, as JSON. PackageUnreadable.
Result<std::vector<std::string>> ReadExamples(const Arguments& arguments);

}  // namespace passerelle::app
