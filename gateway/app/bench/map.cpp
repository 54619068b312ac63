// Mapping: messages and documents from bytes to FHIR JSON through the shipped tables, one thread.

#include <algorithm>
#include <filesystem>

#include "fhir_model/json/json.h"
#include "gateway/app/bench/measurement.h"
#include "gateway/app/definitions.h"
#include "mappers/cda/cda.h"
#include "mappers/engine/engine.h"
#include "mappers/hl7v2/grammar.h"
#include "mappers/hl7v2/reader.h"

namespace passerelle::app {
namespace {

namespace fs = std::filesystem;

constexpr double kSeconds = 1;
constexpr std::size_t kBatch = 50;  // messages are too quick for the clock one by one
constexpr std::string_view kExamples = "examples";

using Read = Result<node::Tree> (*)(std::string bytes, Issues& issues);

Result<node::Tree> ReadMessage(std::string bytes, Issues& issues) {
  TRY(auto tree, hl7v2::Parse(std::move(bytes), {}, issues));
  hl7v2::Group(tree, issues);
  return tree;
}
Result<node::Tree> ReadDocument(std::string bytes, Issues& issues) {
  return cda::Parse(std::move(bytes), kWireLimits, issues);
}

struct Kind {
  std::string_view extension;
  Read read;
  std::size_t batch;
};
constexpr Kind kKinds[] = {
    {".hl7", ReadMessage, kBatch}, {".er7", ReadMessage, kBatch}, {".xml", ReadDocument, 1}};

engine::MapOptions Options() {
  engine::MapOptions options;
  options.id_key = engine::kPublicIdKey;
  options.scope = "bench";
  options.timezone = "Europe/Paris";
  return options;
}

// The milliseconds that 99 of 100 calls of `work` do not exceed.
template <class Work>
double P99(Work work) {
  std::vector<double> times(1000);
  for (double& time : times) {
    double begin = ProcessorSeconds();
    work();
    time = (ProcessorSeconds() - begin) * 1e3;
  }
  auto place = times.begin() + static_cast<std::ptrdiff_t>(times.size() * 99 / 100);
  std::nth_element(times.begin(), place, times.end());
  return *place;
}

// Prints how many a second are read, mapped, and read, mapped and written.
void Measure(const engine::Program& program, const std::string& name, const std::string& bytes,
             const Kind& kind) {
  const auto options = Options();
  Issues ignored;
  auto tree = kind.read(bytes, ignored);
  if (!tree || !program.Claims(*tree)) return;
  auto rate = [&](const auto& work) {
    return static_cast<double>(kind.batch) * PassesPerSecond(kSeconds, [&] {
             for (std::size_t i = 0; i < kind.batch; ++i) work();
           });
  };
  PrintFigure("map", name + ", bytes", static_cast<double>(bytes.size()), "B");
  PrintFigure("map", name + ", read to a tree", rate([&] {
                Issues issues;
                static_cast<void>(kind.read(bytes, issues).has_value());
              }),
              "1/s");
  PrintFigure("map", name + ", mapped", rate([&] {
                Issues issues;
                static_cast<void>(program.Run(*tree, options, issues).has_value());
              }),
              "1/s");
  auto whole = [&] {
    Issues issues;
    auto source = kind.read(bytes, issues);
    auto draft = program.Run(*source, options, issues);
    if (draft) static_cast<void>(json::Write(draft->bundle).size());
  };
  PrintFigure("map", name + ", bytes to FHIR JSON", rate(whole), "1/s");
  PrintFigure("map", name + ", bytes to FHIR JSON, p99", P99(whole), "ms");
}

int RunMap(const Arguments& arguments) {
  auto definitions = OpenDefinitions(arguments.Get("--definitions"));
  if (!definitions) return Fail(definitions.error(), kUnreadable);
  auto shipped = engine::ShippedTables();
  double compiled = PassesPerSecond(kSeconds, [&] {
    static_cast<void>(engine::Program::Compile(shipped, (*definitions)->definitions).has_value());
  });
  PrintFigure("map", "tables compiled in", 1000 / compiled, "ms");
  auto program = engine::Program::Compile(shipped, (*definitions)->definitions);
  if (!program) return Fail(program.error(), kUnreadable);
  std::error_code none;
  std::vector<fs::path> paths;
  for (const auto& file : fs::recursive_directory_iterator(kExamples, none)) paths.push_back(file.path());
  std::sort(paths.begin(), paths.end());
  for (const auto& path : paths)
    for (const Kind& kind : kKinds)
      if (path.extension() == kind.extension)
        if (auto bytes = ReadFile(path.string())) Measure(*program, path.filename().string(), *bytes, kind);
  return kClean;
}

}  // namespace

extern const Measurement kMeasureMap;
const Measurement kMeasureMap{"map", "HL7 v2 and CDA of examples/ to FHIR, through the shipped tables",
                              RunMap};

}  // namespace passerelle::app
