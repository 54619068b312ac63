#pragma once
// The single-byte character sets of western Europe, as what their bytes from 0x80 on mean.

#include <array>
#include <cstddef>
#include <cstdint>

namespace passerelle {

using HighHalf = std::array<std::uint16_t, 128>;  // code points of the bytes 0x80 to 0xFF

namespace western {

// windows-1252, 0x80 to 0x9F (WHATWG index; the five unassigned bytes map to the C1 control of their number).
constexpr std::array<std::uint16_t, 32> kWindows1252{
    0x20AC, 0x0081, 0x201A, 0x0192, 0x201E, 0x2026, 0x2020, 0x2021, 0x02C6, 0x2030, 0x0160,
    0x2039, 0x0152, 0x008D, 0x017D, 0x008F, 0x0090, 0x2018, 0x2019, 0x201C, 0x201D, 0x2022,
    0x2013, 0x2014, 0x02DC, 0x2122, 0x0161, 0x203A, 0x0153, 0x009D, 0x017E, 0x0178};

struct Difference {
  std::uint8_t byte;
  std::uint16_t code_point;
};
// Where ISO 8859-15 differs from ISO 8859-1.
constexpr Difference kLatin9[] = {{0xA4, 0x20AC}, {0xA6, 0x0160}, {0xA8, 0x0161}, {0xB4, 0x017D},
                                  {0xB8, 0x017E}, {0xBC, 0x0152}, {0xBD, 0x0153}, {0xBE, 0x0178}};

constexpr HighHalf MakeHighHalf(bool latin9) {
  HighHalf half{};
  for (std::size_t i = 0; i < 128; ++i)
    half[i] = i < 32 ? kWindows1252[i] : static_cast<std::uint16_t>(128 + i);
  if (latin9)
    for (auto [byte, code_point] : kLatin9) half[byte - 128u] = code_point;
  return half;
}

}  // namespace western

// Bytes 0x80 to 0x9F are read as windows-1252 in all of them: C1 controls never stand in a record, and what
// says ISO 8859 and has them was written by a program that means windows-1252.
inline constexpr HighHalf kWestern = western::MakeHighHalf(false);     // ISO 8859-1, windows-1252
inline constexpr HighHalf kWesternEuro = western::MakeHighHalf(true);  // ISO 8859-15

}  // namespace passerelle
