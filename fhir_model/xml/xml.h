#pragma once
// XML to the tree and back. The only room that sees libxml2.
//
// Both readers decode by BOM and declaration first (UTF-8, UTF-16, ISO-8859-1, ISO-8859-15, windows-1252), then refuse
// any DOCTYPE before libxml2 sees a byte; no entity, no network, no file is ever touched. Names are resolved by
// namespace, never by prefix. Lines and columns are those of the decoded text.

#include <string>
#include <string_view>

#include "fhir_model/base/limits.h"
#include "fhir_model/base/result.h"
#include "fhir_model/node/tree.h"
#include "fhir_model/spec/spec.h"

namespace passerelle::xml {

// FHIR XML (R4, 2.6.1); the definitions say what is a number, a boolean and a list. xhtml stays as bytes.
Result<node::Tree> ParseFhir(std::string bytes, const Limits& limits, const spec::Definitions& definitions);
// Puts elements in the order of the definitions.
std::string WriteFhir(const node::Tree& tree, const spec::Definitions& definitions,
                      node::NodeIndex from = node::kRoot);

// Any other vocabulary, as node::Tree says for CDA. The root of the tree is the first element named `root_name` in
// namespace `root_namespace`, at the top or inside a wrapper such as xsl:stylesheet.
struct Vocabulary {
  std::string_view root_namespace;
  std::string_view root_name;
  struct Prefix { std::string_view uri, prefix; };  // elements of `uri` are named "prefix:name"; "" for none
  const Prefix* prefixes;
  std::size_t prefix_count;
};
Result<node::Tree> ParseForeign(std::string bytes, const Limits& limits, const Vocabulary& vocabulary);

// The other way, in UTF-8: all namespaces of the vocabulary stand at the root. Comments and instructions are gone.
std::string WriteForeign(const node::Tree& tree, const Vocabulary& vocabulary);

// Bytes to UTF-8 by byte order mark and XML declaration; refuses what does not decode.
Result<std::string> DecodeXml(std::string bytes);

}  // namespace passerelle::xml
