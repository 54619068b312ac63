#pragma once
// Document: from one CDA document to a draft in which the document itself stands as a Binary behind its
// DocumentReference.

#include <string>
#include <string_view>

#include "fhir_model/base/issue.h"
#include "fhir_model/base/result.h"
#include "mappers/engine/engine.h"
#include "mappers/normalise/facts.h"

namespace passerelle::normalise {

struct MappedDocument {
  node::Tree source;
  engine::Draft draft;
  DocumentFacts facts;  // action Replace where the header names a document it replaces, else Create
};

// `bytes` is a ClinicalDocument; `scope` names it where it has no business identifier of its own.
Result<MappedDocument> MapDocument(const engine::Program& program, node::Tree source, std::string_view bytes,
                                   const engine::MapOptions& options, Issues& issues);

// How the document calls itself: DocumentName of ClinicalDocument.id; empty without one.
std::string NameOfDocument(const node::Tree& source);

}  // namespace passerelle::normalise
