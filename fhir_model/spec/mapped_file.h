#pragma once
// A file mapped for reading, as the span of bytes that Definitions::Open takes.

#include <cstddef>
#include <span>
#include <string>

#include "fhir_model/base/result.h"

namespace passerelle::spec {

class MappedFile {
 public:
  static Result<MappedFile> Open(const std::string& path);
  MappedFile(MappedFile&& other) noexcept;
  MappedFile& operator=(MappedFile&& other) noexcept;
  ~MappedFile();
  std::span<const std::byte> bytes() const { return {data_, size_}; }

 private:
  MappedFile() = default;
  const std::byte* data_ = nullptr;
  std::size_t size_ = 0;
};

}  // namespace passerelle::spec
