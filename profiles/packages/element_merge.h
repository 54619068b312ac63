#pragma once
// What a differential's ElementDefinition does to the one it constrains. Private to this room.

#include <string>
#include <string_view>

#include "fhir_model/node/tree.h"

namespace passerelle::packages {

// The children of `from` in `source` that `into` takes over, each field by its own rule: most replace, some
// add, a text that begins with "..." goes on.
void MergeElement(node::Tree& out, node::NodeIndex into, const node::Tree& source, node::NodeIndex from);

// An element that is taken over from another definition: a root leaves behind how far its own definition has come;
// links within the specification become absolute, `links` is where its pages are.
void Inherit(node::Tree& out, node::NodeIndex element, std::string_view links);
// Rules that do not say where they come from come from `source`.
void NameRules(node::Tree& out, node::NodeIndex element, std::string_view source);

// The element that stands for all extensions says no more than that they are extensions.
void DescribeExtensions(node::Tree& out, node::NodeIndex element);

// Takes the place of what `into` has under that name; `from` may have none.
void ReplaceField(node::Tree& out, node::NodeIndex into, std::string_view name, const node::Tree& source,
                  node::NodeIndex from);
void SetField(node::Tree& out, node::NodeIndex into, std::string_view name, std::string_view text,
              node::Kind kind = node::Kind::String);
void RemoveField(node::Tree& out, node::NodeIndex into, std::string_view name);

}  // namespace passerelle::packages
