#pragma once
// Steps over a draft's Bundle that the files of this room share.

#include <map>
#include <string>
#include <string_view>
#include <vector>

#include "fhir_model/base/digest.h"
#include "fhir_model/node/tree.h"
#include "mappers/engine/draft.h"
#include "mappers/normalise/facts.h"

namespace passerelle::normalise {

struct Entry {
  node::NodeIndex entry = node::kNone, resource = node::kNone;
  std::string_view url, type, id;  // of the tree
};
std::vector<Entry> Entries(const node::Tree& bundle);

// Sets the child `name` of `parent` to a text; makes it when it is not there. The text is copied into the
// tree.
void SetText(node::Tree& tree, node::NodeIndex parent, std::string_view name, std::string_view text,
             node::Kind kind = node::Kind::String);
// The child of that name, made when it is not there.
node::NodeIndex Ensure(node::Tree& tree, node::NodeIndex parent, std::string_view name, bool list = false);

// Appends an entry with an empty resource of that type and gives the resource.
node::NodeIndex AddEntry(node::Tree& bundle, std::string_view type, std::string_view id);

// A Binary for what an attachment of `owner` holds: it guards the Binary (safety rule 3), and the attachment says where
// it is, its size and its hash. Gives the Binary's resource, without data.
struct BinaryFacts {
  std::string id, content_type;
  std::uint64_t bytes = 0;
  Sha1Digest sha1{};
};
node::NodeIndex AddBinary(node::Tree& bundle, node::NodeIndex attachment, const Entry& owner, const BinaryFacts& facts);

// Every String node that is one of the keys becomes its value: fullUrls in references and attachments.
void Redirect(node::Tree& bundle, const std::map<std::string, std::string, std::less<>>& urls);

// The facts of the first Patient; nothing without one.
std::optional<PatientFacts> ReadPatient(const node::Tree& bundle);

// The facts of a DocumentReference: how it is named, what it replaces, the set it belongs to.
DocumentFacts ReadDocument(const node::Tree& bundle, const Entry& document);

// What was made of a document's content: every entry but the document itself and what says nothing of the
// patient (people and places of care).
std::vector<std::string> DerivedOf(const node::Tree& bundle, std::string_view document_url);

}  // namespace passerelle::normalise
