// CDA documents from bytes to a FHIR document Bundle in JSON, as `convert` does it: each document of a folder
// by itself, the best of a few runs. One that does not convert has no time, and is counted apart.

#include <algorithm>
#include <cstdio>
#include <filesystem>
#include <optional>

#include "fhir_model/json/json.h"
#include "gateway/app/bench/measurement.h"
#include "gateway/app/definitions.h"
#include "mappers/engine/engine.h"
#include "mappers/normalise/normalise.h"

namespace passerelle::app {
namespace {

namespace fs = std::filesystem;

constexpr std::string_view kDocuments = "../shared/corpora/cda/ans";
constexpr int kRuns = 5;

std::vector<std::string> ReadDocuments() {
  std::error_code none;
  std::vector<fs::path> paths;
  for (const auto& file : fs::recursive_directory_iterator(kDocuments, none))
    if (file.path().extension() == ".xml") paths.push_back(file.path());
  std::sort(paths.begin(), paths.end());
  std::vector<std::string> documents;
  for (const auto& path : paths)
    if (auto bytes = ReadFile(path.string())) documents.push_back(*std::move(bytes));
  return documents;
}

bool Convert(const normalise::Normaliser& normaliser, const std::string& bytes) {
  normalise::Options options;
  options.limits = kFileLimits;
  options.map.id_key = engine::kPublicIdKey;
  options.map.timezone = "Europe/Paris";
  auto made = normaliser.Run(bytes, options);
  if (!made.draft || made.refusal) return false;
  auto bundle = normalise::BundleAs(*std::move(made.draft), normalise::BundleForm::Document);
  return bundle && !json::Write(*bundle).empty();
}

std::optional<double> Milliseconds(const normalise::Normaliser& normaliser, const std::string& bytes) {
  double best = 0;
  for (int run = 0; run < kRuns; ++run) {
    double begin = ProcessorSeconds();
    if (!Convert(normaliser, bytes)) return std::nullopt;
    double took = (ProcessorSeconds() - begin) * 1e3;
    if (run == 0 || took < best) best = took;
  }
  return best;
}

int RunCda(const Arguments& arguments) {
  auto definitions = OpenDefinitions(arguments.Get("--definitions"));
  if (!definitions) return Fail(definitions.error(), kUnreadable);
  auto program = engine::Program::Compile(engine::ShippedTables(), (*definitions)->definitions);
  if (!program) return Fail(program.error(), kUnreadable);
  const normalise::Normaliser normaliser(*std::move(program), (*definitions)->definitions);
  std::vector<double> times;
  int refused = 0;
  for (const std::string& bytes : ReadDocuments()) {
    auto took = Milliseconds(normaliser, bytes);
    if (took)
      times.push_back(*took);
    else
      ++refused;
  }
  if (times.empty()) {
    std::fprintf(stderr, "cda: skipped, no documents below %s\n", std::string(kDocuments).c_str());
    return kClean;
  }
  std::sort(times.begin(), times.end());
  auto part = [&](double share) { return times[static_cast<std::size_t>(share * double(times.size() - 1))]; };
  PrintFigure("cda", "documents", static_cast<double>(times.size()), "1");
  PrintFigure("cda", "documents not converted", refused, "1");
  PrintFigure("cda", "p50", part(0.5), "ms");
  PrintFigure("cda", "p99", part(0.99), "ms");
  PrintFigure("cda", "most", times.back(), "ms");
  return kClean;
}

}  // namespace

extern const Measurement kMeasureCda;
const Measurement kMeasureCda{"cda", "the French CDA examples to FHIR document Bundles, one by one", RunCda};

}  // namespace passerelle::app
