#pragma once
// Joint: two drafts made one (a message and a document that it carries), and both ledgers still true
// afterwards.

#include <string_view>

#include "mappers/engine/draft.h"

namespace passerelle::engine {

class Joint {
 public:
  // Copies the entries of `from` behind those of `into`. Both must live as long as the Joint.
  Joint(Draft& into, Draft& from);

  // Where a node of `from`'s bundle stands in `into`'s.
  node::NodeIndex Here(node::NodeIndex of_from) const { return here_.at(of_from); }

  // Two resources of `into` become one: what only `other` has moves to `kept`, identifiers and extensions are
  // united, what both say stands once. `other`'s entry leaves the bundle. Where the two differ `kept` is
  // right, and the ledger shows the other's leaf as unmapped.
  void Fold(node::NodeIndex kept, node::NodeIndex other);

  // What went into one element of `into`'s bundle stands, in another form, in a second one.
  void Stands(node::NodeIndex element, node::NodeIndex in) { Remember(element, in); }

  // Puts the leaves of `from`'s source into the ledger of `into`, each place with `prefix` before it. Call it
  // last.
  void Settle(const node::Tree& from_source, std::string_view prefix);

 private:
  void Remember(node::NodeIndex element, node::NodeIndex stands);
  void StandFor(node::NodeIndex other, node::NodeIndex kept, node::NameId name);
  bool Unite(node::NodeIndex kept, node::NodeIndex element);

  Draft& into_;
  Draft& from_;
  std::vector<node::NodeIndex> here_;  // by node of `from`
};

// Takes an entry out of the bundle on purpose: the leaves that went nowhere else count as dropped, for this
// reason.
void Discard(Draft& draft, node::NodeIndex entry, std::string_view reason);

}  // namespace passerelle::engine
