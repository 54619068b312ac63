#pragma once
// Draft: what a mapping made of one input, before the record store has seen it; and the ledger that accounts
// for every leaf of the input.

#include <cstdint>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include "fhir_model/node/tree.h"

namespace passerelle::engine {

enum class Fate : std::uint8_t { Mapped, Dropped, Unmapped };
std::string_view FateName(Fate fate);  // "mapped", "dropped", "unmapped"

// One leaf of the input and what became of it.
struct LedgerLine {
  node::NodeIndex leaf;  // in the source tree
  std::string place;     // "PID-3[1].4", "/ClinicalDocument/author/time/@value"
  Fate fate = Fate::Unmapped;
  std::vector<std::string> targets;  // "Patient.identifier[0].value", for mapped ones
  std::string row;                   // "v2/segments/PID.map:12" that mapped or dropped it
  std::string reason;                // for dropped ones
};

// What a run noted, in numbers; the lines are made of it when somebody asks.
struct Account;

// Lines are texts, and most messages pass without anybody reading them: a run leaves its account here, and
// Draft::Settle makes the lines of it.
struct Ledger {
  std::vector<LedgerLine> lines;
  std::vector<LedgerLine> carried;  // of documents that the input carries (joint.h): the last of the lines
  std::shared_ptr<const Account> account;
  std::size_t Count(Fate fate) const;
  // {"leaves": n, "mapped": n, "dropped": n, "unmapped": n, "lines": [{"place", "fate", "targets", "row",
  // "reason"}]} The leaves' values are never in it.
  std::string Json() const;
};

// The bundle is a Bundle of type collection: entry.fullUrl is "urn:uuid:" + the resource's id, entry.resource
// has that id, references inside the bundle are the fullUrls. Entries come in a stable order, the patient's
// first.
struct Draft {
  node::Tree bundle{node::Format::Fhir};
  Ledger ledger;

  // Makes the ledger's lines, if it has none yet. `source` is the tree that was mapped. What has left the
  // bundle since counts as unmapped.
  void Settle(const node::Tree& source);
};

// For each element of the bundle that came of the source: where from and by which row, in the bundle's order.
struct Explanation {
  std::string element;  // "Patient.identifier[0].value"
  std::string place;    // "PID-3.1"
  std::string row;      // "v2/segments/PID.map:12"
};
std::vector<Explanation> Explain(const Ledger& ledger);

}  // namespace passerelle::engine
