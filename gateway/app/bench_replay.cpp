#include "gateway/app/bench_replay.h"

#include <algorithm>
#include <cstdio>
#include <map>
#include <set>

#include "fhir_model/base/digest.h"
#include "fhir_model/base/errors.h"
#include "gateway/app/bench_run.h"
#include "gateway/app/errors.h"
#include "gateway/labelling/errors.h"
#include "gateway/labelling/verdicts.h"

namespace passerelle::app {
namespace {

using labelling::LedgerEntry;
using requirements::Verdict;

// Of its worst finding: where it is and what was expected there, or what is missing to decide it.
std::string WhyOf(const requirements::Report& report, const std::string& id, Verdict verdict,
                  Language language) {
  const bool french = language == Language::French;
  for (auto finding : report.findings) {
    if (finding.id != id || finding.verdict != verdict) continue;
    labelling::SayIn(language, finding);
    if (!finding.cause.empty()) return finding.cause;
    if (finding.place.path.empty() && finding.expected.empty()) return {};
    auto where = finding.place.path;
    if (finding.place.line > 0) where += (french ? " ligne " : " line ") + std::to_string(finding.place.line);
    if (finding.place.column > 0)
      where += (french ? " colonne " : " column ") + std::to_string(finding.place.column);
    return (where.empty() ? finding.subject : where) + (french ? " : attendu " : ": expected ") +
           finding.expected;
  }
  return {};
}

// The verdicts that the entry holds and those of now.
void Compare(const LedgerEntry& entry, const requirements::Report& again, Language language,
             Replayed& result) {
  for (const auto& [requirement, before] : entry.verdicts) {
    auto id = labelling::RequirementOf(requirement);
    auto now = again.Of(id);
    if (before == requirements::VerdictName(now)) {
      ++result.same;
      continue;
    }
    bool in_one_only = now == Verdict::Indeterminate || before == "INDETERMINATE";
    (in_one_only ? result.undecided : result.different)
        .push_back(
            {id, before, std::string(requirements::VerdictName(now)), WhyOf(again, id, now, language)});
  }
}

void Print(std::string_view what, const std::vector<Replayed::Difference>& differences) {
  for (const auto& [id, before, now, why] : differences)
    std::printf("  %.*s %s: %s, now %s%s%s%s\n", static_cast<int>(what.size()), what.data(), id.c_str(),
                before.c_str(), now.c_str(), why.empty() ? "" : " (", why.c_str(), why.empty() ? "" : ")");
}

void PrintHead(const std::string& name, const LedgerEntry& entry) {
  std::printf("%s: %s %s, suite %s, run %s: ", name.c_str(), entry.product.c_str(), entry.version.c_str(),
              entry.suite.c_str(), entry.run.c_str());
}

// False: something came out otherwise.
bool Print(const std::string& name, const LedgerEntry& entry, const Replayed& result) {
  PrintHead(name, entry);
  std::printf("%zu verdicts the same\n", result.same);
  if (result.other_tables) std::printf("  decided under other tables than those here\n");
  Print("decided in one of both", result.undecided);
  Print("differs", result.different);
  return result.different.empty();
}

// Files that somebody shows, by the digest under which the ledger knows them.
struct Shown {
  std::string file, bytes;
};
using ShownFiles = std::map<std::string, Shown>;

// The bytes as the file has them, or as a message is sent.
Status Show(const std::string& file, const std::set<std::string>& known, ShownFiles& shown) {
  TRY(auto bytes, ReadFile(file));
  auto digest = Sha256Hex(bytes);
  if (!known.contains(digest) && IsMessage(bytes)) {
    EndSegmentsWithCr(bytes);
    digest = Sha256Hex(bytes);
  }
  shown[digest] = {file, std::move(bytes)};
  return Ok();
}

// A ledger from its begin to its end; a run's lines stand together.
class LedgerReplay {
 public:
  LedgerReplay(const Bench& bench, std::string data, const ShownFiles& shown)
      : bench_(bench), data_(std::move(data)), shown_(shown) {}

