#pragma once
// What a differential's ElementDefinition does to the one it constrains. Private to this room.

#include <string>
#include <string_view>

#include "fhir_model/node/tree.h"

namespace passerelle::packages {

// The children of `from` in `source` that `into` takes over, each field by its own rule: most replace, some
// add, a text that begins with "..." goes on. `profile` is the canonical that new constraints come from.
void MergeElement(node::Tree& out, node::NodeIndex into, const node::Tree& source, node::NodeIndex from,
                  std::string_view profile);

// Takes the place of what `into` has under that name; `from` may have none.
void ReplaceField(node::Tree& out, node::NodeIndex into, std::string_view name, const node::Tree& source,
                  node::NodeIndex from);
void SetField(node::Tree& out, node::NodeIndex into, std::string_view name, std::string_view text,
              node::Kind kind = node::Kind::String);
void RemoveField(node::Tree& out, node::NodeIndex into, std::string_view name);

}  // namespace passerelle::packages
