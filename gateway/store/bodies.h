#pragma once
// Bodies: large messages as files named by the SHA-256 of their bytes, below one folder. Safe from any
// thread. A file and its folder are synced before Keep returns, so that a row that names it may be committed.

#include <atomic>
#include <cstdint>
#include <filesystem>
#include <string>
#include <string_view>

#include "fhir_model/base/result.h"
#include "gateway/net/source.h"

namespace passerelle::store {

inline constexpr std::size_t kInlineBytesMax = 64u << 10;  // up to here a body stands in the database

class Bodies {
 public:
  explicit Bodies(std::filesystem::path folder) : folder_(std::move(folder)) {}
  Status Keep(std::string_view sha256_hex, std::string_view bytes) const;
  // The same for bytes that stand in a synced file on the same disk.
  Status Link(std::string_view sha256_hex, const std::filesystem::path& file) const;
  void Drop(std::string_view sha256_hex) const;
  Result<std::string> Read(std::string_view sha256_hex) const;
  // So many bytes of one, from `offset` on.
  Result<std::unique_ptr<net::Source>> Open(std::string_view sha256_hex, std::uint64_t offset,
                                            std::uint64_t length) const;
  std::filesystem::path PathOf(std::string_view sha256_hex) const;

 private:
  Status MakeFolder(const std::filesystem::path& folder) const;
  std::filesystem::path folder_;
  mutable std::atomic<std::uint64_t> number_{0};  // of temporary names; one process uses a folder at a time
};

// Makes the names in a folder durable.
Status SyncFolder(const std::filesystem::path& folder);

}  // namespace passerelle::store
