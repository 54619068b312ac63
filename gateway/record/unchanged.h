#pragma once
// Unchanged: mentions that were found to change nothing. Every message of a feed names the same sender, device, wards
// and doctors; what was once merged into a known resource and left it as it was need not be merged again.
//
// Remembers digests of (what was said, the digest of what was known): a pure memory, right whatever is rolled back
// meanwhile. For any thread.

#include <mutex>
#include <string>
#include <string_view>
#include <unordered_set>

#include "fhir_model/base/digest.h"

namespace passerelle::record {

class Unchanged {
 public:
  static std::string DigestOf(bool about_it, std::string_view said, std::string_view known_digest) {
    std::string both = about_it ? "1" : "0";
    both += std::to_string(said.size());
    both += ':';
    both += said;
    both += known_digest;
    Sha256Digest digest = Sha256(both);
    return {reinterpret_cast<const char*>(digest.data()), digest.size()};
  }
  bool Knows(const std::string& digest) const {
    std::lock_guard lock(mutex_);
    return digests_.contains(digest);
  }
  void Remember(std::string digest) {
    std::lock_guard lock(mutex_);
    if (digests_.size() >= kDigestsMax) digests_.clear();
    digests_.insert(std::move(digest));
  }

 private:
  static constexpr std::size_t kDigestsMax = 10'000;
  mutable std::mutex mutex_;
  std::unordered_set<std::string> digests_;
};

}  // namespace passerelle::record
