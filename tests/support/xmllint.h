#pragma once
// What `xmllint --schema` says of documents, for comparison with our own verdict.

#include <algorithm>
#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <sstream>
#include <string>
#include <vector>

namespace passerelle::tests {

inline bool HasXmllint() { return std::system("xmllint --version > /dev/null 2>&1") == 0; }

// One verdict a document, in order: whether it is valid. A few calls over many files each, because xmllint
// reads its schema anew every time.
inline std::vector<bool> Xmllint(const std::vector<std::string>& documents, const std::string& schema) {
  namespace fs = std::filesystem;
  constexpr std::size_t kFilesOfACall = 500;
  std::string pattern = (fs::temp_directory_path() / "passerelle-xmllint-XXXXXX").string();
  const fs::path folder = ::mkdtemp(pattern.data());
  std::vector<bool> valid;
  for (std::size_t begin = 0; begin < documents.size(); begin += kFilesOfACall) {
    auto end = std::min(begin + kFilesOfACall, documents.size());
    auto file = [&](std::size_t i) { return (folder / (std::to_string(i) + ".xml")).string(); };
    std::string files;
    for (auto i = begin; i < end; ++i) {
      std::ofstream(file(i), std::ios::binary) << documents[i];
      files += " " + file(i);
    }
    auto log = folder / "log";
    // Its exit code is that of the last problem; what it says of each file is what counts.
    [[maybe_unused]] int code = std::system(
        ("xmllint --noout --nonet --huge --schema " + schema + files + " > " + log.string() + " 2>&1")
            .c_str());
    std::ostringstream said;
    said << std::ifstream(log, std::ios::binary).rdbuf();
    for (auto i = begin; i < end; ++i) {
      valid.push_back(said.view().find(file(i) + " validates") != std::string_view::npos);
      fs::remove(file(i));
    }
  }
  fs::remove_all(folder);
  return valid;
}

}  // namespace passerelle::tests
