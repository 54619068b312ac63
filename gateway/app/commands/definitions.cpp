// passerelle definitions build|list

#include <array>
#include <cstdio>

#include "fhir_model/json/json.h"
#include "gateway/app/command.h"
#include "gateway/app/definitions.h"
#include "gateway/app/errors.h"
#include "profiles/packages/errors.h"
#include "profiles/packages/pack_builder.h"
#include "profiles/packages/snapshot.h"

namespace passerelle::app {
namespace {

int Build(const Arguments& arguments) {
  auto out = arguments.Get("--out");
  std::vector<std::string> packages(arguments.files().begin() + 1, arguments.files().end());
  if (!out || packages.empty()) return Fail({errors::UsageWrong, "build wants --out FILE and packages"}, kUsage);
  packages::PackReport report;
  auto bytes = packages::BuildPack(packages, report, [](std::string_view package) {
    std::fprintf(stderr, "reading %.*s\n", static_cast<int>(package.size()), package.data());
  });
  if (bytes && report.types == 0) bytes = Error{errors::PackageWithoutTypes};
  if (!bytes) return Fail(bytes.error(), kUnreadable);
  if (auto written = packages::WritePack(*out, *bytes); !written) return Fail(written.error(), kUnreadable);
  for (const auto& error : report.skipped) std::fprintf(stderr, "%s\n", error.Text().c_str());
  std::printf("%s: %zu types, %zu shapes, %zu resources, %zu bytes\n", out->c_str(), report.types, report.shapes,
              report.resources, report.bytes);
  return report.skipped.empty() ? kClean : kFindings;
}

int List(const Arguments& arguments) {
  auto opened = OpenDefinitions(arguments.Get("--definitions"));
  if (!opened) return Fail(opened.error(), kUnreadable);
  for (auto package : (*opened)->definitions.Packages())
    std::printf("%.*s\n", static_cast<int>(package.size()), package.data());
  return kClean;
}

// The definition in FILE with its snapshot made anew, from the pack and what --package adds.
int Snapshot(const Arguments& arguments) {
  if (arguments.files().size() != 2) return Fail({errors::UsageWrong, "definitions snapshot wants one FILE"}, kUsage);
  auto opened = OpenDefinitions(arguments.Get("--definitions"));
  if (!opened) return Fail(opened.error(), kUnreadable);
  spec::Library library((*opened)->definitions);
  packages::PackReport report;
  auto bytes = packages::BuildPack(arguments.All("--package"), report, {}, &library);
  if (!bytes) return Fail(bytes.error(), kUnreadable);
  auto layer = spec::Definitions::Open(std::as_bytes(std::span(*bytes)));
  if (!layer) return Fail(layer.error(), kUnreadable);
  library.Add(*std::move(layer));
  auto file = ReadFile(arguments.files()[1]);
  if (!file) return Fail(file.error(), kUnreadable);
  auto definition = json::Parse(*std::move(file), kFileLimits);
  if (!definition) return Fail(definition.error(), kFindings);
  packages::Snapshots snapshots([&](std::string_view canonical) -> std::optional<node::Tree> {
    auto found = library.Find(canonical, "StructureDefinition");
    if (!found) return std::nullopt;
    auto tree = json::Parse(std::string(found->json), kFileLimits);
    if (!tree) return std::nullopt;
    return *std::move(tree);
  });
  auto made = snapshots.Make(*definition);
  if (!made) return Fail(made.error(), kFindings);
  std::printf("%s\n", json::Write(*made, node::kRoot, true).c_str());
  return kClean;
}

int Run(const Arguments& arguments) {
  std::string_view verb = arguments.files().empty() ? std::string_view() : arguments.files().front();
  if (verb == "build") return Build(arguments);
  if (verb == "list") return List(arguments);
  if (verb == "snapshot") return Snapshot(arguments);
  return Fail({errors::UsageWrong, "definitions wants build, list or snapshot"}, kUsage);
}

constexpr std::array<std::string_view, 3> kOptions = {"--out", "--definitions", "--package"};

}  // namespace

extern const Command kDefinitions;
const Command kDefinitions{"definitions",
                           "compile FHIR packages into a pack, or list what a pack holds",
                           R"(usage: passerelle definitions build --out FILE PACKAGE...
       passerelle definitions list [--definitions FILE]
       passerelle definitions snapshot [--definitions FILE] [--package PACKAGE]... FILE

snapshot prints the StructureDefinition in FILE with its snapshot made anew, whether it has one or not.
PACKAGE is a folder, a .tgz or one resource file. The pack is searched at --definitions, then beside the binary.
)",
                           kOptions,
                           {},
                           Run};

}  // namespace passerelle::app
