#pragma once
// Small questions about ElementDefinitions that the parts of the snapshot walk share. Private to this room.

#include <charconv>
#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "fhir_model/node/tree.h"

namespace passerelle::packages {

inline constexpr std::string_view kTypes = "http://hl7.org/fhir/StructureDefinition/";

inline std::string Capital(std::string_view text) {
  std::string out(text);
  if (!out.empty() && out[0] >= 'a' && out[0] <= 'z') out[0] = static_cast<char>(out[0] - 32);
  return out;
}

inline std::vector<node::NodeIndex> Fields(const node::Tree& tree, node::NodeIndex element,
                                           std::string_view name) {
  std::vector<node::NodeIndex> found;
  for (node::NodeIndex child : node::Children(tree, element))
    if (tree.name(child) == name) found.push_back(child);
  return found;
}

inline bool IsExtension(std::string_view name) { return name == "extension" || name == "modifierExtension"; }

inline std::uint64_t Number(std::string_view text) {
  std::uint64_t number = 0;
  std::from_chars(text.data(), text.data() + text.size(), number);
  return number;
}

inline std::string_view TypeCode(const node::Tree& tree, node::NodeIndex type) {
  return tree.ChildText(type, "code");
}

}  // namespace passerelle::packages
