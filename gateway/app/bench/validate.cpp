// Parsing, validation and start, over the instance examples of the R4 package, one thread.

#include <sys/resource.h>
#include <sys/wait.h>
#include <unistd.h>

#include <algorithm>
#include <cstdio>
#include <fstream>

#include "fhir_model/json/json.h"
#include "gateway/app/bench/measurement.h"
#include "gateway/app/definitions.h"
#include "profiles/validator/validator.h"

namespace passerelle::app {
namespace {

constexpr double kSeconds = 2;
constexpr std::size_t kExampleBytesMax = 1u << 20;  // the aggregates of the package are larger
constexpr std::size_t kEntries = 100'000;

struct Corpus {
  std::shared_ptr<const MappedDefinitions> mapped;
  std::vector<std::string> files;
  double bytes = 0;

  double count() const { return static_cast<double>(files.size()); }
  Result<node::Tree> Read(const std::string& file) const {
    std::string copy;
    copy.reserve(file.size() + json::kSpareBytes);
    copy = file;
    return json::Parse(std::move(copy), kFileLimits, &mapped->definitions);
  }
};

Result<Corpus> Load(const Arguments& arguments) {
  Corpus corpus;
  TRY(corpus.mapped, OpenDefinitions(arguments.Get("--definitions")));
  TRY(corpus.files, ReadExamples(arguments));
  std::erase_if(corpus.files, [](const std::string& file) { return file.size() > kExampleBytesMax; });
  for (const auto& file : corpus.files) corpus.bytes += static_cast<double>(file.size());
  return corpus;
}

void PrintRate(std::string_view bench, std::string_view figure, const Corpus& corpus, double passes) {
  PrintFigure(bench, figure, passes * corpus.count(), "resources/s");
  PrintFigure(bench, std::string(figure) + ", bytes", passes * corpus.bytes / 1e6, "MB/s");
}

int RunParse(const Arguments& arguments) {
  auto corpus = Load(arguments);
  if (!corpus) return Fail(corpus.error(), kUnreadable);
  std::size_t nodes = 0;
  double passes = PassesPerSecond(kSeconds, [&] {
    nodes = 0;
    for (const auto& file : corpus->files)
      if (auto tree = corpus->Read(file)) nodes += tree->size();
  });
  PrintFigure("parse", "nodes in a pass", static_cast<double>(nodes), "1");
  PrintRate("parse", "to a typed tree", *corpus, passes);
  return kClean;
}

// A collection of patients, each of which refers to its neighbour.
std::string LargeBundle() {
  std::string json = R"({"resourceType":"Bundle","type":"collection","entry":[)";
  for (std::size_t i = 0; i < kEntries; ++i) {
    std::string own = "http://passerelle.invalid/fhir/Patient/p" + std::to_string(i);
    std::string other = "Patient/p" + std::to_string((i + 1) % kEntries);
    json += i == 0 ? "" : ",";
    json += R"({"fullUrl":")" + own + R"(","resource":{"resourceType":"Patient","id":"p)" +
            std::to_string(i) + R"(","link":[{"type":"seealso","other":{"reference":")" + other + R"("}}]}})";
  }
  return json + "]}";
}

int RunValidate(const Arguments& arguments) {
  auto corpus = Load(arguments);
  if (!corpus) return Fail(corpus.error(), kUnreadable);
  spec::Library library(corpus->mapped->definitions);
  terminology::Terminology terminology(library);
  validator::Validator validator(library, terminology);
  validator::ValidateOptions full, structure;
  structure.structure_only = true;
  auto from_bytes = [&](const validator::ValidateOptions& options) {
    return PassesPerSecond(kSeconds, [&] {
      for (const auto& file : corpus->files) {
        Issues issues;
        if (auto tree = corpus->Read(file)) validator.Validate(*tree, options, issues);
      }
    });
  };
  std::vector<node::Tree> trees;
  for (const auto& file : corpus->files)
    if (auto tree = corpus->Read(file)) trees.push_back(*std::move(tree));
  auto from_trees = [&](const validator::ValidateOptions& options) {
    return PassesPerSecond(kSeconds, [&] {
      for (const auto& tree : trees) {
        Issues issues;
        validator.Validate(tree, options, issues);
      }
    });
  };
  PrintRate("validate", "full, from bytes", *corpus, from_bytes(full));
  PrintRate("validate", "structure, from bytes", *corpus, from_bytes(structure));
  PrintRate("validate", "full, from trees", *corpus, from_trees(full));
  PrintRate("validate", "structure, from trees", *corpus, from_trees(structure));
  std::string bundle = LargeBundle();
  double passes = PassesPerSecond(kSeconds, [&] {
    Issues issues;
    if (auto tree = corpus->Read(bundle)) validator.Validate(*tree, full, issues);
  });
  PrintFigure("validate", "Bundle of 100000 entries and references", 1 / passes, "s");
  return kClean;
}

// Runs this binary on one small resource, as a person would: wall time and peak memory of the process.
int RunStart(const Arguments&) {
  std::string file = "/tmp/passerelle-bench-start-" + std::to_string(getpid()) + ".json";
  std::ofstream(file)
      << R"({"resourceType":"Patient","active":true,"name":[{"family":"Testard"}],"gender":"female"})";
  long kib = 0;
  double passes = PassesPerSecond(
      1,
      [&] {
        pid_t child = fork();
        if (child == 0) {
          if (std::freopen("/dev/null", "w", stdout) == nullptr) _exit(127);
          execl("/proc/self/exe", "passerelle", "validate", file.c_str(), static_cast<char*>(nullptr));
          _exit(127);
        }
        int status = 0;
        struct rusage used{};
        wait4(child, &status, 0, &used);
        kib = used.ru_maxrss;
      },
      WallSeconds);
  std::remove(file.c_str());
  PrintFigure("start", "to the first verdict", 1e3 / passes, "ms");
  PrintFigure("start", "peak memory", static_cast<double>(kib) / 1024, "MiB");
  return kClean;
}

}  // namespace

extern const Measurement kMeasureParse, kMeasureValidate, kMeasureStart;
const Measurement kMeasureParse{"parse", "the R4 examples from JSON", RunParse};
const Measurement kMeasureValidate{"validate", "the R4 examples, and one large Bundle", RunValidate};
const Measurement kMeasureStart{"start", "the binary on one resource", RunStart};

}  // namespace passerelle::app
