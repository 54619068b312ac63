// False alarms on published packages: every resource and example of a package is validated, and every error
// must be in a reviewed list of real defects.
//
//     package_suite DEFECTS PACKAGE [LAYER...]
//
// A line of DEFECTS is "RULE FILE  reason", with * in RULE and FILE; a line that meets no error is said.
// LAYERs are packages that PACKAGE stands on, the lowest first. Exit codes: 0, 1 an error that is not in the
// list, 77 skipped.

#include <algorithm>
#include <filesystem>
#include <fstream>
#include <iostream>
#include <set>
#include <sstream>

#include "fhir_model/json/json.h"
#include "fhir_model/spec/mapped_file.h"
#include "profiles/packages/pack_builder.h"
#include "profiles/packages/source.h"
#include "profiles/validator/validator.h"
#include "tests/conformance/defects.h"

namespace {

namespace fs = std::filesystem;
using namespace passerelle;

constexpr int kSkipped = 77;

struct Found {
  std::size_t files = 0, errors = 0, unknown = 0;
};

void Check(const std::string& name, std::string bytes, const validator::Validator& validator,
           const spec::Definitions& definitions, tests::Defects& defects, Found& found) {
  auto tree = json::Parse(std::move(bytes), kFileLimits, &definitions);
  if (!tree || tree->root().resource == 0) return;
  ++found.files;
  Issues issues;
  validator.Validate(*tree, {}, issues);
  for (const auto& issue : issues.all()) {
    if (issue.severity < Severity::Error) continue;
    ++found.errors;
    if (defects.Lists(issue.rule->id, name)) continue;
    ++found.unknown;
    std::cout << name << ": " << issue.place.path << ": " << issue.Text().substr(0, 200) << " ["
              << issue.rule->id << "]\n";
  }
}

std::string ReadAll(const fs::path& path) {
  std::ifstream in(path, std::ios::binary);
  std::ostringstream out;
  out << in.rdbuf();
  return out.str();
}

}  // namespace

int main(int argc, char** argv) {
  if (argc < 3) {
    std::cerr << "usage: package_suite DEFECTS PACKAGE [LAYER...]\n";
    return 2;
  }
  for (int i = 2; i < argc; ++i)
    if (!fs::exists(argv[i])) {
      std::cout << "skipped: " << argv[i] << " is not there\n";
      return kSkipped;
    }
  auto file = spec::MappedFile::Open(PASSERELLE_PACK);
  auto definitions = file ? spec::Definitions::Open(file->bytes()) : Result<spec::Definitions>(file.error());
  if (!definitions) {
    std::cerr << definitions.error().Text() << "\n";
    return 2;
  }
  spec::Library library(*definitions);
  std::vector<std::string> layers(argv + 3, argv + argc);
  std::string package = argv[2], pack;
  if (fs::is_directory(package)) layers.push_back(package);
  if (!layers.empty()) {
    packages::PackReport report;
    auto bytes = packages::BuildPack(layers, report, {}, &library);
    if (!bytes) {
      std::cerr << bytes.error().Text() << "\n";
      return 1;
    }
    pack = *std::move(bytes);
    if (auto layer = spec::Definitions::Open(std::as_bytes(std::span(pack)))) library.Add(*std::move(layer));
  }
  terminology::Terminology terminology(library);
  validator::Validator validator(library, terminology);
  tests::Defects defects(argv[1]);
  Found found;
  auto visit = [&](std::string_view name, std::string bytes) -> Status {
    Check(std::string(name), std::move(bytes), validator, *definitions, defects, found);
    return Ok();
  };
  if (auto read = packages::ReadPackage(package, visit); !read) {
    std::cerr << read.error().Text() << "\n";
    return 1;
  }
  std::set<fs::path> examples;
  if (fs::is_directory(fs::path(package) / "example"))
    for (const auto& entry : fs::directory_iterator(fs::path(package) / "example"))
      examples.insert(entry.path());
  for (const auto& example : examples)
    Check("example/" + example.filename().string(), ReadAll(example), validator, *definitions, defects,
          found);
  defects.PrintUnmet();
  std::cout << found.files << " resources, " << found.errors << " errors, of which " << found.unknown
            << " are in no list of defects\n";
  return found.unknown == 0 ? 0 : 1;
}
