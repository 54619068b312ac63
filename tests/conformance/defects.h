#pragma once
// Errors that somebody looked at and found to be right: of a published package, of other people's data. A
// line is "RULE FILE  reason", with * in RULE and FILE; what is not in the list is a miss.

#include <filesystem>
#include <fstream>
#include <iostream>
#include <sstream>
#include <string>
#include <string_view>
#include <vector>

#include "profiles/validator/suppressions.h"

namespace passerelle::tests {

class Defects {
 public:
  explicit Defects(const std::filesystem::path& path) {
    std::ifstream in(path);
    for (std::string line; std::getline(in, line);) {
      std::istringstream words(line);
      Defect defect;
      if (line.starts_with('#') || !(words >> defect.rule >> defect.file)) continue;
      std::getline(words >> std::ws, defect.reason);
      defects_.push_back(std::move(defect));
    }
  }

  // Whether an error of that rule in that file is listed.
  bool Lists(std::string_view rule, std::string_view file) {
    for (auto& defect : defects_) {
      if (!validator::MatchesGlob(defect.rule, rule) || !validator::MatchesGlob(defect.file, file)) continue;
      ++defect.met;
      return true;
    }
    return false;
  }

  // Says which lines nothing meets any more.
  void PrintUnmet() const {
    for (const auto& defect : defects_)
      if (defect.met == 0) std::cout << "no longer met: " << defect.rule << " " << defect.file << "\n";
  }

 private:
  struct Defect {
    std::string rule, file, reason;
    std::size_t met = 0;
  };
  std::vector<Defect> defects_;
};

}  // namespace passerelle::tests
