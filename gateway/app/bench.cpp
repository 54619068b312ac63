#include "gateway/app/bench.h"

#include <cstdlib>
#include <filesystem>

#include "fhir_model/json/json.h"
#include "gateway/app/errors.h"

namespace passerelle::app {
namespace {

std::string Variable(const char* name) {
  const char* value = std::getenv(name);
  return value ? value : "";
}

std::vector<std::string> SplitAtColons(const std::string& text) {
  std::vector<std::string> parts;
  for (std::size_t at = 0; at < text.size();) {
    auto end = std::min(text.find(':', at), text.size());
    if (end > at) parts.push_back(text.substr(at, end - at));
    at = end + 1;
  }
  return parts;
}

// How the validator's errors are shown to the checks.
std::optional<std::vector<requirements::ResourceError>> ErrorsOf(const validator::Validator& validator,
                                                                 const node::Tree& tree) {
  Issues issues;
  validator.Validate(tree, {}, issues);
  std::vector<requirements::ResourceError> errors;
  for (const auto& issue : issues.all())
    if (issue.severity == Severity::Error || issue.severity == Severity::Fatal)
      errors.push_back({issue.place.path, issue.Text() + " [" + std::string(issue.rule->id) + "]"});
  return errors;
}

constexpr std::string_view kTimezone = "Europe/Paris";

// The Bundle that `convert` would make, read as a receiver reads it; nothing where it refuses.
std::optional<node::Tree> DraftOf(const normalise::Normaliser& normaliser,
                                  const spec::Definitions& definitions, std::string bytes,
                                  const std::string& digest) {
  normalise::Options options;
  options.limits = kFileLimits;
  options.map.id_key = engine::kPublicIdKey;
  options.map.scope = digest;
  options.map.timezone = kTimezone;
  auto made = normaliser.Run(std::move(bytes), options);
  if (made.refusal || !made.draft) return std::nullopt;
  auto bundle = json::Parse(json::Write(made.draft->bundle), kFileLimits, &definitions);
  if (!bundle) return std::nullopt;
  return *std::move(bundle);
}

Status OpenNormaliser(Bench& bench) {
  TRY(auto program, engine::Program::Compile(engine::ShippedTables(), bench.definitions->definitions));
  bench.normaliser =
      std::make_unique<normalise::Normaliser>(std::move(program), bench.definitions->definitions);
  auto* normaliser = bench.normaliser.get();
  const auto* definitions = &bench.definitions->definitions;
  bench.reader.draft = [normaliser, definitions](std::string bytes, const std::string& digest) {
    return DraftOf(*normaliser, *definitions, std::move(bytes), digest);
  };
  return Ok();
}

Status OpenDefinitionsOf(Bench& bench, std::shared_ptr<const MappedDefinitions> definitions) {
  bench.definitions = std::move(definitions);
  bench.library = std::make_unique<spec::Library>(bench.definitions->definitions);
  bench.terms = std::make_unique<terminology::Terminology>(*bench.library);
  bench.validator = std::make_unique<validator::Validator>(*bench.library, *bench.terms);
  bench.reader.definitions = &bench.definitions->definitions;
  auto* validator = bench.validator.get();
  bench.world.validate = [validator](const node::Tree& tree) { return ErrorsOf(*validator, tree); };
  return OpenNormaliser(bench);
}

}  // namespace

Language LanguageOf(const Arguments& arguments) {
  return arguments.Get("--language").value_or("en") == "fr" ? Language::French : Language::English;
}

void AddFromEnvironment(BenchOptions& options) {
  if (options.value_sets.empty()) options.value_sets = SplitAtColons(Variable("PASSERELLE_VALUE_SETS"));
  if (options.schema.empty()) options.schema = Variable("PASSERELLE_CDA_SCHEMA");
}

Result<std::unique_ptr<Bench>> OpenBench(BenchOptions options) {
  auto bench = std::make_unique<Bench>();
  bench->reader.mode = options.mode;
  TRY(bench->catalogue, requirements::Catalogue::Shipped());
  for (const auto& folder : options.value_sets)
    if (!std::filesystem::is_directory(folder))
      return Error{errors::UsageWrong, "value sets are in a folder: " + folder};
  bench->value_sets = std::make_unique<requirements::ValueSets>(std::move(options.value_sets));
  bench->world.value_sets = bench->value_sets.get();
  if (!options.schema.empty()) {
    TRY(bench->schema, xml::Schema::Load(options.schema, "ClinicalDocument"));
    const auto* schema = &*bench->schema;
    bench->world.schema =
        [schema](std::string_view bytes) -> std::optional<std::vector<requirements::SchemaError>> {
      std::vector<requirements::SchemaError> errors;
      for (auto& problem : schema->Validate(bytes))
        errors.push_back({std::move(problem.path), std::move(problem.text)});
      return errors;
    };
  }
  if (options.definitions) CHECK_OK(OpenDefinitionsOf(*bench, std::move(options.definitions)));
  return bench;
}

Result<std::unique_ptr<Bench>> OpenBench(const Arguments& arguments) {
  BenchOptions options;
  auto mode = arguments.Get("--mode").value_or("test");
  if (mode != "test" && mode != "production")
    return Error{errors::UsageWrong, "--mode is test or production"};
  if (mode == "production") options.mode = requirements::Mode::Production;
  options.value_sets = arguments.All("--value-sets");
  options.schema = arguments.Get("--schema").value_or("");
  AddFromEnvironment(options);
  auto definitions = OpenDefinitions(arguments.Get("--definitions"));
  if (definitions)
    options.definitions = *std::move(definitions);
  else if (arguments.Get("--definitions"))
    return definitions.error();
  return OpenBench(std::move(options));
}

}  // namespace passerelle::app
