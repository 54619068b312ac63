// CDA documents from bytes to a FHIR document Bundle in JSON, as `convert` does it: each document of a folder
// by itself, the best of a few runs; and a message with a large one. One that does not
// convert has no time, and is counted apart.

#include <algorithm>
#include <cstdio>
#include <filesystem>
#include <optional>

#include "fhir_model/base/digest.h"
#include "fhir_model/json/json.h"
#include "gateway/app/bench/measurement.h"
#include "gateway/app/definitions.h"
#include "mappers/engine/engine.h"
#include "mappers/normalise/normalise.h"

namespace passerelle::app {
namespace {

namespace fs = std::filesystem;

constexpr std::string_view kDocuments = "../shared/corpora/cda/ans";
constexpr std::string_view kCarrying = "examples/laboratory/1-report.hl7";
constexpr std::size_t kCarriedSize = 800000;
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

bool Convert(const normalise::Normaliser& normaliser, const std::string& bytes, normalise::BundleForm form) {
  normalise::Options options;
  options.limits = kFileLimits;
  options.map.id_key = engine::kPublicIdKey;
  options.map.timezone = "Europe/Paris";
  auto made = normaliser.Run(bytes, options);
  if (!made.draft || made.refusal) return false;
  auto bundle = normalise::BundleAs(*std::move(made.draft), form);
  return bundle && !json::Write(*bundle).empty();
}

// The message with the document that it carries grown to `size` bytes, by paragraphs of its first narrative;
// nothing if it carries none. The document is its longest component.
std::optional<std::string> WithDocumentOf(std::size_t size, std::string message) {
  std::size_t begin = 0, length = 0;
  for (std::size_t at = 0; at < message.size();) {
    std::size_t end = std::min(message.find_first_of("|^\r", at), message.size());
    if (end - at > length) begin = at, length = end - at;
    at = end + 1;
  }
  auto document = DecodeBase64(std::string_view(message).substr(begin, length));
  std::size_t narrative = document ? document->find("</text>") : std::string::npos;
  if (narrative == std::string::npos) return std::nullopt;
  constexpr std::string_view kParagraph =
      "<paragraph>Aspect normal du parenchyme, sans lésion visible.</paragraph>";
  std::string grown;
  while (document->size() + grown.size() < size) grown += kParagraph;
  document->insert(narrative, grown);
  return message.replace(begin, length, EncodeBase64(*document));
}

std::optional<double> Milliseconds(const normalise::Normaliser& normaliser, const std::string& bytes,
                                   normalise::BundleForm form) {
  double best = 0;
  for (int run = 0; run < kRuns; ++run) {
    double begin = ProcessorSeconds();
    if (!Convert(normaliser, bytes, form)) return std::nullopt;
    double took = (ProcessorSeconds() - begin) * 1e3;
    if (run == 0 || took < best) best = took;
  }
  return best;
}

void MeasureDocuments(const normalise::Normaliser& normaliser) {
  std::vector<double> times;
  int refused = 0;
  for (const std::string& bytes : ReadDocuments()) {
    auto took = Milliseconds(normaliser, bytes, normalise::BundleForm::Document);
    if (took)
      times.push_back(*took);
    else
      ++refused;
  }
  if (times.empty()) {
    std::fprintf(stderr, "cda: skipped, no documents below %s\n", std::string(kDocuments).c_str());
    return;
  }
  std::sort(times.begin(), times.end());
  auto part = [&](double share) { return times[static_cast<std::size_t>(share * double(times.size() - 1))]; };
  PrintFigure("cda", "documents", static_cast<double>(times.size()), "1");
  PrintFigure("cda", "documents not converted", refused, "1");
  PrintFigure("cda", "p50", part(0.5), "ms");
  PrintFigure("cda", "p99", part(0.99), "ms");
  PrintFigure("cda", "most", times.back(), "ms");
}

void MeasureCarried(const normalise::Normaliser& normaliser) {
  auto message = ReadFile(std::string(kCarrying));
  auto grown = message ? WithDocumentOf(kCarriedSize, *std::move(message)) : std::nullopt;
  auto took = grown ? Milliseconds(normaliser, *grown, normalise::BundleForm::Transaction) : std::nullopt;
  if (took)
    PrintFigure("cda", "a message with a document of 800 kB", *took, "ms");
  else
    std::fprintf(stderr, "cda: skipped, %s carries no document\n", std::string(kCarrying).c_str());
}

int RunCda(const Arguments& arguments) {
  auto definitions = OpenDefinitions(arguments.Get("--definitions"));
  if (!definitions) return Fail(definitions.error(), kUnreadable);
  auto program = engine::Program::Compile(engine::ShippedTables(), (*definitions)->definitions);
  if (!program) return Fail(program.error(), kUnreadable);
  const normalise::Normaliser normaliser(*std::move(program), (*definitions)->definitions);
  MeasureDocuments(normaliser);
  MeasureCarried(normaliser);
  return kClean;
}

}  // namespace

extern const Measurement kMeasureCda;
const Measurement kMeasureCda{
    "cda", "the French CDA examples to FHIR document Bundles, one by one; a large one in a message", RunCda};

}  // namespace passerelle::app
