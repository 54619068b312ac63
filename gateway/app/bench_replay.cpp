#include "gateway/app/bench_replay.h"

#include <algorithm>
#include <cstdio>
#include <filesystem>
#include <map>

#include "fhir_model/base/digest.h"
#include "fhir_model/base/errors.h"
#include "gateway/app/bench.h"
#include "gateway/app/bench_run.h"
#include "gateway/app/errors.h"
#include "gateway/labelling/errors.h"
#include "gateway/labelling/ledger.h"

namespace passerelle::app {
namespace {

namespace fs = std::filesystem;
using labelling::LedgerEntry;

// What the runs kept, each input once.
std::vector<std::string> KeptInputs(const std::string& data) {
  std::map<std::string, std::string> by_digest;
  std::error_code none;
  for (const auto& run : fs::directory_iterator(data + "/runs", none))
    for (const auto& input : fs::directory_iterator(run.path() / "inputs", none))
      by_digest.emplace(input.path().filename().string(), input.path().string());
  std::vector<std::string> files;
  for (const auto& [digest, path] : by_digest) files.push_back(path);
  return files;
}

struct Comparison {
  std::size_t same = 0;
  std::string undecided, different;
};

Comparison Compare(const LedgerEntry& entry, const requirements::Report& again) {
  Comparison result;
  for (const auto& [requirement, before] : entry.verdicts) {
    auto id = requirement.substr(0, requirement.find(' '));
    auto now = again.Of(id);
    if (before == requirements::VerdictName(now))
      ++result.same;
    else if (now == requirements::Verdict::Indeterminate || before == "INDETERMINATE")
      result.undecided += " " + id;
    else
      result.different +=
          " " + id + " (" + before + ", now " + std::string(requirements::VerdictName(now)) + ")";
  }
  return result;
}

// False: something came out otherwise.
bool ReplayEntry(const Bench& bench, const std::string& file, const std::string& bytes,
                 const LedgerEntry& entry) {
  auto suite = bench.catalogue.FindSuite(entry.suite);
  bool changed = !suite || (*suite)->digest != entry.suite_digest || bench.catalogue.digest() != entry.tables;
  auto reader = bench.reader;
  if (!suite || (*suite)->couloir != kPlatform) reader.draft = nullptr;
  auto input = labelling::ReadInput(bytes, reader);
  if (!reader.draft) input->run.watched.push_back(requirements::Kind::Draft);
  std::vector<std::string> ids;
  for (const auto& [requirement, verdict] : entry.verdicts)
    ids.push_back(requirement.substr(0, requirement.find(' ')));
  auto result = Compare(entry, requirements::Evaluate(bench.catalogue, ids, input->run, bench.world));
  std::printf("%s: %s %s, suite %s, run %s: %zu verdicts the same\n", file.c_str(), entry.product.c_str(),
              entry.version.c_str(), entry.suite.c_str(), entry.run.c_str(), result.same);
  if (changed) std::printf("  decided under other tables than those here\n");
  if (!result.undecided.empty())
    std::printf("  decided in one of both, by the run or by what is given here:%s\n",
                result.undecided.c_str());
  if (!result.different.empty()) std::printf("  differ:%s\n", result.different.c_str());
  return result.different.empty();
}

// The bytes as the ledger knows them: as the file has them, or as a message is sent.
std::vector<const LedgerEntry*> EntriesOf(const std::vector<LedgerEntry>& ledger, std::string& bytes) {
  auto about = [&] {
    std::vector<const LedgerEntry*> found;
    for (const auto& entry : ledger)
      if (entry.input == Sha256Hex(bytes)) found.push_back(&entry);
    return found;
  };
  auto found = about();
  if (!found.empty() || !IsMessage(bytes)) return found;
  EndSegmentsWithCr(bytes);
  return about();
}

}  // namespace

int ReplayVerdicts(const Arguments& arguments) {
  auto data = arguments.Get("--data");
  if (!data) return Fail({errors::UsageWrong, "label replay wants --data"}, kUsage);
  auto text = ReadFile(*data + "/ledger.ndjson");
  if (!text) return Fail(text.error(), kUnreadable);
  auto ledger = labelling::ReadLedger(*text);
  if (!ledger) return Fail(ledger.error(), kFindings);
  auto bench = OpenBench(arguments);
  if (!bench) return Fail(bench.error(), kUnreadable);
  std::vector<std::string> files(arguments.files().begin() + 1, arguments.files().end());
  if (files.empty()) files = KeptInputs(*data);
  int worst = kClean;
  for (const auto& file : files) {
    auto bytes = ReadFile(file);
    if (!bytes) return Fail(bytes.error(), kUnreadable);
    auto entries = EntriesOf(*ledger, *bytes);
    if (entries.empty()) {
      std::printf("%s: no entry of the ledger is about it\n", file.c_str());
      worst = kFindings;
    }
    for (const auto* entry : entries)
      if (!ReplayEntry(**bench, file, *bytes, *entry)) worst = kFindings;
  }
  if (files.empty())
    return Fail({errors::UsageWrong, "the runs below --data kept nothing: name the files"}, kUsage);
  return worst;
}

}  // namespace passerelle::app
