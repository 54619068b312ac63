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

// False: something came out otherwise.
bool Print(const std::string& file, const LedgerEntry& entry, const Replayed& result) {
  std::printf("%s: %s %s, suite %s, run %s: %zu verdicts the same\n", file.c_str(), entry.product.c_str(),
              entry.version.c_str(), entry.suite.c_str(), entry.run.c_str(), result.same);
  if (result.other_tables) std::printf("  decided under other tables than those here\n");
  std::string undecided, different;
  for (const auto& id : result.undecided) undecided += " " + id;
  for (const auto& [id, before, now] : result.different)
    different += " " + id + " (" + before + ", now " + now + ")";
  if (!undecided.empty())
    std::printf("  decided in one of both, by the run or by what is given here:%s\n", undecided.c_str());
  if (!different.empty()) std::printf("  differ:%s\n", different.c_str());
  return different.empty();
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

// The verdict that the entry holds and the one of now.
void Compare(const LedgerEntry& entry, const requirements::Catalogue& catalogue,
             const requirements::Report& again, Replayed& result) {
  for (const auto& [requirement, before] : entry.verdicts) {
    auto id = requirement.substr(0, requirement.find(' '));
    if (catalogue.Find(id) == nullptr) {  // a step of a scenario
      result.undecided.push_back(requirement);
      continue;
    }
    auto now = again.Of(id);
    if (before == requirements::VerdictName(now))
      ++result.same;
    else if (now == requirements::Verdict::Indeterminate || before == "INDETERMINATE")
      result.undecided.push_back(id);
    else
      result.different.push_back({id, before, std::string(requirements::VerdictName(now))});
  }
}

int ReplayFiles(const Bench& bench, const std::vector<LedgerEntry>& ledger,
                const std::vector<std::string>& files) {
  int worst = kClean;
  for (const auto& file : files) {
    auto bytes = ReadFile(file);
    if (!bytes) return Fail(bytes.error(), kUnreadable);
    auto entries = EntriesOf(ledger, *bytes);
    if (entries.empty()) {
      std::printf("%s: no entry of the ledger is about it\n", file.c_str());
      worst = kFindings;
    }
    for (const auto* entry : entries)
      if (!Print(file, *entry, RunReplay(bench).Next(*bytes, *entry))) worst = kFindings;
  }
  return worst;
}

// Where each kept input lies, by its digest.
std::map<std::string, std::string> KeptInputs(const std::string& data) {
  std::map<std::string, std::string> by_digest;
  std::error_code none;
  for (const auto& run : fs::directory_iterator(data + "/runs", none))
    for (const auto& input : fs::directory_iterator(run.path() / "inputs", none))
      by_digest.emplace(input.path().filename().string(), input.path().string());
  return by_digest;
}

int ReplayRuns(const Bench& bench, const std::vector<LedgerEntry>& ledger, const std::string& data) {
  auto kept = KeptInputs(data);
  if (kept.empty())
    return Fail({errors::UsageWrong, "the runs below --data kept nothing: name the files"}, kUsage);
  int worst = kClean;
  std::size_t gone = 0;
  std::map<std::string, RunReplay> runs;
  for (const auto& entry : ledger) {
    auto at = kept.find(entry.input);
    auto bytes = at == kept.end() ? Result<std::string>(std::string()) : ReadFile(at->second);
    if (!bytes) return Fail(bytes.error(), kUnreadable);
    if (at == kept.end()) {
      ++gone;
      continue;
    }
    if (!Print(at->second, entry, runs.try_emplace(entry.run, bench).first->second.Next(*bytes, entry)))
      worst = kFindings;
  }
  if (gone > 0) std::printf("%zu inputs are not here\n", gone);
  return worst;
}

}  // namespace

Replayed RunReplay::Next(const std::string& bytes, const LedgerEntry& entry) {
  Replayed result;
  auto suite = bench_.catalogue.FindSuite(entry.suite);
  result.other_tables =
      !suite || (*suite)->digest != entry.suite_digest || bench_.catalogue.digest() != entry.tables;
  auto reader = bench_.reader;
  if (!suite || (*suite)->couloir != kPlatform) reader.draft = nullptr;
  auto& input = inputs_.emplace_back(labelling::ReadInput(bytes, reader));
  if (!reader.draft) input->run.watched.push_back(requirements::Kind::Draft);
  auto& earlier = earlier_.emplace_back();
  for (std::size_t i = 0; i + 1 < inputs_.size(); ++i) earlier.push_back(&inputs_[i]->run);
  if (!earlier.empty()) input->run.earlier = &earlier;
  std::vector<std::string> ids;
  for (const auto& [requirement, verdict] : entry.verdicts)
    if (auto id = requirement.substr(0, requirement.find(' ')); bench_.catalogue.Find(id) != nullptr)
      ids.push_back(std::move(id));
  Compare(entry, bench_.catalogue, requirements::Evaluate(bench_.catalogue, ids, input->run, bench_.world),
          result);
  return result;
}

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
  return files.empty() ? ReplayRuns(**bench, *ledger, *data) : ReplayFiles(**bench, *ledger, files);
}

}  // namespace passerelle::app
