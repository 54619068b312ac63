#pragma once
// FHIR JSON from and to the tree (R4, 2.6.2). The only room that sees RapidJSON.
//
// Reading: numbers keep their text; "_name" members become the id and extension children of their primitive;
// a primitive with no value (only extensions, or null) is a node of kind Null; an array marks its elements
// with Node::list, an empty one is a Null of text "[]"; Node::line is the byte offset plus one. Refused, each
// with the place: what is no JSON, invalid UTF-8, duplicate members, arrays directly in arrays, what goes
// beyond the limits (depth counts objects), numbers beyond 1e308. A UTF-8 byte order mark is passed over. Any
// other JSON object can be read too.
//
// Reading happens in place: Tree::source() keeps its length and its lines, but escapes and quotes in it are
// worn.

#include <cstddef>
#include <string>
#include <string_view>

#include "fhir_model/base/limits.h"
#include "fhir_model/base/result.h"
#include "fhir_model/node/tree.h"
#include "fhir_model/spec/spec.h"

namespace passerelle::json {

// Bytes with so much capacity to spare are read where they are, others are copied once.
inline constexpr std::size_t kSpareBytes = 16;

// With definitions the tree comes typed (Node::shape). The tree keeps the bytes.
Result<node::Tree> Parse(std::string bytes, const Limits& limits, const spec::Definitions* definitions = nullptr);

// Nested resources and the root begin with "resourceType". Writes what is there: no sorting, no defaults.
std::string Write(const node::Tree& tree, node::NodeIndex from = node::kRoot, bool pretty = false);
void Write(const node::Tree& tree, node::NodeIndex from, bool pretty, std::string& out);

// `text` as a JSON string with its quotes.
void WriteString(std::string_view text, std::string& out);

}  // namespace passerelle::json
