#pragma once
// Spool: a message too large for memory, in a file of the store. It is written as its bytes come, and read in
// pieces.
//
// The message is abridged on the way (base/abridge.h): that is what is read and answered, and its long values
// are referred to by their place in the file. The file goes away with the object unless the message was kept.
// Growing is for one coroutine; once it has ended it may be read from any thread.

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "fhir_model/base/abridge.h"
#include "fhir_model/base/result.h"
#include "gateway/net/awaitable.h"

namespace passerelle::pipeline {

class Spool {
 public:
  virtual ~Spool() = default;

  // StoreFull where the disk has no room above free_mib_min, StoreBroken: the message cannot be kept.
  virtual Awaitable<Status> Append(std::string_view bytes) = 0;
  // No more bytes. Gives the message abridged; what is below may be asked from now on.
  virtual std::string End() = 0;

  virtual std::uint64_t size() const = 0;
  virtual std::string_view sha256() const = 0;  // 32 bytes
  virtual const std::vector<LongBase64>& values() const = 0;
  // Whether the abridged message stands for the whole one (Abridger::faithful).
  virtual bool faithful() const = 0;
  // What is there of so many bytes from `offset` on; all that was asked for, unless the file ends before.
  virtual Result<std::string> Read(std::uint64_t offset, std::size_t size) const = 0;
};

}  // namespace passerelle::pipeline
