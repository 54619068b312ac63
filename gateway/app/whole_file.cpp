#include "gateway/app/whole_file.h"

#include <fcntl.h>
#include <unistd.h>

#include <cstdio>
#include <filesystem>

#include "fhir_model/base/errors.h"

namespace passerelle::app {
namespace {

bool WriteAll(int descriptor, std::string_view text) {
  while (!text.empty()) {
    auto written = ::write(descriptor, text.data(), text.size());
    if (written <= 0) return false;
    text.remove_prefix(static_cast<std::size_t>(written));
  }
  return ::fsync(descriptor) == 0;
}

// The names in a folder are data of the folder.
bool SyncFolderOf(const std::string& path) {
  auto folder = std::filesystem::path(path).parent_path().string();
  int descriptor = ::open(folder.empty() ? "." : folder.c_str(), O_RDONLY | O_DIRECTORY | O_CLOEXEC);
  if (descriptor < 0) return false;
  bool synced = ::fsync(descriptor) == 0;
  ::close(descriptor);
  return synced;
}

}  // namespace

Status PutInPlace(const std::string& from, const std::string& to) {
  if (std::rename(from.c_str(), to.c_str()) != 0 || !SyncFolderOf(to))
    return Error{errors::FileUnwritable, to};
  return Ok();
}

Status WriteWhole(const std::string& path, std::string_view text, int mode) {
  auto temporary = path + ".part";
  int descriptor = ::open(temporary.c_str(), O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, mode);
  bool written = descriptor >= 0 && WriteAll(descriptor, text);
  if (descriptor >= 0) ::close(descriptor);
  if (written) return PutInPlace(temporary, path);
  std::remove(temporary.c_str());
  return Error{errors::FileUnwritable, path};
}

}  // namespace passerelle::app
