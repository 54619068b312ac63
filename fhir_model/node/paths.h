#pragma once
// Paths: where the nodes of a tree stand, as people write it, for those who ask about many of them. A step's
// number among its sisters is counted once for a large family, so that all paths of a tree take linear time.
// For as long as the tree stands unchanged; not thread-safe.

#include <string>
#include <unordered_map>
#include <vector>

#include "fhir_model/node/tree.h"

namespace passerelle::node {

class Paths {
 public:
  explicit Paths(const Tree& tree) : tree_(tree) {}

  // As Tree::Path.
  std::string Of(NodeIndex i);
  // The last step alone: "name[1]", of a FHIR tree.
  std::string FhirStep(NodeIndex i);

 private:
  struct Rank {
    std::size_t before = 0;  // sisters of the same name that stand before
    bool several = false;    // whether there are others at all
  };
  Rank RankOf(NodeIndex i);
  void CountFamily(NodeIndex i);
  std::string CdaStep(NodeIndex i);
  std::string Hl7Path(NodeIndex i);

  // Of CDA and FHIR: the nodes from the root's child to the last one asked about, and how far each reaches in
  // text_.
  struct Reached {
    NodeIndex node;
    std::size_t end;
  };

  const Tree& tree_;
  std::vector<Reached> trail_;
  std::vector<NodeIndex> way_;
  std::string text_;
  std::unordered_map<NodeIndex, Rank> counted_;  // the members of large families that were asked about
};

}  // namespace passerelle::node
