#pragma once
// The bench over the shipped tables and, where ../shared is there, the French value sets and the CDA schema.

#include <algorithm>
#include <filesystem>
#include <fstream>
#include <optional>
#include <set>
#include <sstream>
#include <string>
#include <vector>

#include "fhir_model/xml/schema.h"
#include "gateway/labelling/input.h"
#include "gateway/labelling/mutation.h"
#include "profiles/requirements/evaluate.h"
#include "profiles/terminology/terminology.h"
#include "profiles/validator/validator.h"
#include "tests/support/pack.h"

namespace passerelle::tests {

inline const std::filesystem::path kShared = "../shared";
inline bool HasShared() { return std::filesystem::exists(kShared / "value-sets-fr"); }

struct LabellingBench {
  requirements::Catalogue catalogue = *requirements::Catalogue::Shipped();
  requirements::ValueSets value_sets{
      {(kShared / "value-sets-fr").string(), (kShared / "value-sets-fr-extra").string(),
       "examples/labelling/value-sets"}};
  std::optional<xml::Schema> schema;
  labelling::Reader reader;
  requirements::World world;

  spec::Library library{Pack()};
  terminology::Terminology terms{library};
  validator::Validator validator{library, terms};

  LabellingBench() {
    reader.definitions = &Pack();
    world.validate = [this](const node::Tree& tree) { return Wrong(tree); };
    world.value_sets = &value_sets;
    auto loaded = xml::Schema::Load((kShared / "schemas/cda/CDA_extended.xsd").string(), "ClinicalDocument");
    if (!loaded) return;
    schema = *std::move(loaded);
    world.schema = [this](std::string_view bytes) -> std::optional<std::vector<requirements::SchemaError>> {
      std::vector<requirements::SchemaError> errors;
      for (auto& problem : schema->Validate(bytes))
        errors.push_back({std::move(problem.path), std::move(problem.text)});
      return errors;
    };
  }

  std::optional<std::vector<requirements::ResourceError>> Wrong(const node::Tree& tree) const {
    Issues issues;
    validator.Validate(tree, {}, issues);
    std::vector<requirements::ResourceError> errors;
    for (const auto& issue : issues.all())
      if (issue.severity == Severity::Error || issue.severity == Severity::Fatal)
        errors.push_back({issue.place.path, issue.Text()});
    return errors;
  }
  const std::vector<std::string>& all() const { return (*catalogue.FindSuite("all"))->requirements; }
  requirements::Report Check(std::string bytes) const {
    auto input = labelling::ReadInput(std::move(bytes), reader);
    return requirements::Evaluate(catalogue, all(), input->run, world);
  }
};

inline std::string ReadBytes(const std::filesystem::path& path) {
  std::ifstream in(path, std::ios::binary);
  std::ostringstream bytes;
  bytes << in.rdbuf();
  return std::move(bytes).str();
}

inline std::string Example(std::string_view name) {
  return ReadBytes(std::filesystem::path("examples/labelling") / name);
}

// Name and bytes of the good examples, in order.
inline std::vector<std::pair<std::string, std::string>> GoodExamples() {
  const std::set<std::string> kinds = {".hl7", ".xml", ".XML", ".json", ".eml", ".zip"};
  std::vector<std::pair<std::string, std::string>> examples;
  for (const auto& entry : std::filesystem::directory_iterator("examples/labelling"))
    if (kinds.contains(entry.path().extension().string()))
      examples.emplace_back(entry.path().filename().string(), ReadBytes(entry.path()));
  std::sort(examples.begin(), examples.end());
  return examples;
}

}  // namespace passerelle::tests
