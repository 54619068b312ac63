#pragma once
// What every conformance runner says at its end, and the committed score that may only rise.
//
//     NAME_suite FOLDER [SCORE-FILE]
//
// prints one line for each miss and "name: 930 of 935". With a score file ("930 of 935") it fails when fewer
// pass. Where a pass may also be a difference with a reason, the file has lines of its own for what the
// reasons must not swallow: "at least 4973 facts cdc same", "at most 66 leaves ans unmapped". Exit codes: 0
// as good as the score, 1 worse, 77 the suite is not there (skipped).

#include <cstddef>
#include <filesystem>
#include <fstream>
#include <iostream>
#include <map>
#include <sstream>
#include <string>

namespace passerelle::tests {

inline constexpr int kSkipped = 77;

struct Score {
  std::string name;
  std::size_t passed = 0, total = 0;

  void Count(bool pass, const std::string& miss) {
    ++total;
    if (pass)
      ++passed;
    else
      std::cout << miss << "\n";
  }
};

using Figures = std::map<std::string, std::size_t>;

// Whether every "at least N NAME" and "at most N NAME" of the file holds; one that no figure answers does
// not.
inline bool FiguresHold(std::istream& lines, const Figures& figures) {
  bool hold = true;
  for (std::string line; std::getline(lines, line);) {
    std::istringstream words(line);
    std::string at, bound, name;
    std::size_t wanted = 0;
    if (!(words >> at >> bound >> wanted) || at != "at" || !std::getline(words >> std::ws, name)) continue;
    auto figure = figures.find(name);
    bool good =
        figure != figures.end() && (bound == "least" ? figure->second >= wanted : figure->second <= wanted);
    if (!good)
      std::cout << name << ": "
                << (figure == figures.end() ? "no such figure" : std::to_string(figure->second))
                << ", committed: " << line << "\n";
    hold = hold && good;
  }
  return hold;
}

inline int Finish(const Score& score, const char* score_file, const Figures& figures = {}) {
  for (const auto& [name, value] : figures) std::cout << value << " " << name << "\n";
  std::cout << score.name << ": " << score.passed << " of " << score.total << "\n";
  if (score_file == nullptr) return 0;
  std::size_t wanted = 0;
  std::ifstream file(score_file);
  file >> wanted;
  if (score.passed < wanted) std::cout << "worse than the committed score of " << wanted << "\n";
  if (score.passed > wanted) std::cout << "better than the committed score of " << wanted << ": raise it\n";
  bool hold = FiguresHold(file, figures);
  return score.passed < wanted || !hold ? 1 : 0;
}

inline int Skip(const std::string& folder) {
  std::cout << "skipped: " << folder << " is not there\n";
  return kSkipped;
}

inline std::string ReadAll(const std::filesystem::path& path) {
  std::ifstream in(path, std::ios::binary);
  std::ostringstream out;
  out << in.rdbuf();
  return out.str();
}

}  // namespace passerelle::tests
