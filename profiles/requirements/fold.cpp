#include "profiles/requirements/fold.h"

#include <array>
#include <cstdint>

namespace passerelle::requirements {
namespace {

// U+00C0 to U+00FF by their letter; '*' is no letter.
constexpr std::string_view kLatin =
    "AAAAAAECEEEEIIII"
    "DNOOOOO*OUUUUYTS"
    "AAAAAAECEEEEIIII"
    "DNOOOOO*OUUUUYTY";

struct Pair {
  std::uint32_t code_point;
  std::string_view letters;
};
constexpr Pair kPairs[] = {{0xC6, "AE"},  {0xE6, "AE"},  {0xDF, "SS"},  {0x152, "OE"}, {0x153, "OE"},
                           {0x178, "Y"},  {0x2019, " "}, {0x2018, " "}, {0xA0, " "},   {0x202F, " "},
                           {0x2010, " "}, {0x2011, " "}, {0x2013, " "}};

// The code point at `at`; moves `at` behind it. Broken bytes are themselves.
std::uint32_t Next(std::string_view text, std::size_t& at) {
  auto lead = static_cast<unsigned char>(text[at++]);
  int more = lead >= 0xF0 ? 3 : lead >= 0xE0 ? 2 : lead >= 0xC0 ? 1 : 0;
  std::uint32_t code_point = more == 3 ? lead & 7u : more == 2 ? lead & 15u : more == 1 ? lead & 31u : lead;
  for (; more > 0 && at < text.size(); --more)
    code_point = code_point << 6 | (static_cast<unsigned char>(text[at++]) & 63u);
  return code_point;
}

std::string_view Letters(std::uint32_t code_point, std::array<char, 1>& one) {
  for (const auto& pair : kPairs)
    if (pair.code_point == code_point) return pair.letters;
  if (code_point >= 0xC0 && code_point <= 0xFF) {
    one[0] = kLatin[code_point - 0xC0];
    return {one.data(), 1};
  }
  if (code_point >= 0x80) return {};  // letters of other scripts do not stand in a birth name
  one[0] = static_cast<char>(code_point >= 'a' && code_point <= 'z' ? code_point - 32 : code_point);
  if (one[0] == '-' || one[0] == '\'' || one[0] == '\t') one[0] = ' ';
  return {one.data(), 1};
}

}  // namespace

std::string Fold(std::string_view text) {
  std::string out;
  std::array<char, 1> one{};
  for (std::size_t at = 0; at < text.size();)
    for (char c : Letters(Next(text, at), one))
      if (c != ' ' || (!out.empty() && out.back() != ' ')) out += c;
  while (!out.empty() && out.back() == ' ') out.pop_back();
  return out;
}

}  // namespace passerelle::requirements
