#pragma once
// Places: where nodes stand, as findings say it: the FHIRPath to the node with "value.ofType(Quantity)" for a
// choice, line and column. Ranks among many siblings and line ends are computed once, where they are first
// asked for, so that many findings in one large Bundle stay linear. For one thread.

#include <cstdint>
#include <string>
#include <vector>

#include "fhir_model/node/tree.h"
#include "fhir_model/spec/spec.h"

namespace passerelle::validator {

class Places {
 public:
  Places(const node::Tree& tree, const spec::Definitions& definitions)
      : tree_(tree), definitions_(definitions) {}

  Place Of(node::NodeIndex at);
  std::string Path(node::NodeIndex at);

 private:
  void AddPath(node::NodeIndex at, std::string& path);
  void AddStep(node::NodeIndex at, std::string& path);
  void FindLines(std::uint32_t offset);
  std::uint32_t Rank(node::NodeIndex at);
  void RankSiblings(node::NodeIndex parent);

  const node::Tree& tree_;
  const spec::Definitions& definitions_;
  std::vector<std::uint32_t> ranks_;        // among the siblings of the same name
  std::vector<std::uint32_t> line_starts_{0};  // byte offsets, as far as was asked
};

}  // namespace passerelle::validator
