#pragma once
// Changes: what was written lately, so that work which was rehearsed on another thread can tell whether
// anything it read has changed since. Keys are hashes: two that fall together cost a rehearsal, never a wrong
// write. For the writer's thread; commits() may be asked from any.

#include <atomic>
#include <cstdint>
#include <initializer_list>
#include <string_view>
#include <unordered_map>

#include "gateway/store/index.h"

namespace passerelle::store {

using ChangeKey = std::uint64_t;

ChangeKey ChangeKeyOf(std::initializer_list<std::string_view> parts);
inline ChangeKey ResourceChange(std::string_view type, std::string_view id) {
  return ChangeKeyOf({"resource", type, id});
}
inline ChangeKey DocumentChange(std::string_view document) { return ChangeKeyOf({"document", document}); }
inline ChangeKey DerivedChange(std::string_view resource) { return ChangeKeyOf({"derived", resource}); }
inline ChangeKey TermChange(ParameterKey parameter, std::string_view value) {
  return ChangeKeyOf({"term", value}) ^ static_cast<ChangeKey>(parameter);
}

class Changes {
 public:
  // The number of the last commit whose writes every reader sees that begins from now on.
  std::int64_t commits() const { return commits_; }
  void Committed() { ++commits_; }

  void Note(ChangeKey key) {
    if (at_.size() >= kKeysMax) Forget();
    at_[key] = commits_ + 1;
  }
  // Whether the key may have been written after that commit.
  bool Since(ChangeKey key, std::int64_t commit) const {
    if (commit < known_from_) return true;
    auto it = at_.find(key);
    return it != at_.end() && it->second > commit;
  }

 private:
  static constexpr std::size_t kKeysMax = 100'000;  // some thousand messages: longer than any of them waits
  void Forget() {
    at_.clear();
    known_from_ = commits_ + 1;
  }

  std::atomic<std::int64_t> commits_{0};
  std::int64_t known_from_ = 0;
  std::unordered_map<ChangeKey, std::int64_t> at_;
};

}  // namespace passerelle::store
