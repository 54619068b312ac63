#pragma once
// Pace: how many messages each way in took in each of the last sixty seconds, and how long their answers
// took. Safe from any thread.

#include <array>
#include <chrono>
#include <cstdint>
#include <map>
#include <mutex>
#include <optional>
#include <string>
#include <vector>

namespace passerelle::api {

class Pace {
 public:
  static constexpr std::size_t kSeconds = 60;
  // Upper bounds of the times that are told apart, in milliseconds.
  static constexpr std::array<double, 12> kBoundsMs = {1,   2,   5,   10,   20,   50,
                                                       100, 200, 500, 1000, 5000, 60'000};

  using Time = std::chrono::steady_clock::time_point;
  void Note(const std::string& feed, std::chrono::nanoseconds took,
            Time now = std::chrono::steady_clock::now());

  struct Minute {
    std::vector<std::uint32_t> per_second;  // the oldest first; the second that runs is not in it
    std::optional<double> p99_ms;  // the bound below which 99 of 100 answers were; nothing: there were none
  };
  Minute Read(const std::string& feed, Time now = std::chrono::steady_clock::now());

 private:
  struct Second {
    std::uint32_t count = 0;
    std::array<std::uint32_t, kBoundsMs.size()> within{};
  };
  struct Ring {
    std::array<Second, kSeconds + 1> seconds;
    std::int64_t last = 0;  // the second that runs, since the clock began
  };
  static void MoveTo(Ring& ring, Time now);

  std::mutex mutex_;
  std::map<std::string, Ring> rings_;
};

}  // namespace passerelle::api
