#include "profiles/packages/source.h"

#include <archive.h>
#include <archive_entry.h>

#include <algorithm>
#include <filesystem>
#include <fstream>
#include <memory>
#include <sstream>
#include <vector>

#include "fhir_model/base/limits.h"
#include "fhir_model/json/json.h"
#include "profiles/packages/errors.h"

namespace passerelle::packages {
namespace {

namespace fs = std::filesystem;

constexpr std::uint64_t kPackageBytesMax = 4ull << 30;
constexpr std::size_t kFilesMax = 100'000;
using Visit = std::function<Status(std::string_view, std::string)>;

Result<PackageName> NameFrom(const std::string& json, const std::string& path) {
  auto tree = json::Parse(json, kFileLimits);
  if (!tree) return Error{errors::PackageNameless, {}, {path + "/package.json"}};
  PackageName name{std::string(tree->ChildText(node::kRoot, "name")),
                   std::string(tree->ChildText(node::kRoot, "version"))};
  if (name.id.empty() || name.version.empty()) return Error{errors::PackageNameless, {}, {path + "/package.json"}};
  return name;
}

bool IsResourceFile(std::string_view name) {
  return name.ends_with(".json") && name != ".index.json" && name != "package.json";
}

// "package/Patient-example.json" -> "Patient-example.json"; an absolute name or one with ".." leaves the archive.
Result<std::string> SafeName(std::string_view entry, const std::string& archive_path) {
  bool escapes = entry.starts_with('/') || entry == ".." || entry.starts_with("../") ||
                 entry.find("/../") != entry.npos || entry.ends_with("/..") || entry.find('\\') != entry.npos;
  if (escapes) return Error{errors::PackageEscapes, {}, {archive_path + ":" + std::string(entry)}};
  if (entry.starts_with("package/")) entry.remove_prefix(8);
  return std::string(entry);
}

Result<std::string> ReadEntry(archive* reader, const std::string& path, std::uint64_t& budget) {
  std::string bytes;
  const void* block = nullptr;
  std::size_t size = 0;
  la_int64_t offset = 0;
  while (true) {
    int state = archive_read_data_block(reader, &block, &size, &offset);
    if (state == ARCHIVE_EOF) return bytes;
    if (state != ARCHIVE_OK) return Error{errors::PackageUnreadable, "damaged archive", {path}};
    if (size > budget) return Error{errors::PackageTooLarge, {}, {path}};
    budget -= size;
    bytes.append(static_cast<const char*>(block), size);
  }
}

Result<PackageName> ReadArchive(const std::string& path, const Visit& visit) {
  std::unique_ptr<archive, int (*)(archive*)> reader(archive_read_new(), archive_read_free);
  archive_read_support_format_tar(reader.get());
  archive_read_support_filter_gzip(reader.get());
  if (archive_read_open_filename(reader.get(), path.c_str(), 1 << 16) != ARCHIVE_OK)
    return Error{errors::PackageUnreadable, "no archive", {path}};
  std::optional<PackageName> name;
  std::uint64_t budget = kPackageBytesMax;
  std::size_t files = 0;
  archive_entry* entry = nullptr;
  while (true) {
    int state = archive_read_next_header(reader.get(), &entry);
    if (state == ARCHIVE_EOF) break;
    if (state != ARCHIVE_OK || ++files > kFilesMax) return Error{errors::PackageUnreadable, "damaged archive", {path}};
    TRY(auto file, SafeName(archive_entry_pathname(entry), path));
    if (archive_entry_hardlink(entry) != nullptr || archive_entry_symlink(entry) != nullptr)
      return Error{errors::PackageEscapes, "a link", {path + ":" + file}};
    if (archive_entry_filetype(entry) != AE_IFREG) continue;
    bool top = file.find('/') == file.npos;
    if (!top || !file.ends_with(".json")) continue;
    TRY(auto bytes, ReadEntry(reader.get(), path, budget));
    if (file == "package.json") {
      TRY(name, NameFrom(bytes, path));
    } else if (IsResourceFile(file)) {
      CHECK_OK(visit(file, std::move(bytes)));
    }
  }
  if (!name) return Error{errors::PackageNameless, {}, {path}};
  return *name;
}

Result<std::string> ReadFile(const fs::path& path) {
  std::ifstream in(path, std::ios::binary);
  std::ostringstream bytes;
  bytes << in.rdbuf();
  if (!in) return Error{errors::PackageUnreadable, {}, {path.string()}};
  return std::move(bytes).str();
}

Result<PackageName> ReadFolder(const std::string& path, const Visit& visit) {
  std::vector<fs::path> files;
  std::error_code wrong;
  for (const auto& entry : fs::directory_iterator(path, wrong))
    if (entry.is_regular_file() && IsResourceFile(entry.path().filename().string())) files.push_back(entry.path());
  if (wrong) return Error{errors::PackageUnreadable, {}, {path}};
  std::sort(files.begin(), files.end());
  auto about = ReadFile(fs::path(path) / "package.json");
  if (!about) return Error{errors::PackageNameless, {}, {path}};
  TRY(auto name, NameFrom(*about, path));
  for (const auto& file : files) {
    TRY(auto bytes, ReadFile(file));
    CHECK_OK(visit(file.filename().string(), std::move(bytes)));
  }
  return name;
}

}  // namespace

bool IsOneFile(const std::string& path) {
  std::error_code ignored;
  return !fs::is_directory(path, ignored) && !path.ends_with(".tgz") && !path.ends_with(".tar.gz");
}

Result<PackageName> ReadPackage(const std::string& path, const Visit& visit) {
  std::error_code ignored;
  if (fs::is_directory(path, ignored)) return ReadFolder(path, visit);
  if (!IsOneFile(path)) return ReadArchive(path, visit);
  TRY(auto bytes, ReadFile(path));
  CHECK_OK(visit(fs::path(path).filename().string(), std::move(bytes)));
  return PackageName{};
}

}  // namespace passerelle::packages
