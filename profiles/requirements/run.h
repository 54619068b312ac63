#pragma once
// Run: what a bench saw of one message, as trees; and what the checks may ask of the world outside it.
//
// Nothing here owns a tree: whoever runs the bench keeps them while he evaluates.

#include <functional>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "fhir_model/node/tree.h"
#include "profiles/requirements/requirement.h"
#include "profiles/requirements/value_sets.h"

namespace passerelle::requirements {

// One tree of a run.
struct Subject {
  Kind kind = Kind::Message;
  const node::Tree* tree = nullptr;
  std::string_view bytes;                    // as they came, where the tree was read from bytes
  std::string name;                          // "document 2": empty for the only one of its kind
  const node::Tree* carrier_tree = nullptr;  // of a carried document: the message
  node::NodeIndex carrier = node::kNone;     // and the OBX that holds it
};

// What should be there and could not be read: no check of that kind passes.
struct Unreadable {
  Kind kind;
  std::string reason;
  std::string_view error = {};  // name of the error, where a reader refused it
  Place place = {};
};

struct Run {
  Mode mode = Mode::Test;
  std::vector<Subject> subjects;
  std::vector<Unreadable> unreadable;
  // Kinds that the bench looked for: where none came, there was none.
  std::vector<Kind> watched;
  // Steps of the same run before this one, in order; nullptr: nobody kept them.
  const std::vector<const Run*>* earlier = nullptr;
};

struct SchemaError {
  std::vector<std::uint32_t> path;  // from the root on, the how-many-th element of its parent, from 0
  std::string text;
};

struct ResourceError {
  std::string path, text;  // path as the tree names it
};

// What is not wired is missing: a check that needs it is indeterminate.
struct World {
  const ValueSets* value_sets = nullptr;
  // Errors of an XML document against the CDA schema.
  std::function<std::optional<std::vector<SchemaError>>(std::string_view bytes)> schema;
  // Errors of a resource against R4 and the profiles it claims.
  std::function<std::optional<std::vector<ResourceError>>(const node::Tree& tree)> validate;
  std::string now;
};

}  // namespace passerelle::requirements
