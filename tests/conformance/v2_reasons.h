#pragma once
// Why rows of the official sheets are not executed here as they are written, a reason and below it the rows
// it is for, each by its whole text; which of our code maps a vocabulary of the sheets is; and what is meant
// by conditions, constants and paths that are not well formed. A row that is named and needs no reason is an
// error.
//
//     => the type is SS: SB is a beneficiary's identifier
//       segments/PID[Patient] PID-19 identifier.type =SB
//     codes AddressType[Use] => HL70190:use
//     read IF PL3.NOT VALUED => IF PL.3 NOT VALUED
//     path valueSampedData => valueSampledData

#include <filesystem>
#include <map>
#include <set>
#include <sstream>
#include <string>

#include "tests/conformance/v2_sheets.h"

namespace passerelle::tests {

inline std::string OneLine(const std::string& text) {
  std::istringstream words(text);
  std::string line;
  for (std::string word; words >> word;) line += (line.empty() ? "" : " ") + word;
  return line;
}

class Reasons {
 public:
  explicit Reasons(const std::filesystem::path& file) {
    std::istringstream in(ReadAll(file));
    std::string reason;
    for (std::string line; std::getline(in, line);) {
      auto mark = line.find(" => ");
      if (line.empty() || line.starts_with('#')) continue;
      if (line.starts_with("=> "))
        reason = line.substr(3);
      else if (line.starts_with("  "))
        by_row_[OneLine(line)] = reason;
      else if (line.starts_with("codes ") && mark != line.npos)
        codes_[line.substr(6, mark - 6)] = line.substr(mark + 4);
      else if (line.starts_with("read ") && mark != line.npos)
        meant_[line.substr(5, mark - 5)] = line.substr(mark + 4);
      else if (line.starts_with("path ") && mark != line.npos)
        paths_[line.substr(5, mark - 5)] = line.substr(mark + 4);
    }
  }

  const std::string* Find(const std::string& row) {
    auto it = by_row_.find(row);
    if (it == by_row_.end()) return nullptr;
    used_.insert(row);
    return &it->second;
  }
  // The name of our code map; nullptr when there is none.
  const std::string* CodesOf(const std::string& vocabulary) const {
    auto it = codes_.find(vocabulary);
    return it == codes_.end() ? nullptr : &it->second;
  }
  std::string Meant(const std::string& text) const {
    auto it = meant_.find(OneLine(text));
    return it == meant_.end() ? text : it->second;
  }
  std::string MeantPath(std::string path) const {
    for (const auto& [from, to] : paths_) ReplaceAll(path, from, to);
    return path;
  }
  std::vector<std::string> Unused() const {
    std::vector<std::string> rows;
    for (const auto& [row, reason] : by_row_)
      if (!used_.contains(row)) rows.push_back(row);
    return rows;
  }

 private:
  std::map<std::string, std::string> by_row_, codes_, meant_, paths_;
  std::set<std::string> used_;
};

}  // namespace passerelle::tests
