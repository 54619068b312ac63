#include "gateway/app/process.h"

#include <fcntl.h>
#include <sys/prctl.h>
#include <sys/random.h>
#include <sys/resource.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cerrno>
#include <csignal>
#include <cstring>

#include "fhir_model/base/digest.h"
#include "gateway/app/command.h"
#include "gateway/app/errors.h"

namespace passerelle::app {
namespace {

constexpr std::size_t kTokenBytes = 32;

Status WriteOwnFile(const std::string& file, std::string_view text) {
  int descriptor = ::open(file.c_str(), O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, 0600);
  bool written = descriptor >= 0 && ::write(descriptor, text.data(), text.size()) == std::ssize(text) &&
                 ::fsync(descriptor) == 0;
  std::string why = std::strerror(errno);
  if (descriptor >= 0) ::close(descriptor);
  if (!written) return Error{errors::DataFolderUnusable, why, {file}};
  return Ok();
}

}  // namespace

void HardenProcess() {
  ::prctl(PR_SET_DUMPABLE, 0, 0, 0, 0);
  rlimit none{0, 0};
  ::setrlimit(RLIMIT_CORE, &none);
  rlimit files{};
  if (::getrlimit(RLIMIT_NOFILE, &files) == 0) {
    files.rlim_cur = files.rlim_max;
    ::setrlimit(RLIMIT_NOFILE, &files);
  }
  ::umask(0077);
  std::signal(SIGPIPE, SIG_IGN);
}

std::string RandomBytes(std::size_t bytes) {
  std::string random(bytes, '\0');
  for (std::size_t got = 0; got < bytes;) {
    auto more = ::getrandom(random.data() + got, bytes - got, 0);
    if (more > 0) got += static_cast<std::size_t>(more);
  }
  return random;
}

std::string RandomHex(std::size_t bytes) { return Hex(RandomBytes(bytes)); }

Result<AccessToken> EnsureAccessToken(const std::string& folder) {
  AccessToken access{{}, folder + "/access-token"};
  if (::access(access.file.c_str(), F_OK) != 0)
    CHECK_OK(WriteOwnFile(access.file, RandomHex(kTokenBytes) + "\n"));
  TRY(access.token, ReadFile(access.file));
  while (!access.token.empty() && (access.token.back() == '\n' || access.token.back() == '\r'))
    access.token.pop_back();
  if (access.token.size() < kTokenBytes)
    return Error{errors::DataFolderUnusable, "the token is too short", {access.file}};
  return access;
}

}  // namespace passerelle::app
