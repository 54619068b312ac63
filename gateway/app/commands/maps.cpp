// passerelle maps check: reads mapping tables and says what is wrong with them, before a gateway would.

#include <array>
#include <cstdio>
#include <iterator>

#include "fhir_model/base/errors.h"
#include "gateway/app/command.h"
#include "gateway/app/definitions.h"
#include "gateway/app/errors.h"
#include "gateway/app/overlays.h"
#include "mappers/engine/engine.h"

namespace passerelle::app {
namespace {

int Check(const Arguments& arguments) {
  auto opened = OpenDefinitions(arguments.Get("--definitions"));
  if (!opened) return Fail(opened.error(), kUnreadable);
  std::vector<engine::TableFile> files;
  if (auto folder = arguments.Get("--shipped")) {
    auto read = ReadOverlay(*folder, 0);
    if (!read) return Fail(read.error(), kUnreadable);
    files = *std::move(read);
    for (auto& file : files) file.layer = file.name.starts_with(*folder + "/fr/") ? 1 : 0;
  } else {
    files = engine::ShippedTables();
  }
  int layer = 2;
  for (std::size_t i = 1; i < arguments.files().size(); ++i) {
    auto read = ReadOverlay(arguments.files()[i], layer++);
    if (!read) return Fail(read.error(), kUnreadable);
    std::move(read->begin(), read->end(), std::back_inserter(files));
  }
  std::vector<Error> errors;
  auto program = engine::Program::Compile(files, (*opened)->definitions, &errors);
  for (const auto& error : errors)
    std::fprintf(stderr, "%s:%u: %s\n", error.place.path.c_str(), error.place.line,
                 error.detail.empty() ? std::string(error.info->en).c_str() : error.detail.c_str());
  if (!errors.empty()) {
    std::fprintf(stderr, "%zu errors in %zu files\n", errors.size(), files.size());
    return kFindings;
  }
  std::printf("%zu files, tables %s\n", files.size(), std::string(program->digest().substr(0, 16)).c_str());
  return kClean;
}

int Run(const Arguments& arguments) {
  if (!arguments.files().empty() && arguments.files().front() == "check") return Check(arguments);
  return Fail({errors::UsageWrong, "maps wants check"}, kUsage);
}

constexpr std::array<std::string_view, 2> kOptions = {"--definitions", "--shipped"};

}  // namespace

extern const Command kMaps;
const Command kMaps{"maps",
                    "check mapping tables",
                    R"(usage: passerelle maps check [--shipped DIR] [--definitions FILE] [DIR]...

Checks the tables in the binary with those of each DIR laid over them, in the order given: file and line for each error.
--shipped DIR takes DIR (as mappers/tables) for the tables in the binary.
Exit code: 0 clean, 1 errors, 2 usage, 3 a file could not be read.
)",
                    kOptions,
                    {},
                    Run};

}  // namespace passerelle::app
