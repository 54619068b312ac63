// The official French examples against every requirement: what our verdicts say beyond the list of their
// known defects is a false alarm of ours (or a defect nobody has written down yet), and what they no longer
// say of it is a defect that we have stopped to see. labelling_suite SHARED SCORES, with labelling-errata.txt
// beside the scores.
//
// Examples that the list was not made on show defects of their own. Rows of count `new` say which kinds may
// be expected there; on the examples of the list they explain nothing.

#include <algorithm>
#include <cstdio>
#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <iostream>
#include <map>
#include <set>
#include <sstream>
#include <string>
#include <vector>

#include "gateway/app/bench.h"
#include "profiles/requirements/evaluate.h"

namespace fs = std::filesystem;
using namespace passerelle;

namespace {

constexpr int kSkipped = 77;
constexpr std::string_view kFolders[] = {"corpora/hl7v2/ans", "corpora/cda/ans", "corpora/cda/ans-2021"};

struct Erratum {
  std::string requirement, file, place, expected, found;
  int count = 0, used = 0;  // count of the kinds for new examples: 0
  std::set<std::string> files;
};

bool Matches(std::string_view pattern, std::string_view text) {
  std::size_t p = 0, t = 0, star = pattern.npos, mark = 0;
  while (t < text.size()) {
    if (p < pattern.size() && (pattern[p] == '?' || pattern[p] == text[t]) && pattern[p] != '*') {
      ++p, ++t;
    } else if (p < pattern.size() && pattern[p] == '*') {
      star = p++, mark = t;
    } else if (star != pattern.npos) {
      p = star + 1, t = ++mark;
    } else {
      return false;
    }
  }
  while (p < pattern.size() && pattern[p] == '*') ++p;
  return p == pattern.size();
}

std::string Trim(std::string_view text) {
  auto begin = text.find_first_not_of(' ');
  return begin == text.npos ? std::string()
                            : std::string(text.substr(begin, text.find_last_not_of(' ') - begin + 1));
}

std::vector<Erratum> ReadErrata(const std::string& path) {
  std::vector<Erratum> errata;
  std::ifstream in(path);
  for (std::string line; std::getline(in, line);) {
    if (line.empty() || line[0] == '#') continue;
    std::vector<std::string> cells;
    std::istringstream cut(line);
    for (std::string cell; std::getline(cut, cell, '|');) cells.push_back(Trim(cell));
    if (cells.size() != 7) {
      std::cerr << path << ": a row has seven cells: " << line << "\n";
      std::exit(2);
    }
    errata.push_back({cells[0], cells[1], cells[2], cells[3], cells[4], std::atoi(cells[5].c_str()), 0, {}});
  }
  return errata;
}

std::vector<fs::path> Examples(const fs::path& shared) {
  std::vector<fs::path> files;
  for (auto folder : kFolders)
    if (fs::exists(shared / folder))
      for (const auto& entry : fs::recursive_directory_iterator(shared / folder))
        if (entry.is_regular_file() && entry.path().extension() != ".md") files.push_back(entry.path());
  std::sort(files.begin(), files.end());
  return files;
}

std::string ReadBytes(const fs::path& path) {
  std::ifstream in(path, std::ios::binary);
  std::ostringstream bytes;
  bytes << in.rdbuf();
  return std::move(bytes).str();
}

struct Tally {
  int files = 0, verdicts = 0, findings = 0, known = 0, unknown = 0, passed = 0;
};

void Count(const requirements::Report& report, const fs::path& file, std::vector<Erratum>& errata,
           Tally& tally) {
  using requirements::Verdict;
  const std::string name = file.filename();
  for (const auto& finding : report.findings) {
    ++tally.verdicts;
    tally.passed += finding.verdict == Verdict::Pass;
    if (finding.verdict != Verdict::Fail && finding.verdict != Verdict::Warn) continue;
    ++tally.findings;
    auto known = std::find_if(errata.begin(), errata.end(), [&](const Erratum& e) {
      return e.requirement == finding.id && Matches(e.file, name) && Matches(e.place, finding.place.path) &&
             Matches(e.expected, finding.expected) && Matches(e.found, finding.found);
    });
    if (known != errata.end()) {
      ++known->used, ++tally.known, known->files.insert(name);
      continue;
    }
    ++tally.unknown;
    std::printf("%s: %s %s expected '%s' found '%s'\n", name.c_str(), finding.id.c_str(),
                finding.place.path.c_str(), finding.expected.c_str(), finding.found.c_str());
  }
}

// Rows that explain more or fewer findings than they say.
int RowsThatAreOff(const std::vector<Erratum>& errata) {
  int off = 0;
  for (const auto& row : errata) {
    if (row.used == row.count) continue;
    ++off;
    std::printf("%d in place of %d: %s | %s | %s | %s\n", row.used, row.count, row.requirement.c_str(),
                row.file.c_str(), row.expected.c_str(), row.found.c_str());
  }
  return off;
}

// Findings whose row one example alone has used: kinds of defect that no other example shows. What as many
// unseen examples would show beyond the list is about as much.
int OfOneExample(const std::vector<Erratum>& errata) {
  int found = 0;
  for (const auto& row : errata) {
    bool common = std::ranges::any_of(errata, [&](const Erratum& other) {
      return other.count == 0 && other.requirement == row.requirement;
    });
    if (row.files.size() == 1 && !common) found += row.used;
  }
  return found;
}

// "files 167" and its like.
std::map<std::string, int> Committed(const char* path) {
  std::map<std::string, int> scores;
  std::ifstream in(path);
  for (std::string line; std::getline(in, line);)
    if (auto space = line.rfind(' '); space != line.npos)
      scores[line.substr(0, space)] = std::atoi(line.c_str() + space + 1);
  return scores;
}

}  // namespace

