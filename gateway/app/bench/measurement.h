#pragma once
// Measurement: one thing that `passerelle bench` measures. Each stands in a file under gateway/app/bench and
// in one line of gateway/app/commands/bench.cpp. A figure is one JSON object on a line of its own.

#include <time.h>

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

// Seconds that this thread has computed: what others do on the machine does not count.
inline double ProcessorSeconds() {
  timespec now{};
  clock_gettime(CLOCK_THREAD_CPUTIME_ID, &now);
  return static_cast<double>(now.tv_sec) + static_cast<double>(now.tv_nsec) * 1e-9;
}
inline double WallSeconds() {
  return std::chrono::duration<double>(std::chrono::steady_clock::now().time_since_epoch()).count();
}

// Runs `pass` again and again for at least `seconds`; gives how many times a second the fastest pass would
// fit in. A pass that waits for other processes or threads is measured by WallSeconds.
template <class Pass>
double PassesPerSecond(double seconds, Pass pass, double (*clock)() = ProcessorSeconds) {
  double best = 0;
  for (double begin = WallSeconds(); best == 0 || WallSeconds() - begin < seconds;) {
    double start = clock();
    pass();
    double took = clock() - start;
    if (best == 0 || took < best) best = took;
  }
  return best == 0 ? 0 : 1 / best;
}

// The instance examples of the R4 package (--examples FILE, else .packages/ below the working directory):
// resources that are no definitions, as JSON. PackageUnreadable.
Result<std::vector<std::string>> ReadExamples(const Arguments& arguments);

}  // namespace passerelle::app
