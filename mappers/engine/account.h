#pragma once
// Account: what a run noted of the leaves it used, in numbers; the ledger's lines are made of it when
// somebody asks. Private to this room.

#include <cstdint>
#include <memory>
#include <string>
#include <vector>

#include "fhir_model/node/tree.h"
#include "mappers/engine/program.h"

namespace passerelle::engine {

// The leaf, or every leaf below the node, went into an element of the Bundle.
struct Use {
  node::NodeIndex source, element;
  std::uint32_t row;
};

// The node and all below it was left out on purpose.
struct Drop {
  node::NodeIndex source;
  std::uint32_t row;  // kNullValue: a HL7 v2 null that a row looked at
};
inline constexpr std::uint32_t kNullValue = 0xFFFF'FFFEu;

struct Account {
  std::shared_ptr<const Program::Compiled> program;
  std::vector<Use> uses;
  std::vector<Drop> drops;
  bool drops_are_all = false;  // those of `everywhere` too
  // Elements of resources that were merged into another: the element that now stands for each.
  std::vector<std::pair<node::NodeIndex, node::NodeIndex>> merged;
  // Entries that were taken out of the Bundle on purpose, each with the reason.
  std::vector<std::pair<node::NodeIndex, std::string>> discarded;

  std::vector<LedgerLine> Lines(const node::Tree& source, const node::Tree& bundle) const;
};

// Every leaf of the input, in document order: values, attributes, runs of text.
std::vector<node::NodeIndex> LeavesOf(const node::Tree& source);

// Whether the names of `i` and of what is above it are those of an `everywhere` row's source.
bool MatchesUpwards(const Source& source, const node::Tree& tree, node::NodeIndex i);

}  // namespace passerelle::engine