  void Next(const LedgerEntry& entry) {
    if (!replay_ || entry.run != run_) {
      replay_.emplace(bench_, Language::English);
      run_ = entry.run, number_ = 0;
    }
    auto name = "message " + std::to_string(++number_);
    auto at = shown_.find(entry.input);
    if (at != shown_.end()) name = at->second.file;
    bool wanted = shown_.empty() || at != shown_.end();
    auto replayed = replay_->NextOf(RunFolder(data_, entry.run), entry);
    const bool is_altered = !replayed && replayed.error().info == &errors::LedgerBroken;
    if (!replayed && !is_altered && at != shown_.end()) {
      replayed = replay_->Next({name, at->second.bytes, {}, {}}, entry);
    } else if (!replayed) {
      replay_->Skip();
    }
    if (wanted) Tell(name, entry, replayed);
  }
  int End() const {
    if (gone_ > 0) std::printf("%zu inputs are not here\n", gone_);
    return worst_;
  }
  bool told_any() const { return told_any_; }

 private:
  void Tell(const std::string& name, const LedgerEntry& entry, const Result<Replayed>& replayed) {
    told_any_ = told_any_ || replayed;
    if (replayed) {
      if (!Print(name, entry, *replayed)) worst_ = kFindings;
    } else if (replayed.error().info == &errors::LedgerBroken) {
      told_any_ = true, worst_ = kFindings;
      PrintHead(name, entry);
      std::printf("changed since: %s\n", replayed.error().detail.c_str());
    } else {
      ++gone_;
    }
  }

  const Bench& bench_;
  std::string data_;
  const ShownFiles& shown_;
  std::optional<RunReplay> replay_;
  std::string run_;
  std::size_t number_ = 0, gone_ = 0;
  bool told_any_ = false;
  int worst_ = kClean;
};

}  // namespace

RunTrees& RunReplay::TreesFor(const LedgerEntry& entry) {
  if (trees_) return *trees_;
  auto suite = bench_.catalogue.FindSuite(entry.suite);
  auto mode = entry.mode.empty()           ? bench_.reader.mode
              : entry.mode == "production" ? requirements::Mode::Production
                                           : requirements::Mode::Test;
  return trees_.emplace(bench_, suite ? (*suite)->couloir : std::string(), mode);
}

Replayed RunReplay::Next(const Step& step, const LedgerEntry& entry) {
  Replayed result;
  auto suite = bench_.catalogue.FindSuite(entry.suite);
  result.other_tables =
      !suite || (*suite)->digest != entry.suite_digest || bench_.catalogue.digest() != entry.tables;
  std::vector<std::string> ids;
  for (const auto& [requirement, verdict] : entry.verdicts)
    if (auto id = labelling::RequirementOf(requirement); bench_.catalogue.Find(id) != nullptr)
      ids.push_back(std::move(id));
  auto& trees = TreesFor(entry);
  if (skipped_) trees.Skip();
  Compare(entry, trees.Judge(step, ids).report, language_, result);
  ++number_;
  return result;
}

Result<Replayed> RunReplay::NextOf(const std::string& run_folder, const LedgerEntry& entry) {
  TRY(auto step, ReadStep(run_folder, number_ + 1, entry));
  return Next(step, entry);
}

void RunReplay::Skip() {
  ++number_;
  skipped_ = true;
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
  std::set<std::string> known, runs;
  for (const auto& entry : *ledger) known.insert(entry.input);
  ShownFiles shown;
  for (std::size_t i = 1; i < arguments.files().size(); ++i)
    if (auto read = Show(arguments.files()[i], known, shown); !read) return Fail(read.error(), kUnreadable);
  int worst = kClean;
  for (const auto& [digest, one] : shown) {
    if (known.contains(digest)) continue;
    std::printf("%s: no entry of the ledger is about it\n", one.file.c_str());
    worst = kFindings;
  }
  for (const auto& entry : *ledger)
    if (shown.empty() || shown.contains(entry.input)) runs.insert(entry.run);
  LedgerReplay replay(**bench, *data, shown);
  for (const auto& entry : *ledger)
    if (runs.contains(entry.run)) replay.Next(entry);
  if (shown.empty() && !replay.told_any())
    return Fail({errors::UsageWrong, "the runs below --data kept nothing: name the files"}, kUsage);
  return std::max(worst, replay.End());
}

}  // namespace passerelle::app
