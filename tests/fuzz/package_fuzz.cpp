// Reading packages and packs takes any bytes. The first byte says what the rest is: an archive, one resource
// file, a pack.

#include <unistd.h>

#include <cstdint>
#include <cstdlib>
#include <cstring>
#include <fstream>
#include <string>
#include <vector>

#include "fhir_model/spec/library.h"
#include "profiles/packages/pack_builder.h"
#include "profiles/packages/source.h"
#include "tests/fuzz/pack.h"

namespace {

using namespace passerelle;

std::string Written(const char* extension, const std::uint8_t* data, std::size_t size) {
  static const std::string stem = "/tmp/passerelle-package-fuzz-" + std::to_string(getpid());
  std::string path = stem + extension;
  std::ofstream(path, std::ios::binary | std::ios::trunc)
      .write(reinterpret_cast<const char*>(data), static_cast<std::streamsize>(size));
  return path;
}

void ReadArchive(const std::uint8_t* data, std::size_t size) {
  (void)packages::ReadPackage(Written(".tgz", data, size), [](std::string_view name, std::string) -> Status {
    if (name.find("..") != name.npos && name.find('/') != name.npos) std::abort();  // left the archive
    return Ok();
  });
}

void ReadResource(const std::uint8_t* data, std::size_t size) {
  static const spec::Library beneath(fuzz::Pack());
  packages::PackReport report;
  std::vector<std::string> paths{Written(".json", data, size)};
  auto bytes = packages::BuildPack(paths, report, {}, &beneath);
  if (!bytes) return;
  if (!spec::Definitions::Open(std::as_bytes(std::span(*bytes)))) std::abort();
}

void OpenPack(const std::uint8_t* data, std::size_t size) {
  std::vector<std::uint64_t> aligned(size / 8 + 1);
  std::memcpy(aligned.data(), data, size);
  auto opened = spec::Definitions::Open(std::as_bytes(std::span(aligned)).first(size));
  if (!opened) return;
  spec::Library library(*opened);
  for (const auto& resource : library.All("StructureDefinition")) (void)library.FindProfile(resource.url);
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  if (size == 0) return 0;
  switch (data[0] % 3) {
    case 0: ReadArchive(data + 1, size - 1); break;
    case 1: ReadResource(data + 1, size - 1); break;
    default: OpenPack(data + 1, size - 1); break;
  }
  return 0;
}
