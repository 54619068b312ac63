#include "mappers/normalise/document.h"

#include <algorithm>

#include "fhir_model/base/digest.h"
#include "mappers/normalise/bundle.h"
#include "mappers/normalise/carried.h"
#include "mappers/normalise/rules.h"

namespace passerelle::normalise {
namespace {

using node::Children;
using node::Kind;
using node::kNone;
using node::kRoot;
using node::NodeIndex;
using node::Tree;

constexpr std::string_view kContentType = "text/xml";  // XDS, ITI TF-3 4.2.3.2.17, for CDA documents

// The DocumentReference that the header made: the one that carries the document's own name, else the first.
const Entry* FindOwn(const Tree& bundle, const std::vector<Entry>& entries, std::string_view name) {
  const Entry* first = nullptr;
  for (const Entry& entry : entries) {
    if (entry.type != "DocumentReference") continue;
    if (first == nullptr) first = &entry;
    NodeIndex master = bundle.Child(entry.resource, "masterIdentifier");
    if (master != kNone && bundle.ChildText(master, "value") == name) return &entry;
  }
  return first;
}

// Puts the bytes into a Binary that is guarded by the document (safety rule 3), and says so in the
// attachment.
void AttachBytes(Tree& bundle, const Entry& document, std::string_view bytes, std::string_view id_key) {
  NodeIndex master = bundle.Child(document.resource, "masterIdentifier");
  std::string name(master == kNone ? document.id : bundle.ChildText(master, "value"));
  BinaryFacts facts{{}, std::string(kContentType), bytes.size(), Sha1(bytes)};
  std::string hash = EncodeBase64({reinterpret_cast<const char*>(facts.sha1.data()), facts.sha1.size()});
  facts.id = engine::ResourceId(id_key, "Binary", "document", name + " " + hash);
  NodeIndex content = Ensure(bundle, document.resource, "content", true);
  NodeIndex binary = AddBinary(bundle, Ensure(bundle, content, "attachment"), document, facts);
  char* data = bundle.Allocate(Base64Size(bytes.size()));
  EncodeBase64(bytes, data);
  bundle.Append(binary, node::Intern("data"), Kind::String, {data, Base64Size(bytes.size())});
}

std::string_view SetOf(const Tree& source) {
  NodeIndex set = source.Child(kRoot, "setId");
  if (set == kNone) return {};
  auto extension = source.ChildText(set, "@extension");
  return extension.empty() ? source.ChildText(set, "@root") : extension;
}

}  // namespace

std::string NameOfDocument(const Tree& source) {
  NodeIndex id = source.Child(kRoot, "id");
  if (id == kNone || source.ChildText(id, "@root").empty()) return {};
  return DocumentName(source.ChildText(id, "@root"), source.ChildText(id, "@extension"));
}

Result<MappedDocument> MapDocument(const engine::Program& program, Tree source, std::string_view bytes,
                                   const engine::MapOptions& options, Issues& issues) {
  // The document again, by whatever way, is the same document: what has no identifier of its own counts
  // within it.
  engine::MapOptions map = options;
  if (auto name = NameOfDocument(source); !name.empty()) map.scope = "document " + name;
  TRY(auto draft, program.Run(source, map, issues));
  DocumentFacts facts;
  auto entries = Entries(draft.bundle);
  if (const Entry* own = FindOwn(draft.bundle, entries, NameOfDocument(source))) {
    AttachBytes(draft.bundle, *own, bytes, options.id_key);
    facts = ReadDocument(draft.bundle, *own);
    facts.set_id = SetOf(source);
    facts.derived = DerivedOf(draft.bundle, own->url);
  } else {
    issues.Add(rules::DocumentReferenceMissing, {"/ClinicalDocument", 0, 0});
  }
  return MappedDocument{std::move(source), std::move(draft), std::move(facts)};
}

}  // namespace passerelle::normalise
