#pragma once
// Observed: how the ways in and out are doing, noted once a second on the network's thread and read from any.

#include <mutex>
#include <vector>

#include "gateway/api/api.h"

namespace passerelle::app {

class Observed {
 public:
  struct State {
    std::vector<api::Sample> samples;
    std::vector<api::FeedStatus> feeds, targets;
  };
  void Note(State state) {
    std::lock_guard guard(mutex_);
    state_ = std::move(state);
  }
  State Read() const {
    std::lock_guard guard(mutex_);
    return state_;
  }

 private:
  mutable std::mutex mutex_;
  State state_;
};

}  // namespace passerelle::app
