// Verdicts as `check` gives them, every requirement asked: our laboratory message with its document, the
// first time after the start and again, and all official examples that are here, each once in its turn.

#include <algorithm>
#include <cstdio>
#include <cstdlib>
#include <filesystem>
#include <optional>

#include "gateway/app/bench.h"
#include "gateway/app/bench/measurement.h"
#include "gateway/labelling/verdicts.h"

namespace passerelle::app {
namespace {

namespace fs = std::filesystem;

constexpr std::string_view kMessage = "examples/labelling/1-laboratory.hl7";
constexpr std::string_view kOfficial[] = {"../shared/corpora/hl7v2/ans", "../shared/corpora/cda/ans",
                                          "../shared/corpora/cda/ans-2021"};
constexpr std::string_view kValueSets[] = {"../shared/value-sets-fr", "../shared/value-sets-fr-extra",
                                           "examples/labelling/value-sets"};
constexpr std::string_view kSchema = "../shared/schemas/cda/CDA_extended.xsd";
constexpr double kSeconds = 1;

// With what stands beside the project, where nothing is named.
Result<std::unique_ptr<Bench>> Open(const Arguments& arguments) {
  BenchOptions options;
  AddFromEnvironment(options);
  for (auto folder : kValueSets)
    if (fs::is_directory(folder) && !std::getenv("PASSERELLE_VALUE_SETS"))
      options.value_sets.emplace_back(folder);
  if (options.schema.empty() && fs::exists(kSchema)) options.schema = kSchema;
  TRY(options.definitions, OpenDefinitions(arguments.Get("--definitions")));
  return OpenBench(std::move(options));
}

std::vector<std::string> ReadOfficial() {
  std::vector<fs::path> paths;
  for (auto folder : kOfficial)
    if (std::error_code none; fs::is_directory(folder, none))
      for (const auto& file : fs::recursive_directory_iterator(folder, none))
        if (file.is_regular_file() && file.path().extension() != ".md") paths.push_back(file.path());
  std::sort(paths.begin(), paths.end());
  std::vector<std::string> files;
  for (const auto& path : paths)
    if (auto bytes = ReadFile(path.string())) files.push_back(*std::move(bytes));
  return files;
}

// To the report, as a vendor's build has it; gives its size.
std::size_t Check(const Bench& bench, const requirements::Suite& suite, const std::string& bytes) {
  auto reader = bench.reader;
  reader.draft = nullptr;  // a sender is measured, not what is made of it
  auto input = labelling::ReadInput(bytes, reader);
  input->run.watched.push_back(requirements::Kind::Draft);
  labelling::SuiteVerdicts verdicts;
  verdicts.suite = suite.id;
  auto report = requirements::Evaluate(bench.catalogue, suite.requirements, input->run, bench.world);
  verdicts.files.push_back({"file", input->digest, std::string(labelling::InputFormatName(input->format)),
                            labelling::WhyUnread(*input), std::move(report)});
  return labelling::AsJson(verdicts).size();
}

int RunCheck(const Arguments& arguments) {
  auto message = ReadFile(std::string(kMessage));
  if (!message) return Fail(message.error(), kUnreadable);
  double start = ProcessorSeconds();
  auto bench = Open(arguments);
  if (!bench) return Fail(bench.error(), kUnreadable);
  PrintFigure("check", "start", (ProcessorSeconds() - start) * 1e3, "ms");
  auto suite = (*bench)->catalogue.FindSuite("all");
  if (!suite) return Fail(suite.error(), kUnreadable);
  start = ProcessorSeconds();
  Check(**bench, **suite, *message);
  PrintFigure("check", "first message and document", (ProcessorSeconds() - start) * 1e3, "ms");
  auto rate = PassesPerSecond(kSeconds, [&] { Check(**bench, **suite, *message); });
  PrintFigure("check", "message and document", 1e3 / rate, "ms");
  auto official = ReadOfficial();
  if (official.empty()) {
    std::fprintf(stderr, "check: skipped, no official examples here\n");
    return kClean;
  }
  start = ProcessorSeconds();
  double most = 0;
  for (const auto& bytes : official) {
    double begin = ProcessorSeconds();
    Check(**bench, **suite, bytes);
    most = std::max(most, ProcessorSeconds() - begin);
  }
  PrintFigure("check", "official examples", static_cast<double>(official.size()), "1");
  PrintFigure("check", "official examples, all", ProcessorSeconds() - start, "s");
  PrintFigure("check", "official examples, most", most * 1e3, "ms");
  return kClean;
}

}  // namespace

extern const Measurement kMeasureCheck;
const Measurement kMeasureCheck{"check", "verdicts on a laboratory message and on the official examples",
                                RunCheck};

}  // namespace passerelle::app
