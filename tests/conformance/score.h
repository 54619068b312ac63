#pragma once
// What every conformance runner says at its end, and the committed score that may only rise.
//
//     NAME_suite FOLDER [SCORE-FILE]
//
// prints one line for each miss and "name: 930 of 935". With a score file ("930 of 935") it fails when fewer
// pass. Exit codes: 0 as good as the score, 1 worse, 77 the suite is not there (skipped).

#include <cstddef>
#include <filesystem>
#include <fstream>
#include <iostream>
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

inline int Finish(const Score& score, const char* score_file) {
  std::cout << score.name << ": " << score.passed << " of " << score.total << "\n";
  if (score_file == nullptr) return 0;
  std::size_t wanted = 0;
  std::ifstream(score_file) >> wanted;
  if (score.passed < wanted) std::cout << "worse than the committed score of " << wanted << "\n";
  if (score.passed > wanted) std::cout << "better than the committed score of " << wanted << ": raise it\n";
  return score.passed < wanted ? 1 : 0;
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
