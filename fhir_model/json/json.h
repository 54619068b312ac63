#pragma once
// FHIR JSON from and to the tree (R4, 2.6.2). The only room that sees RapidJSON.
//
// Reading: numbers keep their text; "_name" members become the id and extension children of their primitive; a null
// in a list of primitives is a node of kind Null; an array marks its elements with Node::list; Node::line is the byte
// offset plus one. Refused, each with the place: what is no JSON, invalid UTF-8, duplicate members, what goes beyond
// the limits. A UTF-8 byte order mark is passed over. Without definitions any JSON object can be read.

#include <string>
#include <string_view>

#include "fhir_model/base/limits.h"
#include "fhir_model/base/result.h"
#include "fhir_model/node/tree.h"
#include "fhir_model/spec/spec.h"

namespace passerelle::json {

// With definitions the tree comes typed (Node::shape). The tree keeps the bytes.
Result<node::Tree> Parse(std::string bytes, const Limits& limits, const spec::Definitions* definitions = nullptr);

// Nested resources and the root begin with "resourceType". Writes what is there: no sorting, no defaults.
std::string Write(const node::Tree& tree, node::NodeIndex from = node::kRoot, bool pretty = false);
void Write(const node::Tree& tree, node::NodeIndex from, bool pretty, std::string& out);

// `text` as a JSON string with its quotes.
void WriteString(std::string_view text, std::string& out);

}  // namespace passerelle::json
