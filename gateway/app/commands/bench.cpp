// passerelle bench [NAME]

#include "gateway/app/bench/measurement.h"

#include <algorithm>
#include <array>

#include "gateway/app/errors.h"

namespace passerelle::app {

extern const Measurement kMeasureCda;
extern const Measurement kMeasureCheck;
extern const Measurement kMeasureFhirPath;
extern const Measurement kMeasureMap;
extern const Measurement kMeasureParse;
extern const Measurement kMeasureValidate;
extern const Measurement kMeasureStart;

namespace {

constexpr const Measurement* kMeasurements[] = {
    &kMeasureParse,    &kMeasureMap,   &kMeasureCda,      &kMeasureCheck,
    &kMeasureValidate, &kMeasureStart, &kMeasureFhirPath,
};

int Run(const Arguments& arguments) {
  std::string_view wanted = arguments.files().empty() ? std::string_view() : arguments.files().front();
  int worst = kClean;
  bool found = false;
  for (const auto* one : kMeasurements) {
    if (!wanted.empty() && one->name != wanted) continue;
    found = true;
    worst = std::max(worst, one->run(arguments));
  }
  if (!found) return Fail({errors::UsageWrong, "no bench '" + std::string(wanted) + "'"}, kUsage);
  return worst;
}

constexpr std::array<std::string_view, 2> kOptions = {"--definitions", "--examples"};

}  // namespace

extern const Command kBench;
const Command kBench{"bench",
                     "our figures, one JSON line each",
                     R"(usage: passerelle bench [--definitions FILE] [--examples FILE] [NAME]

Measures everything, or NAME: parse, map, cda, check, validate, start, fhirpath. --examples: the R4 examples
package (.tgz), which is also looked for in .packages below the working directory.
)",
                     kOptions,
                     {},
                     Run};

}  // namespace passerelle::app