int main(int argc, char** argv) {
  if (argc != 3) return 2;
  fs::path shared = argv[1];
  auto files = Examples(shared);
  if (files.empty()) {
    std::cout << "skipped: no official examples here\n";
    return kSkipped;
  }
  std::string sets = (shared / "value-sets-fr").string(), extra = (shared / "value-sets-fr-extra").string(),
              schema = (shared / "schemas/cda/CDA_extended.xsd").string();
  constexpr std::string_view kOptions[] = {"--value-sets", "--schema", "--definitions", "--mode"};
  std::string_view words[] = {"--value-sets", sets,   "--value-sets",  extra,
                              "--schema",     schema, "--definitions", PASSERELLE_PACK};
  auto arguments = app::Arguments::Parse(words, kOptions, {});
  auto bench = app::OpenBench(*arguments);
  if (!bench) {
    std::cerr << bench.error().Text() << "\n";
    return 1;
  }
  (*bench)->reader.draft = nullptr;  // the examples are measured, not what we make of them
  auto errata = ReadErrata((fs::path(argv[2]).parent_path() / "labelling-errata.txt").string());
  auto suite = (*bench)->catalogue.FindSuite("all");
  Tally tally;
  for (const auto& file : files) {
    auto input = labelling::ReadInput(ReadBytes(file), (*bench)->reader);
    if (input->format == labelling::InputFormat::Unknown) continue;  // a note beside the examples
    ++tally.files;
    Count(requirements::Evaluate((*bench)->catalogue, (*suite)->requirements, input->run, (*bench)->world),
          file, errata, tally);
  }
  int off = RowsThatAreOff(errata);
  std::cout << "files " << tally.files << "\npasses " << tally.passed << "\nknown defects " << tally.known
            << "\nof them in one example alone " << OfOneExample(errata) << "\nrows with another count "
            << off << "\nfindings beyond them " << tally.unknown << "\n";
  auto committed = Committed(argv[2]);
  // The counts are those of the corpus they were made on; of a larger one only what nobody explains is
  // judged.
  bool same_corpus = committed["files"] == tally.files;
  return tally.unknown <= committed["findings beyond them"] && (!same_corpus || off == 0) ? 0 : 1;
}
