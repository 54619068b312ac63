#include "gateway/api/pace.h"

#include <algorithm>

namespace passerelle::api {

// Empties the seconds that passed since.
void Pace::MoveTo(Ring& ring, Time now) {
  auto second = std::chrono::duration_cast<std::chrono::seconds>(now.time_since_epoch()).count();
  auto size = static_cast<std::int64_t>(ring.seconds.size());
  for (auto at = std::max(ring.last + 1, second - size + 1); at <= second; ++at)
    ring.seconds[static_cast<std::size_t>(at % size)] = {};
  ring.last = std::max(ring.last, second);
}

void Pace::Note(const std::string& feed, std::chrono::nanoseconds took, Time now) {
  double ms = std::chrono::duration<double, std::milli>(took).count();
  auto bound = std::lower_bound(kBoundsMs.begin(), std::prev(kBoundsMs.end()), ms);
  std::lock_guard guard(mutex_);
  Ring& ring = rings_[feed];
  MoveTo(ring, now);
  Second& second = ring.seconds[static_cast<std::size_t>(ring.last) % ring.seconds.size()];
  ++second.count;
  ++second.within[static_cast<std::size_t>(bound - kBoundsMs.begin())];
}

Pace::Minute Pace::Read(const std::string& feed, Time now) {
  std::lock_guard guard(mutex_);
  Ring& ring = rings_[feed];
  MoveTo(ring, now);
  Minute minute;
  std::array<std::uint64_t, kBoundsMs.size()> within{};
  std::uint64_t total = 0;
  for (std::size_t i = 1; i <= kSeconds; ++i) {  // behind the one that runs stands the oldest
    const Second& second = ring.seconds[(static_cast<std::size_t>(ring.last) + i) % ring.seconds.size()];
    minute.per_second.push_back(second.count);
    total += second.count;
    for (std::size_t b = 0; b < within.size(); ++b) within[b] += second.within[b];
  }
  std::uint64_t below = 0;
  for (std::size_t b = 0; b < within.size() && total > 0 && !minute.p99_ms; ++b)
    if ((below += within[b]) * 100 >= total * 99) minute.p99_ms = kBoundsMs[b];
  return minute;
}

}  // namespace passerelle::api
