#include "gateway/api/traffic.h"

namespace passerelle::api {

void Traffic::Note(std::size_t route, int status, std::chrono::nanoseconds took) {
  double ms = std::chrono::duration<double, std::milli>(took).count();
  std::lock_guard guard(mutex_);
  ++numbers_.answers[{route, status}];
  Latency& latency = numbers_.latencies[route];
  for (std::size_t i = 0; i < kBoundsMs.size(); ++i)
    if (ms <= kBoundsMs[i]) ++latency.within[i];
  ++latency.count;
  latency.sum_s += ms / 1000;
}

Traffic::Numbers Traffic::Read() const {
  std::lock_guard guard(mutex_);
  return numbers_;
}

}  // namespace passerelle::api
