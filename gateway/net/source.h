#pragma once
// Source: bytes that are too large for memory, given piece by piece. For one thread at a time.

#include <cstdint>
#include <memory>
#include <string>
#include <vector>

#include "fhir_model/base/result.h"

namespace passerelle::net {

class Source {
 public:
  virtual ~Source() = default;
  virtual std::uint64_t size() const = 0;  // of all its pieces
  virtual Result<std::string> Next() = 0;  // empty: there are no more
};

std::unique_ptr<Source> SourceOf(std::string text);
// One after the other.
std::unique_ptr<Source> Chain(std::vector<std::unique_ptr<Source>> parts);
// All of it; for those who have to have it in memory.
Result<std::string> ReadAll(Source& source);
// What `base64` decodes to: `size` bytes.
std::unique_ptr<Source> Decoded(std::unique_ptr<Source> base64, std::uint64_t size);

}  // namespace passerelle::net
