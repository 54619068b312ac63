#pragma once
// Schema: is an XML document valid against a W3C schema that the operator has on disk.
//
// A Schema is read once and used from any thread. The document is held to the same rules as for reading: no
// DOCTYPE, no network. Where a stylesheet is wrapped around the document, the element of the schema's own is
// what counts.

#include <cstdint>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include "fhir_model/base/result.h"

namespace passerelle::xml {

struct SchemaProblem {
  std::uint32_t line = 0;
  std::string text;  // as libxml2 says it; may quote the document
  // The element: from the root on, the how-many-th element of its parent, from 0. Empty: the root, or not
  // known.
  std::vector<std::uint32_t> path;
};

class Schema {
 public:
  // Errors: SchemaUnreadable.
  static Result<Schema> Load(const std::string& path, std::string_view root_name);

  // All problems, in the order of the document; empty: valid. What is not well-formed is one problem.
  std::vector<SchemaProblem> Validate(std::string_view bytes) const;

 private:
  struct Parsed;
  std::shared_ptr<const Parsed> parsed_;
};

}  // namespace passerelle::xml
