#pragma once
// What the files of this room need of the operating system.

#include <fcntl.h>
#include <unistd.h>

#include <cstdint>
#include <string>
#include <string_view>

#include "fhir_model/base/result.h"

namespace passerelle::store {

// A descriptor; negative where opening failed (errno says why).
struct File {
  int number;
  explicit File(const char* path, int flags) : number(::open(path, flags | O_CLOEXEC, 0600)) {}
  ~File() {
    if (number >= 0) ::close(number);
  }
  File(const File&) = delete;
  File& operator=(const File&) = delete;
};

// What errno says of the last call: StoreFull or StoreBroken.
Error Failure(const char* what);

// What is there of so many bytes from `offset` on.
Result<std::string> ReadAt(int file, std::uint64_t offset, std::size_t size);
Status WriteAll(int file, std::string_view bytes);

}  // namespace passerelle::store
