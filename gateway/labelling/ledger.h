#pragma once
// The evidence: what was checked, with which rules, and what came out; one line a checked file, each line
// chained to the one before by its hash. Lines are only ever added. No patient's data: inputs are named by
// their hash.
//
// Anybody can verify a ledger without a server: any byte that is changed, added or taken away is found, the
// end of the file by the signed head that stands beside it.

#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "fhir_model/base/result.h"
#include "fhir_model/base/signature.h"
#include "profiles/requirements/evaluate.h"

namespace passerelle::labelling {

// One file checked in a run.
struct Evidence {
  std::string run;  // the run's id
  std::string product, version;
  std::string suite, suite_digest;
  std::string engine, tables;           // which code, which tables
  std::vector<std::string> value_sets;  // with their digests
  std::string mode;                     // test or production
  std::string input;                    // SHA-256 of the bytes, hex
  std::string exchange;  // the same of what was seen of it: answer, deliveries; empty: nothing was
  std::string time;      // "2026-01-05T10:00:00Z"
  std::vector<std::pair<std::string, std::string>>
      verdicts;  // requirement "INS-01 0f3a..." (id, rule digest) to verdict
};
// Of a report: the worst verdict of each requirement, with the digest of the rule that decided.
std::vector<std::pair<std::string, std::string>> VerdictsOf(const requirements::Report& report);

struct LedgerState {
  std::size_t entries = 0;
  std::string head;             // hash of the last line; of an empty ledger 64 zeros
  std::string time;             // of the last line
  bool clock_set_back = false;  // some line is older than the one before it
};

// The line, without line end, that goes behind `state`; moves `state` on. A time before the last one stays as
// it is and is marked.
std::string LedgerLine(const Evidence& evidence, LedgerState& state);

// Reads line by line and brings `state` as far as the ledger holds. LedgerBroken with the number of the first
// line that does not.
Status CheckLedger(std::string_view ledger, LedgerState& state);
// The same, for those who want all of it or nothing.
Result<LedgerState> VerifyLedger(std::string_view ledger);

// The signed head: {"entries":n,"head":"..."}; and whether a ledger ends where it says.
std::string SignHead(const SigningKey& key, const LedgerState& state);
Status VerifyHead(std::string_view public_key, std::string_view signed_head, const LedgerState& state);
// What a signed head says: entries and head.
Result<LedgerState> OpenHead(std::string_view public_key, std::string_view signed_head);
// How many bytes of a ledger, from its begin, lead to that head; LedgerBroken where they do not.
Result<std::size_t> BytesUpTo(const LedgerState& head, std::string_view ledger);

// The requirement, or the step of a scenario, that a verdict's key names: "INS-01" of "INS-01 0f3a...".
std::string RequirementOf(std::string_view verdict_key);

// The ledger's lines whose members run, product, version, suite and input are these (empty: any), for a
// replay.
struct LedgerEntry {
  std::string run, product, version, suite, suite_digest, tables, mode, input, exchange, time;
  std::vector<std::pair<std::string, std::string>> verdicts;
};
// LedgerBroken where it does not hold.
Result<std::vector<LedgerEntry>> ReadLedger(std::string_view ledger);
// Of a ledger that was checked: its first `count` lines.
Result<std::vector<LedgerEntry>> ReadEntries(std::string_view ledger, std::size_t count);

}  // namespace passerelle::labelling
