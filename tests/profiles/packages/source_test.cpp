// Packages as they come: without a name, with names that leave the archive.

#include "profiles/packages/source.h"

#include <unistd.h>

#include <catch2/catch.hpp>
#include <cstdio>
#include <cstring>
#include <filesystem>
#include <fstream>
#include <string>

#include "profiles/packages/errors.h"

namespace passerelle::packages {
namespace {

namespace fs = std::filesystem;

// One file in the oldest form of tar: a header of 512 bytes, then the content in blocks of 512.
std::string TarEntry(const std::string& name, const std::string& content) {
  std::string header(512, '\0');
  name.copy(header.data(), 99);
  std::snprintf(&header[100], 8, "%07o", 0644u);
  std::snprintf(&header[124], 12, "%011o", static_cast<unsigned>(content.size()));
  std::memset(&header[148], ' ', 8);
  header[156] = '0';
  unsigned sum = 0;
  for (char c : header) sum += static_cast<unsigned char>(c);
  std::snprintf(&header[148], 7, "%06o", sum);
  std::string body = content;
  body.resize((content.size() + 511) / 512 * 512);
  return header + body;
}

class Scratch {
 public:
  Scratch() : path_(fs::temp_directory_path() / ("passerelle-source-" + std::to_string(getpid()))) {
    fs::create_directories(path_);
  }
  ~Scratch() { fs::remove_all(path_); }
  std::string Write(const std::string& name, const std::string& bytes) const {
    std::ofstream(path_ / name, std::ios::binary) << bytes;
    return (path_ / name).string();
  }
  std::string path() const { return path_.string(); }

 private:
  fs::path path_;
};

Result<PackageName> Read(const std::string& path) {
  return ReadPackage(path, [](std::string_view, std::string) { return Ok(); });
}

const std::string kAbout = R"({"name":"org.example.p","version":"1.0.0"})";

TEST_CASE("an archive that names a file outside of itself is refused with the place", "[packages]") {
  Scratch scratch;
  const std::string end(1024, '\0'), about = TarEntry("package/package.json", kAbout);
  CHECK(Read(scratch.Write("good.tgz", about + end)));
  for (const std::string name : {"../evil.json", "package/../../evil.json", "/etc/evil.json"}) {
    auto read = Read(scratch.Write("bad.tgz", about + TarEntry(name, "{}") + end));
    REQUIRE_FALSE(read);
    CHECK(read.error().info == &errors::PackageEscapes);
    CHECK(read.error().place.path.find(name) != std::string::npos);
  }
}

TEST_CASE("a package without package.json, or with one that names nothing, is an error", "[packages]") {
  Scratch scratch;
  scratch.Write("Patient-1.json", R"({"resourceType":"Patient"})");
  auto read = Read(scratch.path());
  REQUIRE_FALSE(read);
  CHECK(read.error().info == &errors::PackageNameless);
  scratch.Write("package.json", R"({"version":"1.0.0"})");
  CHECK(Read(scratch.path()).error().info == &errors::PackageNameless);
  scratch.Write("package.json", kAbout);
  CHECK(Read(scratch.path()));
}

}  // namespace
}  // namespace passerelle::packages
