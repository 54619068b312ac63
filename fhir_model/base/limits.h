#pragma once
// Limits: how much of anything one input may ask of us. Every reader takes one; there is no reading without.

#include <cstddef>
#include <cstdint>

namespace passerelle {

struct Limits {
  std::size_t input_bytes_max;
  std::uint32_t depth_max;
  std::size_t values_max;           // nodes of the tree
  std::size_t attribute_bytes_max;  // one XML attribute
};

// What comes over a network: 16 MiB, depth 64, a million values. A feed may raise its frame to 128 MiB.
inline constexpr Limits kWireLimits{16u << 20, 64, 1'000'000, 1u << 20};
// What a person names on the command line.
inline constexpr Limits kFileLimits{1u << 30, 64, 100'000'000, 16u << 20};

}  // namespace passerelle
