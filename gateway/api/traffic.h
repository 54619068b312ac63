#pragma once
// Traffic: how many requests each route answered, with which status, in which time. Safe from any thread.

#include <array>
#include <chrono>
#include <cstdint>
#include <map>
#include <mutex>
#include <string>
#include <utility>

namespace passerelle::api {

class Traffic {
 public:
  // Upper bounds in milliseconds; what is slower counts in the total alone.
  static constexpr std::array<double, 10> kBoundsMs = {1, 2.5, 5, 10, 25, 50, 100, 250, 1000, 5000};

  void Note(std::size_t route, int status, std::chrono::nanoseconds took);

  struct Latency {
    std::array<std::uint64_t, kBoundsMs.size()> within{};  // cumulative
    std::uint64_t count = 0;
    double sum_s = 0;
  };
  struct Numbers {
    std::map<std::pair<std::size_t, int>, std::uint64_t> answers;  // (route, status)
    std::map<std::size_t, Latency> latencies;
  };
  Numbers Read() const;

 private:
  mutable std::mutex mutex_;
  Numbers numbers_;
};

}  // namespace passerelle::api
