#include "gateway/labelling/label.h"

#include <algorithm>
#include <charconv>
#include <chrono>
#include <map>
#include <set>

#include "fhir_model/base/digest.h"
#include "fhir_model/base/limits.h"
#include "fhir_model/json/json.h"
#include "gateway/labelling/errors.h"

namespace passerelle::labelling {
namespace {

constexpr std::string_view kLabelType = "passerelle-label";
constexpr std::string_view kRevocationType = "passerelle-revocations";

struct TextMember {
  std::string_view name;
  std::string Label::* field;
};
constexpr TextMember kMembers[] = {{"id", &Label::id},
                                   {"product", &Label::product},
                                   {"version", &Label::version},
                                   {"suite", &Label::suite},
                                   {"suiteDigest", &Label::suite_digest},
                                   {"tables", &Label::tables},
                                   {"verdicts", &Label::verdicts_root},
                                   {"ledgerHead", &Label::ledger_head},
                                   {"granted", &Label::granted},
                                   {"expires", &Label::expires},
                                   {"url", &Label::url}};

Error Invalid(std::string why) { return Error{errors::LabelInvalid, std::move(why)}; }

// Leaf and node are hashed apart, so that no node can pass for a leaf.
std::string LeafHash(std::string_view line) { return Sha256Hex("leaf " + std::string(line)); }
std::string NodeHash(const std::string& left, const std::string& right) {
  return Sha256Hex("node " + left + right);
}

std::vector<std::string> VerdictLines(const std::vector<LedgerEntry>& entries) {
  std::set<std::string> lines;
  for (const auto& entry : entries)
    for (const auto& [requirement, verdict] : entry.verdicts)
      lines.insert(entry.input + " " + requirement + " " + verdict);
  return {lines.begin(), lines.end()};
}

// One level up; an odd last one goes up as it is.
std::vector<std::string> Up(const std::vector<std::string>& level) {
  std::vector<std::string> next;
  for (std::size_t i = 0; i < level.size(); i += 2)
    next.push_back(i + 1 < level.size() ? NodeHash(level[i], level[i + 1]) : level[i]);
  return next;
}

std::vector<std::string> Leaves(const std::vector<std::string>& lines) {
  std::vector<std::string> leaves;
  for (const auto& line : lines) leaves.push_back(LeafHash(line));
  return leaves;
}

std::vector<LedgerEntry> EntriesOf(std::vector<LedgerEntry> all, std::string_view product,
                                   std::string_view version, std::string_view suite) {
  std::erase_if(all, [&](const LedgerEntry& e) {
    return e.product != product || e.version != version || e.suite != suite;
  });
  // The last run counts: a verdict of record is that of the run as a whole.
  if (!all.empty()) std::erase_if(all, [run = all.back().run](const LedgerEntry& e) { return e.run != run; });
  return all;
}

// The worst verdict of each requirement over the run's files.
std::map<std::string, std::string> Worst(const std::vector<LedgerEntry>& entries) {
  constexpr std::string_view kOrder[] = {"N-A", "PASS", "MANUAL", "WARN", "INDETERMINATE", "FAIL"};
  auto rank = [&](std::string_view verdict) {
    return std::find(std::begin(kOrder), std::end(kOrder), verdict) - kOrder;
  };
  std::map<std::string, std::string> worst;
  for (const auto& entry : entries)
    for (const auto& [requirement, verdict] : entry.verdicts) {
      auto& slot = worst[RequirementOf(requirement)];
      if (slot.empty() || rank(verdict) > rank(slot)) slot = verdict;
    }
  return worst;
}

// Why a verdict keeps the label from being granted; nothing where it does not.
std::string ObstacleOf(const requirements::Requirement* requirement, std::string_view verdict) {
  bool automatic = !requirement || requirement->means == requirements::Means::Automatic;
  if (verdict == "FAIL") return "failed";
  return verdict == "INDETERMINATE" && automatic ? "was not decided" : "";
}

// What the suite wants to have seen, and no file showed. What did not pass was seen: it stands in the way by
// itself, or is waived.
Status IsShown(const requirements::Suite& suite, const std::map<std::string, std::string>& worst) {
  for (const auto& alternatives : suite.shown) {
    auto was_seen = [&](const std::string& id) {
      auto verdict = worst.find(id);
      return verdict != worst.end() && verdict->second != "N-A";
    };
    if (std::ranges::none_of(alternatives, was_seen))
      return Invalid("nothing was shown that " + alternatives.front() + " speaks of: the suite " + suite.id +
                     " wants it");
  }
  return Ok();
}

Status MayBeWaived(const Waiver& waiver, const std::set<std::string>& stand_in_the_way,
                   const requirements::Catalogue& catalogue) {
  const auto* requirement = catalogue.Find(waiver.requirement);
  if (!requirement || requirement->weight == requirements::Weight::Blocking)
    return Invalid(waiver.requirement + " is blocking or unknown: nobody can waive it");
  if (waiver.reason.find_first_not_of(' ') == std::string::npos)
    return Invalid("the waiver of " + waiver.requirement + " gives no reason");
  if (!stand_in_the_way.contains(waiver.requirement)) return Invalid(waiver.requirement + " needs no waiver");
  return Ok();
}

std::string TextsAsJson(const std::vector<std::string>& texts) {
  std::string out;
  for (const auto& text : texts) {
    if (!out.empty()) out += ',';
    json::WriteString(text, out);
  }
  return "[" + out + "]";
}

std::string WaiversAsJson(const std::vector<Waiver>& waivers) {
  std::string out;
  for (const auto& waiver : waivers) {
    out += out.empty() ? "{\"requirement\":" : ",{\"requirement\":";
    json::WriteString(waiver.requirement, out);
    out += ",\"reason\":";
    json::WriteString(waiver.reason, out);
    out += "}";
  }
  return "[" + out + "]";
}

}  // namespace

std::string VerdictsRoot(const std::vector<LedgerEntry>& entries) {
  auto level = Leaves(VerdictLines(entries));
  if (level.empty()) return LeafHash("");
  while (level.size() > 1) level = Up(level);
  return level.front();
}

std::optional<std::vector<MerkleStep>> VerdictPath(const std::vector<LedgerEntry>& entries,
                                                   std::string_view line) {
  auto lines = VerdictLines(entries);
  auto found = std::find(lines.begin(), lines.end(), line);
  if (found == lines.end()) return std::nullopt;
  auto at = static_cast<std::size_t>(found - lines.begin());
  std::vector<MerkleStep> path;
  for (auto level = Leaves(lines); level.size() > 1; level = Up(level), at /= 2) {
    auto sister = at % 2 == 0 ? at + 1 : at - 1;
    if (sister < level.size()) path.push_back({level[sister], at % 2 == 1});
  }
  return path;
}

bool VerdictPathHolds(std::string_view root, std::string_view line, const std::vector<MerkleStep>& path) {
  auto hash = LeafHash(line);
  for (const auto& step : path) hash = step.left ? NodeHash(step.hash, hash) : NodeHash(hash, step.hash);
  return hash == root;
}

Result<Label> LabelFrom(std::string_view ledger, std::string_view product, std::string_view version,
                        std::string_view suite, const requirements::Catalogue& catalogue,
                        std::vector<Waiver> waivers) {
  TRY(auto state, VerifyLedger(ledger));
  TRY(auto all, ReadLedger(ledger));
  TRY(const auto* known, catalogue.FindSuite(suite));
  auto entries = EntriesOf(std::move(all), product, version, suite);
  if (entries.empty()) return Invalid("nothing was checked of this version with this suite");
  for (const auto& entry : entries)
    if (entry.suite_digest != known->digest || entry.tables != catalogue.digest())
      return Invalid("suite or tables changed after the run: run again");
  Label label;
  bool passed = false;
  std::set<std::string> stand_in_the_way;
  auto worst = Worst(entries);
  for (const auto& [id, verdict] : worst) {
    auto why = ObstacleOf(catalogue.Find(id), verdict);
    passed = passed || verdict == "PASS";
    if (why.empty() && (verdict == "INDETERMINATE" || verdict == "MANUAL")) label.open.push_back(id);
    if (why.empty()) continue;
    stand_in_the_way.insert(id);
    auto waived = std::ranges::find(waivers, id, &Waiver::requirement);
    if (waived == waivers.end()) return Invalid(id + " " + why);
  }
  if (!passed) return Invalid("nothing passed");
  for (const auto& waiver : waivers) CHECK_OK(MayBeWaived(waiver, stand_in_the_way, catalogue));
  CHECK_OK(IsShown(*known, worst));
  label.waivers = std::move(waivers);
  label.product = product, label.version = version, label.suite = suite;
  label.suite_digest = entries.front().suite_digest, label.tables = entries.front().tables;
  label.verdicts_root = VerdictsRoot(entries);
  label.ledger_head = state.head, label.ledger_entries = state.entries;
  label.id = UuidFromDigest(
      Sha256(label.product + "\n" + label.version + "\n" + label.suite + "\n" + label.verdicts_root));
  return label;
}

Status CheckExpiry(std::string_view expires, std::string_view granted) {
  if (expires.empty()) return Ok();
  int year = 0;
  unsigned month = 0, day = 0;
  auto read = [&](std::size_t at, std::size_t size, auto& number) {
    auto part = expires.substr(std::min(at, expires.size()), size);
    return std::from_chars(part.data(), part.data() + part.size(), number).ptr == part.data() + size;
  };
  bool is_day =
      expires.size() == 10 && expires[4] == '-' && expires[7] == '-' && read(0, 4, year) &&
      read(5, 2, month) && read(8, 2, day) &&
      std::chrono::year_month_day(std::chrono::year(year), std::chrono::month(month), std::chrono::day(day))
          .ok();
  if (!is_day) return Invalid(std::string(expires) + " is no day");
  return expires < granted ? Status(Invalid("it would have expired already")) : Ok();
}

std::string SignLabel(const SigningKey& key, const Label& label) {
  std::string payload = "{\"ledgerEntries\":" + std::to_string(label.ledger_entries);
  for (const auto& member : kMembers) {
    payload += ",";
    json::WriteString(member.name, payload);
    payload += ":";
    json::WriteString(label.*member.field, payload);
  }
  return SignJws(key, kLabelType,
                 payload + ",\"waivers\":" + WaiversAsJson(label.waivers) +
                     ",\"open\":" + TextsAsJson(label.open) + "}");
}

Result<Label> OpenLabel(std::string_view public_key, std::string_view jws) {
  auto payload = OpenJws(public_key, kLabelType, jws);
  if (!payload) return Invalid("the signature does not hold");
  TRY(auto tree, json::Parse(*std::move(payload), kWireLimits));
  Label label;
  for (const auto& member : kMembers) label.*member.field = tree.ChildText(node::kRoot, member.name);
  for (auto child : node::Children(tree, node::kRoot)) {
    std::string waived(tree.ChildText(child, "requirement"));
    if (tree.name(child) == "waivers" && !waived.empty())
      label.waivers.push_back({std::move(waived), std::string(tree.ChildText(child, "reason"))});
    if (tree.name(child) == "open" && !tree[child].text.empty()) label.open.emplace_back(tree[child].text);
  }
  for (char c : tree.ChildText(node::kRoot, "ledgerEntries"))
    label.ledger_entries = label.ledger_entries * 10 + static_cast<std::size_t>(c - '0');
  return label;
}

std::string SignRevocations(const SigningKey& key, const std::vector<std::string>& ids,
                            std::string_view time) {
  std::string payload = "{\"time\":";
  json::WriteString(time, payload);
  return SignJws(key, kRevocationType, payload + ",\"revoked\":" + TextsAsJson(ids) + "}");
}

Result<std::vector<std::string>> OpenRevocations(std::string_view public_key, std::string_view jws) {
  auto payload = OpenJws(public_key, kRevocationType, jws);
  if (!payload) return Invalid("the signature of the revocations does not hold");
  TRY(auto list, json::Parse(*std::move(payload), kWireLimits));
  std::vector<std::string> ids;
  for (auto child : node::Children(list, node::kRoot))
    if (list.name(child) == "revoked") ids.emplace_back(list[child].text);
  return ids;
}

Result<Label> VerifyLabel(const LabelProof& proof) {
  TRY(auto label, OpenLabel(proof.public_key, proof.jws));
  if (!label.granted.empty() && proof.date < label.granted) return Invalid("it is not valid yet");
  if (!label.expires.empty() && proof.date > label.expires) return Invalid("it has expired");
  if (!proof.revocations.empty()) {
    TRY(auto revoked, OpenRevocations(proof.public_key, proof.revocations));
    if (std::ranges::find(revoked, label.id) != revoked.end()) return Invalid("it was revoked");
  }
  if (proof.ledger.empty()) return label;
  TRY(auto all, ReadLedger(proof.ledger));
  if (all.size() < label.ledger_entries) return Invalid("the ledger is shorter than the label says");
  all.resize(label.ledger_entries);  // what came after the label does not touch it
  auto entries = EntriesOf(std::move(all), label.product, label.version, label.suite);
  if (VerdictsRoot(entries) != label.verdicts_root) return Invalid("the ledger holds other verdicts");
  return label;
}

}  // namespace passerelle::labelling
