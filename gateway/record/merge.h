#pragma once
// Merge: what a message says of something the record already knows, put together with what it knew.

#include "fhir_model/node/tree.h"

namespace passerelle::record {

enum class Authority {
  Sender,  // the message is about the thing itself (ADT on a patient): its elements replace the known ones
  Record,  // the message only mentions it (a document's header): it fills in what was not known
};

// Changes `incoming` (a resource in a bundle) into the next version: elements it lacks come from `known`;
// identifiers are the union by system and value.
void MergeKnown(node::Tree& tree, node::NodeIndex incoming, const node::Tree& known, Authority authority);

}  // namespace passerelle::record
