#pragma once
// The clock that is passed in, and the one way in which the store writes a time.

#include <chrono>
#include <cstdint>
#include <functional>
#include <string>

namespace passerelle::store {

using Clock = std::function<std::chrono::system_clock::time_point()>;

std::string IsoUtc(std::chrono::system_clock::time_point time);  // "2026-03-01T12:00:00.000Z"
std::int64_t UnixMs(std::chrono::system_clock::time_point time);

}  // namespace passerelle::store
