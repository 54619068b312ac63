// pack_tool OUT PACKAGE...: builds the definitions pack as a step of the build, before the gateway itself is linked.

#include <cstdio>
#include <string>
#include <vector>

#include "profiles/packages/errors.h"
#include "profiles/packages/pack_builder.h"

int main(int argc, char** argv) {
  using namespace passerelle;
  if (argc < 3) {
    std::fputs("usage: pack_tool OUT PACKAGE...\n", stderr);
    return 2;
  }
  std::vector<std::string> packages(argv + 2, argv + argc);
  packages::PackReport report;
  auto bytes = packages::BuildPack(packages, report);
  if (bytes && report.types == 0) bytes = Error{errors::PackageWithoutTypes};
  auto written = bytes ? packages::WritePack(argv[1], *bytes) : Status(bytes.error());
  if (!written) {
    std::fprintf(stderr, "%s\n", written.error().Text().c_str());
    return 1;
  }
  for (const auto& error : report.skipped) std::fprintf(stderr, "%s\n", error.Text().c_str());
  std::printf("%s: %zu types, %zu shapes, %zu resources, %zu bytes\n", argv[1], report.types, report.shapes,
              report.resources, report.bytes);
  return 0;
}
