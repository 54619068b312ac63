#include "gateway/app/bench/measurement.h"

#include <algorithm>
#include <array>
#include <cstdio>

#include "profiles/packages/source.h"

namespace passerelle::app {

void PrintFigure(std::string_view bench, std::string_view figure, double value, std::string_view unit) {
  std::printf("{\"bench\":\"%.*s\",\"figure\":\"%.*s\",\"value\":%.6g,\"unit\":\"%.*s\"}\n",
              static_cast<int>(bench.size()), bench.data(), static_cast<int>(figure.size()), figure.data(),
              value, static_cast<int>(unit.size()), unit.data());
  std::fflush(stdout);
}

namespace {

// What the package holds beside instances: definitions, and Bundles that gather them.
constexpr std::array<std::string_view, 15> kDefinitions = {"StructureDefinition",
                                                           "ValueSet",
                                                           "CodeSystem",
                                                           "ConceptMap",
                                                           "SearchParameter",
                                                           "OperationDefinition",
                                                           "CompartmentDefinition",
                                                           "CapabilityStatement",
                                                           "ImplementationGuide",
                                                           "NamingSystem",
                                                           "StructureMap",
                                                           "GraphDefinition",
                                                           "TerminologyCapabilities",
                                                           "MessageDefinition",
                                                           "package"};
constexpr std::size_t kInstanceBytesMax = 1u << 20;

}  // namespace

Result<std::vector<std::string>> ReadExamples(const Arguments& arguments) {
  std::vector<std::string> examples;
  std::string package = arguments.Get("--examples").value_or(".packages/hl7.fhir.r4.examples-4.0.1.tgz");
  TRY(auto name, packages::ReadPackage(package, [&](std::string_view file, std::string bytes) {
        std::string_view stem = file.substr(file.rfind('/') + 1);
        stem = stem.substr(0, stem.find_first_of("-."));
        bool definition = std::find(kDefinitions.begin(), kDefinitions.end(), stem) != kDefinitions.end();
        if (!definition && bytes.size() < kInstanceBytesMax && bytes.find("\"resourceType\"") != bytes.npos)
          examples.push_back(std::move(bytes));
        return Ok();
      }));
  (void)name;
  return examples;
}

}  // namespace passerelle::app
