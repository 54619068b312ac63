#include "gateway/store/bodies.h"

#include <cerrno>
#include <cstring>

#include "gateway/store/errors.h"
#include "gateway/store/file.h"

namespace passerelle::store {

Error Failure(const char* what) {
  bool full = errno == ENOSPC || errno == EDQUOT;
  return {full ? errors::StoreFull : errors::StoreBroken, std::string(what) + ": " + std::strerror(errno)};
}

Status WriteAll(int file, std::string_view bytes) {
  while (!bytes.empty()) {
    ssize_t written = ::write(file, bytes.data(), bytes.size());
    if (written < 0 && errno == EINTR) continue;
    if (written < 0) return Failure("write of a body");
    bytes.remove_prefix(static_cast<std::size_t>(written));
  }
  return Ok();
}

Status SyncFolder(const std::filesystem::path& folder) {
  File file(folder.c_str(), O_RDONLY | O_DIRECTORY);
  if (file.number < 0 || ::fsync(file.number) != 0) return Failure("sync of a folder");
  return Ok();
}

std::filesystem::path Bodies::PathOf(std::string_view sha256_hex) const {
  return folder_ / sha256_hex.substr(0, 2) / sha256_hex;
}

Status Bodies::MakeFolder(const std::filesystem::path& folder) const {
  std::error_code failed;
  if (std::filesystem::create_directories(folder, failed)) CHECK_OK(SyncFolder(folder_));
  if (failed)
    return Error{failed.value() == ENOSPC ? errors::StoreFull : errors::StoreBroken, failed.message()};
  return Ok();
}

Status Bodies::Keep(std::string_view sha256_hex, std::string_view bytes) const {
  auto path = PathOf(sha256_hex);
  std::error_code ignored;
  if (std::filesystem::file_size(path, ignored) == bytes.size()) return SyncFolder(path.parent_path());
  CHECK_OK(MakeFolder(path.parent_path()));
  auto temporary = path.parent_path() / (".new-" + std::to_string(++number_));
  Status written = [&]() -> Status {
    File file(temporary.c_str(), O_WRONLY | O_CREAT | O_TRUNC);
    if (file.number < 0) return Failure("creation of a body");
    CHECK_OK(WriteAll(file.number, bytes));
    if (::fsync(file.number) != 0) return Failure("sync of a body");
    if (::rename(temporary.c_str(), path.c_str()) != 0) return Failure("naming of a body");
    return Ok();
  }();
  if (!written) {
    ::unlink(temporary.c_str());
    return written;
  }
  return SyncFolder(path.parent_path());
}

Status Bodies::Link(std::string_view sha256_hex, const std::filesystem::path& file) const {
  auto path = PathOf(sha256_hex);
  CHECK_OK(MakeFolder(path.parent_path()));
  if (::link(file.c_str(), path.c_str()) != 0 && errno != EEXIST) return Failure("naming of a body");
  return SyncFolder(path.parent_path());
}

void Bodies::Drop(std::string_view sha256_hex) const { ::unlink(PathOf(sha256_hex).c_str()); }

Result<std::string> Bodies::Read(std::string_view sha256_hex) const {
  File file(PathOf(sha256_hex).c_str(), O_RDONLY);
  if (file.number < 0) return Error{errors::StoreCorrupt, "the file of a body is missing"};
  std::string bytes;
  for (;;) {
    std::size_t before = bytes.size();
    bytes.resize(before + (1u << 20));
    ssize_t read = ::read(file.number, bytes.data() + before, 1u << 20);
    if (read < 0 && errno != EINTR) return Failure("reading of a body");
    if (read < 0) {
      bytes.resize(before);
      continue;
    }
    bytes.resize(before + static_cast<std::size_t>(read));
    if (read == 0) return bytes;
  }
}

}  // namespace passerelle::store
