#pragma once
// A differential as a tree: what it says of each element, its slices and their children. Private to this
// room.

#include <string>
#include <string_view>
#include <vector>

#include "fhir_model/node/tree.h"

namespace passerelle::packages {

struct DiffNode {
  node::NodeIndex at = node::kNone;  // the ElementDefinition; kNone: only its children are spoken of
  std::string name;                  // "identifier", "value[x]", "valueQuantity"
  std::string slice;                 // "nir", "nir/current"
  std::vector<DiffNode> children;
  std::string slice_in_id;  // where its id calls the slice otherwise
  bool strays = false;      // of the root: some path begins with another type
};

// The root, which stands for the element of the definition's type. Elements find their parents by id where
// they have one, else by path: the last of that name before them.
DiffNode ReadDifferential(const node::Tree& definition);

// The elements of a snapshot with where each ends.
struct Elements {
  struct Entry {
    node::NodeIndex at;
    std::string_view path, slice;
    std::size_t end;  // after the last element below it
  };
  const node::Tree* tree = nullptr;
  std::string_view url;
  std::vector<Entry> entries;
  std::string links;  // where the pages are that its texts link to; empty: texts stay as they are
  bool own = false;   // the base of the differential itself, where content references point

  static Elements Of(const node::Tree& definition);
  bool Sliced(std::size_t i) const { return tree->Child(entries[i].at, "slicing") != node::kNone; }
};

inline std::string_view Tail(std::string_view path) { return path.substr(path.rfind('.') + 1); }
inline bool IsChoice(std::string_view name) { return name.ends_with("[x]"); }
inline std::string_view Stem(std::string_view name) {
  return IsChoice(name) ? name.substr(0, name.size() - 3) : name;
}

}  // namespace passerelle::packages
