#include "gateway/store/bodies.h"

#include <algorithm>
#include <cerrno>
#include <cstring>

#include "gateway/store/errors.h"
#include "gateway/store/file.h"

namespace passerelle::store {

Error Failure(const char* what) {
  bool full = errno == ENOSPC || errno == EDQUOT;
  return {full ? errors::StoreFull : errors::StoreBroken, std::string(what) + ": " + std::strerror(errno)};
}

Result<std::string> ReadAt(int file, std::uint64_t offset, std::size_t size) {
  std::string bytes(size, '\0');
  std::size_t done = 0;
  while (done < size) {
    ssize_t read = ::pread(file, bytes.data() + done, size - done, static_cast<off_t>(offset + done));
    if (read < 0 && errno == EINTR) continue;
    if (read < 0) return Failure("reading of a body");
    if (read == 0) break;
    done += static_cast<std::size_t>(read);
  }
  bytes.resize(done);
  return bytes;
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

namespace {

constexpr std::size_t kPieceBytes = 3u << 16;

// A piece of a file.
class FileSource : public net::Source {
 public:
  FileSource(const char* path, std::uint64_t offset, std::uint64_t length)
      : file_(path, O_RDONLY), offset_(offset), size_(length), end_(offset + length) {}
  bool opened() const { return file_.number >= 0; }

  std::uint64_t size() const override { return size_; }
  Result<std::string> Next() override {
    TRY(auto bytes, ReadAt(file_.number, offset_, std::min<std::uint64_t>(kPieceBytes, end_ - offset_)));
    if (bytes.empty() && offset_ != end_) return Error{errors::StoreCorrupt, "the file of a body is too short"};
    offset_ += bytes.size();
    return bytes;
  }

 private:
  File file_;
  std::uint64_t offset_;
  const std::uint64_t size_, end_;
};

}  // namespace

Result<std::unique_ptr<net::Source>> Bodies::Open(std::string_view sha256_hex, std::uint64_t offset,
                                                  std::uint64_t length) const {
  auto opened = std::make_unique<FileSource>(PathOf(sha256_hex).c_str(), offset, length);
  if (!opened->opened()) return Error{errors::StoreCorrupt, "the file of a body is missing"};
  return std::unique_ptr<net::Source>(std::move(opened));
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
  auto path = PathOf(sha256_hex);
  File file(path.c_str(), O_RDONLY);
  std::error_code failed;
  auto size = std::filesystem::file_size(path, failed);
  if (file.number < 0 || failed) return Error{errors::StoreCorrupt, "the file of a body is missing"};
  return ReadAt(file.number, 0, size);
}

}  // namespace passerelle::store
