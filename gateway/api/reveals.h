#pragma once
// Reveals: who may see the traits in which message, for how long; granted for a reason that stands in the
// audit (safety rule 18). Lost when the gateway ends. Safe from any thread.

#include <chrono>
#include <map>
#include <mutex>
#include <string>
#include <utility>

#include "gateway/pipeline/store.h"

namespace passerelle::api {

class Reveals {
 public:
  using Time = std::chrono::system_clock::time_point;
  static constexpr std::chrono::minutes kLifetime{10};

  void Grant(const std::string& caller, pipeline::Seq message, Time now) {
    std::lock_guard guard(mutex_);
    std::erase_if(until_, [&](const auto& one) { return one.second < now; });
    until_[{caller, message}] = now + kLifetime;
  }
  bool Has(const std::string& caller, pipeline::Seq message, Time now) const {
    std::lock_guard guard(mutex_);
    auto it = until_.find({caller, message});
    return it != until_.end() && it->second >= now;
  }

 private:
  mutable std::mutex mutex_;
  std::map<std::pair<std::string, pipeline::Seq>, Time> until_;
};

}  // namespace passerelle::api
