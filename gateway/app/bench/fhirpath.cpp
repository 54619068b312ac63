// FHIRPath: the search parameters of the definitions over the instance examples, one thread.

#include <map>
#include <string>

#include "fhir_model/json/json.h"
#include "fhir_model/path/path.h"
#include "gateway/app/bench/measurement.h"
#include "gateway/app/definitions.h"

namespace passerelle::app {
namespace {

int Run(const Arguments& arguments) {
  auto opened = OpenDefinitions(arguments.Get("--definitions"));
  if (!opened) return Fail(opened.error(), kUnreadable);
  const auto& definitions = (*opened)->definitions;
  auto examples = ReadExamples(arguments);
  if (!examples) return Fail(examples.error(), kUnreadable);
  std::vector<node::Tree> trees;
  std::map<std::string, std::vector<path::Expression>, std::less<>> expressions;  // by resource type
  std::size_t texts = 0;
  auto compile = [&](std::string_view type) {
    path::CompileOptions options;
    options.definitions = &definitions;
    options.type = type;
    std::vector<path::Expression> compiled;
    for (const auto& parameter : definitions.SearchParameters(type)) {
      if (parameter.expression.empty()) continue;
      auto expression = path::Expression::Compile(parameter.expression, options);
      if (expression) compiled.push_back(*std::move(expression));
    }
    return compiled;
  };
  for (auto& bytes : *examples) {
    auto tree = json::Parse(std::move(bytes), kFileLimits, &definitions);
    if (!tree || tree->root().shape == 0) continue;
    std::string type(tree->NameText(tree->root().resource));
    if (auto [at, fresh] = expressions.try_emplace(type); fresh) {
      at->second = compile(type);
      texts += at->second.size();
    }
    trees.push_back(*std::move(tree));
  }
  path::Machine machine;
  std::size_t evaluations = 0, items = 0, failures = 0;
  auto pass = [&] {
    evaluations = items = failures = 0;
    for (const auto& tree : trees)
      for (const auto& expression : expressions.find(tree.NameText(tree.root().resource))->second) {
        auto found = machine.Evaluate(expression, path::Item::Of(tree, node::kRoot));
        ++evaluations;
        if (found)
          items += found->size();
        else
          ++failures;
      }
  };
  constexpr double kSeconds = 3;
  double passes = PassesPerSecond(kSeconds, pass);
  PrintFigure("fhirpath", "instances", static_cast<double>(trees.size()), "1");
  PrintFigure("fhirpath", "expressions", static_cast<double>(texts), "1");
  PrintFigure("fhirpath", "evaluations in a pass", static_cast<double>(evaluations), "1");
  PrintFigure("fhirpath", "items found in a pass", static_cast<double>(items), "1");
  PrintFigure("fhirpath", "errors in a pass", static_cast<double>(failures), "1");
  PrintFigure("fhirpath", "evaluations", passes * static_cast<double>(evaluations), "1/s");
  double compiles = PassesPerSecond(1, [&] {
    for (const auto& [type, known] : expressions) compile(type);
  });
  PrintFigure("fhirpath", "compiled expressions", compiles * static_cast<double>(texts), "1/s");
  return kClean;
}

}  // namespace

extern const Measurement kMeasureFhirPath;
const Measurement kMeasureFhirPath{"fhirpath", "search-parameter expressions over the R4 examples", Run};

}  // namespace passerelle::app
