#include "gateway/labelling/ledger.h"

#include <algorithm>
#include <charconv>

#include "fhir_model/base/digest.h"
#include "fhir_model/base/limits.h"
#include "fhir_model/json/json.h"
#include "gateway/labelling/errors.h"

namespace passerelle::labelling {
namespace {

constexpr std::size_t kHashChars = 64;
constexpr std::string_view kHashMember = ",\"hash\":\"";
constexpr std::string_view kHeadType = "passerelle-ledger-head";
constexpr std::string_view kEndsElsewhere = "the ledger does not end where its head says";

void Member(std::string& out, std::string_view name, std::string_view value) {
  if (out.size() > 1) out += ',';
  json::WriteString(name, out);
  out += ':';
  json::WriteString(value, out);
}

std::string HeadPayload(const LedgerState& state) {
  return "{\"entries\":" + std::to_string(state.entries) + ",\"head\":\"" + state.head + "\"}";
}

Error Broken(std::size_t line, std::string_view why) {
  return Error{errors::LedgerBroken, "line " + std::to_string(line) + ": " + std::string(why), {}};
}

// Takes the next line, without its end; nothing where it has none.
std::optional<std::string_view> TakeLine(std::string_view& ledger) {
  auto end = ledger.find('\n');
  if (end == ledger.npos) return std::nullopt;
  auto line = ledger.substr(0, end);
  ledger.remove_prefix(end + 1);
  return line;
}

std::string HashOf(std::string_view content, std::string_view previous) {
  return Sha256Hex(std::string(previous) + std::string(content));
}

}  // namespace

std::vector<std::pair<std::string, std::string>> VerdictsOf(const requirements::Report& report) {
  std::vector<std::pair<std::string, std::string>> verdicts;
  for (const auto& finding : report.findings) {
    auto key = finding.id + " " + (finding.requirement ? finding.requirement->digest : std::string("-"));
    if (!verdicts.empty() && verdicts.back().first == key) continue;
    verdicts.emplace_back(std::move(key), requirements::VerdictName(report.Of(finding.id)));
  }
  return verdicts;
}

std::string RequirementOf(std::string_view verdict_key) {
  return std::string(verdict_key.substr(0, verdict_key.rfind(' ')));
}

std::string LedgerLine(const Evidence& evidence, LedgerState& state) {
  if (state.head.empty()) state.head = std::string(kHashChars, '0');
  std::string line = "{\"entry\":" + std::to_string(state.entries + 1);
  Member(line, "previous", state.head);
  Member(line, "time", evidence.time);
  if (evidence.time < state.time) {
    state.clock_set_back = true;
    Member(line, "clock", "set back");
  }
  Member(line, "run", evidence.run);
  Member(line, "product", evidence.product);
  Member(line, "version", evidence.version);
  Member(line, "suite", evidence.suite);
  Member(line, "suiteDigest", evidence.suite_digest);
  Member(line, "engine", evidence.engine);
  Member(line, "tables", evidence.tables);
  for (const auto& set : evidence.value_sets) Member(line, "valueSet " + set.substr(0, set.find(' ')), set);
  Member(line, "mode", evidence.mode);
  Member(line, "input", evidence.input);
  if (!evidence.exchange.empty()) Member(line, "exchange", evidence.exchange);
  std::string verdicts = "{";
  for (const auto& [requirement, verdict] : evidence.verdicts) Member(verdicts, requirement, verdict);
  line += ",\"verdicts\":" + verdicts + "}";
  state.head = HashOf(line, state.head);
  state.time = std::max(state.time, evidence.time);
  ++state.entries;
  return line + std::string(kHashMember) + state.head + "\"}";
}

Status CheckLedger(std::string_view ledger, LedgerState& state) {
  state = {};
  state.head = std::string(kHashChars, '0');
  const auto tail = kHashMember.size() + kHashChars + 2;
  while (!ledger.empty()) {
    auto number = state.entries + 1;
    auto taken = TakeLine(ledger);
    if (!taken) return Broken(number, "it has no end");
    auto line = *taken;
    if (line.size() < tail || !line.ends_with("\"}")) return Broken(number, "it is no entry");
    auto content = line.substr(0, line.size() - tail);
    if (line.substr(content.size(), kHashMember.size()) != kHashMember)
      return Broken(number, "it has no hash");
    auto hash = line.substr(content.size() + kHashMember.size(), kHashChars);
    if (!content.starts_with("{\"entry\":" + std::to_string(number) + ",\"previous\":\"" + state.head + "\""))
      return Broken(number, "it does not follow the line before");
    if (hash != HashOf(content, state.head)) return Broken(number, "it was changed");
    auto tree = json::Parse(std::string(line), kFileLimits);
    if (!tree) return Broken(number, "it is no JSON");
    state.head = hash;
    ++state.entries;
    auto time = tree->ChildText(node::kRoot, "time");
    state.clock_set_back = state.clock_set_back || time < state.time;
    state.time = std::max(state.time, std::string(time));
  }
  return Ok();
}

Result<LedgerState> VerifyLedger(std::string_view ledger) {
  LedgerState state;
  CHECK_OK(CheckLedger(ledger, state));
  return state;
}

std::string SignHead(const SigningKey& key, const LedgerState& state) {
  return SignJws(key, kHeadType, HeadPayload(state));
}

Result<LedgerState> OpenHead(std::string_view public_key, std::string_view signed_head) {
  auto payload = OpenJws(public_key, kHeadType, signed_head);
  if (!payload) return Error{errors::LedgerBroken, "the signature of the head does not hold"};
  TRY(auto tree, json::Parse(*std::move(payload), kWireLimits));
  LedgerState state;
  auto entries = tree.ChildText(node::kRoot, "entries");
  std::from_chars(entries.data(), entries.data() + entries.size(), state.entries);
  state.head = tree.ChildText(node::kRoot, "head");
  return state;
}

Status VerifyHead(std::string_view public_key, std::string_view signed_head, const LedgerState& state) {
  TRY(auto head, OpenHead(public_key, signed_head));
  if (head.entries == state.entries && head.head == state.head) return Ok();
  return Error{errors::LedgerBroken, std::string(kEndsElsewhere)};
}

Result<std::size_t> BytesUpTo(const LedgerState& head, std::string_view ledger) {
  auto rest = ledger;
  for (std::size_t line = 0; line < head.entries && TakeLine(rest); ++line) continue;
  auto bytes = ledger.size() - rest.size();
  TRY(auto state, VerifyLedger(ledger.substr(0, bytes)));
  if (state.entries == head.entries && state.head == head.head) return bytes;
  return Error{errors::LedgerBroken, std::string(kEndsElsewhere)};
}

Result<std::vector<LedgerEntry>> ReadLedger(std::string_view ledger) {
  TRY(auto state, VerifyLedger(ledger));
  return ReadEntries(ledger, state.entries);
}

Result<std::vector<LedgerEntry>> ReadEntries(std::string_view ledger, std::size_t count) {
  std::vector<LedgerEntry> entries;
  while (entries.size() < count) {
    TRY(auto tree, json::Parse(std::string(TakeLine(ledger).value_or("")), kFileLimits));
    auto text = [&](std::string_view name) { return std::string(tree.ChildText(node::kRoot, name)); };
    LedgerEntry entry{text("run"),
                      text("product"),
                      text("version"),
                      text("suite"),
                      text("suiteDigest"),
                      text("tables"),
                      text("mode"),
                      text("input"),
                      text("exchange"),
                      text("time"),
                      {}};
    auto verdicts = tree.Child(node::kRoot, "verdicts");
    for (auto child : node::Children(tree, verdicts))
      entry.verdicts.emplace_back(tree.name(child), tree[child].text);
    entries.push_back(std::move(entry));
  }
  return entries;
}

}  // namespace passerelle::labelling
