// What the desk shows of the evidence and of the campaign.

#include <algorithm>
#include <filesystem>
#include <set>

#include "fhir_model/base/errors.h"
#include "gateway/api/errors.h"
#include "gateway/app/bench_desk.h"
#include "gateway/app/bench_replay.h"
#include "gateway/app/evidence_archive.h"
#include "gateway/app/evidence_folder.h"
#include "gateway/labelling/errors.h"
#include "gateway/labelling/label.h"
#include "gateway/labelling/words.h"

namespace passerelle::app {
namespace {

namespace fs = std::filesystem;
using Entries = std::vector<labelling::LedgerEntry>;
using requirements::Verdict;

// How far a folder's evidence holds.
struct Checked {
  std::string ledger, public_key;
  labelling::LedgerState state;
  std::string broken;  // why, and where; empty: it holds to its end
  Entries entries;     // those that hold
};

Result<Checked> CheckEvidence(const std::string& folder) {
  Checked checked;
  std::error_code none;
  if (!fs::exists(folder + "/ledger.ndjson", none)) return checked;
  TRY(checked.ledger, ReadFile(folder + "/ledger.ndjson"));
  if (auto holds = labelling::CheckLedger(checked.ledger, checked.state); !holds)
    checked.broken = holds.error().detail;
  auto key = ReadFile(folder + "/bench-key.pub"), head = ReadFile(folder + "/ledger.head");
  if (key) checked.public_key = DecodeBase64Url(*key).value_or("");
  if (checked.broken.empty()) {
    auto signed_head = labelling::VerifyHead(checked.public_key, head ? *head : "", checked.state);
    if (!signed_head) checked.broken = signed_head.error().detail;
  }
  TRY(checked.entries, labelling::ReadEntries(checked.ledger, checked.state.entries));
  return checked;
}

// Versions of each product in the order in which they first came.
std::map<std::string, std::vector<std::string>> VersionsOf(const Entries& entries) {
  std::map<std::string, std::vector<std::string>> products;
  for (const auto& entry : entries) {
    auto& versions = products[entry.product];
    if (std::find(versions.begin(), versions.end(), entry.version) == versions.end())
      versions.push_back(entry.version);
  }
  return products;
}

// The entries of the last run of a version; with a suite, of the last one under that suite.
Entries LastRun(const Entries& entries, std::string_view product, std::string_view version,
                std::string_view suite = {}) {
  Entries last;
  for (const auto& entry : entries) {
    if (entry.product != product || entry.version != version) continue;
    if (!suite.empty() && entry.suite != suite) continue;
    if (!last.empty() && last.back().run != entry.run) last.clear();
    last.push_back(entry);
  }
  return last;
}

constexpr Verdict kFromBest[] = {Verdict::NotApplicable, Verdict::Pass, Verdict::Manual,
                                 Verdict::Indeterminate, Verdict::Warn, Verdict::Fail};
int Gravity(std::string_view verdict) {
  for (auto known : kFromBest)
    if (requirements::VerdictName(known) == verdict) return static_cast<int>(known);
  return static_cast<int>(Verdict::Indeterminate);
}

// The worst verdict of each requirement over the messages of a run.
std::map<std::string, std::string> WorstOf(const Entries& run) {
  std::map<std::string, std::string> worst;
  for (const auto& entry : run) {
    for (const auto& [key, verdict] : entry.verdicts) {
      auto [it, fresh] = worst.try_emplace(labelling::RequirementOf(key), verdict);
      if (!fresh && Gravity(verdict) > Gravity(it->second)) it->second = verdict;
    }
  }
  return worst;
}

void WriteInputs(const Entries& run, api::JsonWriter& out) {
  out.Key("inputs").BeginArray();
  for (const auto& entry : run) {
    out.BeginObject().Member("run", entry.run).Member("sha256", entry.input);
    out.Member("suite", entry.suite).Member("time", entry.time).EndObject();
  }
  out.EndArray();
}

// Requirement by message: what each came to, and what it came to in the version before.
void WriteMatrix(const requirements::Catalogue& catalogue, Language language, const Entries& run,
                 const Entries& before, api::JsonWriter& out) {
  auto worst = WorstOf(run), earlier = WorstOf(before);
  out.Key("rows").BeginArray();
  for (const auto& [id, verdict] : worst) {
    out.BeginObject().Member("requirement", id).Member("verdict", verdict);
    out.NullIfEmpty("before", earlier.contains(id) ? earlier[id] : std::string());
    if (const auto* requirement = catalogue.Find(id))
      out.Member("sentence", requirement->sentence.In(language))
          .Member("weight", std::string(requirements::WeightName(requirement->weight)))
          .Member("means", std::string(requirements::MeansName(requirement->means)));
    out.Key("verdicts").BeginArray();
    for (const auto& entry : run) {
      auto found = std::find_if(entry.verdicts.begin(), entry.verdicts.end(), [&id = id](const auto& one) {
        return labelling::RequirementOf(one.first) == id;
      });
      out.Value(found == entry.verdicts.end() ? std::string() : found->second);
    }
    out.EndArray().EndObject();
  }
  out.EndArray();
}

// What the label let go, and what no machine decided.
void WriteLeftOpen(const labelling::Label& label, api::JsonWriter& out) {
  out.Key("waivers").BeginArray();
  for (const auto& waiver : label.waivers)
    out.BeginObject().Member("requirement", waiver.requirement).Member("reason", waiver.reason).EndObject();
  out.EndArray().Key("open").BeginArray();
  for (const auto& id : label.open) out.Value(id);
  out.EndArray();
}

void WriteLabels(const std::string& folder, const Checked& checked, Language language, api::JsonWriter& out) {
  auto revoked = ReadFile(folder + "/revoked.jws");
  out.Key("labels").BeginArray();
  std::error_code none;
  for (const auto& file : fs::directory_iterator(folder + "/labels", none)) {
    auto jws = ReadFile(file.path().string());
    if (!jws) continue;
    auto label = labelling::OpenLabel(checked.public_key, *jws);
    auto holds = labelling::VerifyLabel(
        {*jws, checked.public_key, revoked ? *revoked : "", checked.ledger, UtcNow().substr(0, 10)});
    out.BeginObject().Member("file", file.path().filename().string());
    if (label)
      out.Member("id", label->id)
          .Member("product", label->product)
          .Member("version", label->version)
          .Member("suite", label->suite)
          .Member("granted", label->granted)
          .NullIfEmpty("expires", label->expires);
    if (label) WriteLeftOpen(*label, out);
    out.NullIfEmpty("broken", holds ? std::string() : labelling::InLanguage(holds.error().detail, language))
        .EndObject();
  }
  out.EndArray();
}

// Whether a line of the campaign's log has this member; lines are written by us, one way.
bool HasMember(std::string_view line, std::string_view name, std::string_view value) {
  if (value.empty()) return true;
  std::string member = "\"" + std::string(name) + "\":";
  json::WriteString(value, member);
  return line.find(member) != line.npos;
}

bool Takes(const api::CampaignQuery& query, std::string_view line) {
  if (query.week && line.find("\"week\":" + std::to_string(*query.week) + ",") == line.npos) return false;
  std::string requirement;
  if (!query.requirement.empty()) json::WriteString(query.requirement, requirement);
  auto failed = line.find("\"failed\":[");
  if (!requirement.empty() && (failed == line.npos || line.find(requirement, failed) == line.npos))
    return false;
  return HasMember(line, "product", query.product) && HasMember(line, "event", query.event) &&
         HasMember(line, "couloir", query.couloir);
}

// The version that is asked for, else the newest one of the last product that was seen.
struct Chosen {
  std::string product, version, previous;
};
Chosen Choose(const Entries& seen, const api::EvidenceQuery& query) {
  Chosen chosen{query.product, query.version, {}};
  if (chosen.product.empty() && !seen.empty()) chosen.product = seen.back().product;
  auto versions = VersionsOf(seen)[chosen.product];
  if (chosen.version.empty() && !versions.empty()) chosen.version = versions.back();
  auto at = std::find(versions.begin(), versions.end(), chosen.version);
  if (at != versions.begin() && at != versions.end()) chosen.previous = *std::prev(at);
  return chosen;
}

void WriteDifferences(const std::vector<Replayed::Difference>& differences, api::JsonWriter& out) {
  out.BeginArray();
  for (const auto& [id, before, now, why] : differences)
    out.BeginObject()
        .Member("requirement", id)
        .Member("before", before)
        .Member("now", now)
        .NullIfEmpty("why", why)
        .EndObject();
  out.EndArray();
}

void WriteReplayed(const std::string& input, const Result<Replayed>& replayed, api::JsonWriter& out) {
  const bool is_altered = !replayed && replayed.error().info == &errors::LedgerBroken;
  out.BeginObject()
      .Member("sha256", input)
      .Member("kept", replayed.has_value())
      .Member("altered", is_altered);
  if (replayed) {
    out.Member("same", static_cast<std::int64_t>(replayed->same))
        .Member("other_tables", replayed->other_tables);
    WriteDifferences(replayed->undecided, out.Key("undecided"));
    WriteDifferences(replayed->different, out.Key("different"));
  }
  out.EndObject();
}

}  // namespace

Result<std::vector<labelling::LedgerEntry>> BenchDesk::EntriesFor(const api::BenchGuest& guest) {
  std::unique_lock guard(evidence_mutex_);
  TRY(auto checked, CheckEvidence(setup_.settings.data));
  guard.unlock();
  std::erase_if(checked.entries,
                [&](const auto& entry) { return !guest.sees_all && !MaySeeClosed(guest, entry.run); });
  return std::move(checked.entries);
}

Result<std::string> BenchDesk::Replay(const api::BenchGuest& guest, const api::EvidenceQuery& query) {
  TRY(auto bench, TheBench());
  TRY(auto seen, EntriesFor(guest));
  auto chosen = Choose(seen, query);
  api::JsonWriter out;
  out.BeginObject()
      .Member("product", chosen.product)
      .Member("version", chosen.version)
      .Key("inputs")
      .BeginArray();
  RunReplay run(*bench, guest.language);
  for (const auto& entry : LastRun(seen, chosen.product, chosen.version)) {
    std::lock_guard one_at_a_time(judging_);
    auto replayed = run.NextOf(FolderOf(entry.run), entry);
    if (!replayed) run.Skip();
    WriteReplayed(entry.input, replayed, out);
  }
  return out.EndArray().EndObject().Take();
}

Result<std::string> BenchDesk::EvidenceArchive(const api::EvidenceQuery& query) {
  TRY(auto entries, EntriesFor({{}, true, Language::English}));
  std::set<std::string> runs;
  for (const auto& entry : entries)
    if ((query.product.empty() || entry.product == query.product) &&
        (query.version.empty() || entry.version == query.version))
      runs.insert(entry.run);
  std::lock_guard guard(evidence_mutex_);
  return ArchiveEvidence(setup_.settings.data, [&](const std::string& run) { return runs.contains(run); });
}

Result<std::string> BenchDesk::Grant(const api::BenchGuest& guest, const api::LabelWish& wish) {
  LabelOrder order{wish.product, wish.version, wish.suite, wish.expires, {}, {}};
  for (const auto& [requirement, reason] : wish.waivers) order.waivers.push_back({requirement, reason});
  std::lock_guard guard(evidence_mutex_);
  TRY(auto evidence, EvidenceFolder::Open(setup_.settings.data));
  auto file = evidence.Grant(order, UtcNow().substr(0, 10));
  if (!file) return Error{*file.error().info, labelling::InLanguage(file.error().detail, guest.language)};
  api::JsonWriter out;
  return out.BeginObject().Member("id", fs::path(*file).stem().string()).EndObject().Take();
}

Result<std::string> BenchDesk::Revoke(const std::string& label) {
  std::lock_guard guard(evidence_mutex_);
  TRY(auto evidence, EvidenceFolder::Open(setup_.settings.data));
  bool known = false;
  std::error_code none;
  for (const auto& file : fs::directory_iterator(setup_.settings.data + "/labels", none))
    known = known || file.path().filename() == label + ".jws";
  if (!known) return Error{errors::RouteUnknown};
  CHECK_OK(evidence.Revoke({label}, UtcNow()));
  TRY(auto revoked, evidence.Revoked());
  api::JsonWriter out;
  out.BeginObject().Key("revoked").BeginArray();
  for (const auto& id : revoked) out.Value(id);
  return out.EndArray().EndObject().Take();
}

Result<std::string> BenchDesk::Evidence(const api::BenchGuest& guest, const api::EvidenceQuery& query) {
  TRY(auto bench, TheBench());
  std::unique_lock guard(evidence_mutex_);
  TRY(auto checked, CheckEvidence(setup_.settings.data));
  guard.unlock();
  Entries seen;
  for (const auto& entry : checked.entries)
    if (guest.sees_all || MaySeeClosed(guest, entry.run)) seen.push_back(entry);
  auto products = VersionsOf(seen);
  auto [product, version, previous] = Choose(seen, query);
  auto run = LastRun(seen, product, version);
  auto before = run.empty() ? Entries() : LastRun(seen, product, previous, run.front().suite);
  api::JsonWriter out;
  out.BeginObject().Member("verified", static_cast<std::int64_t>(checked.state.entries));
  out.NullIfEmpty("broken", labelling::InLanguage(checked.broken, guest.language))
      .NullIfEmpty("head", checked.state.head);
  out.NullIfEmpty("time", checked.state.time).Member("clock_set_back", checked.state.clock_set_back);
  out.Key("products").BeginArray();
  for (const auto& [name, all] : products) {
    out.BeginObject().Member("product", name).Key("versions").BeginArray();
    for (const auto& one : all) out.Value(one);
    out.EndArray().EndObject();
  }
  out.EndArray().Member("product", product).Member("version", version);
  out.NullIfEmpty("previous", before.empty() ? std::string() : previous);
  WriteInputs(run, out);
  WriteMatrix(bench->catalogue, guest.language, run, before, out);
  if (guest.sees_all) WriteLabels(setup_.settings.data, checked, guest.language, out);
  return out.EndObject().Take();
}

Status BenchDesk::StartCampaign(const api::CampaignOrder& order) {
  return campaign_.Start(order, [this] { return MakeBench(); }, setup_.settings.examples);
}

Result<std::string> BenchDesk::Campaign(Language language) { return campaign_.Json(language); }

Result<std::string> BenchDesk::CampaignEvents(const api::CampaignQuery& query) {
  auto log = ReadFile(setup_.settings.data + "/campaign/events.ndjson");
  std::string_view rest = log ? std::string_view(*log) : std::string_view();
  std::size_t total = 0;
  api::JsonWriter out;
  out.BeginObject().Key("events").BeginArray();
  while (!rest.empty()) {
    auto line = rest.substr(0, rest.find('\n'));
    rest.remove_prefix(std::min(rest.size(), line.size() + 1));
    if (!Takes(query, line)) continue;
    if (++total <= query.count_max) out.Raw(line);
  }
  out.EndArray().Member("total", static_cast<std::int64_t>(total));
  return out.EndObject().Take();
}

}  // namespace passerelle::app
