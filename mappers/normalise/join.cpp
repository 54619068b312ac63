#include "mappers/normalise/join.h"

#include <algorithm>

#include "mappers/engine/joint.h"
#include "mappers/normalise/bundle.h"

namespace passerelle::normalise {
namespace {

using node::Children;
using node::kNone;
using node::NodeIndex;
using node::Tree;

const Entry* FirstOf(const std::vector<Entry>& entries, std::string_view type, std::size_t position = 0) {
  for (const Entry& entry : entries)
    if (entry.type == type && position-- == 0) return &entry;
  return nullptr;
}

const Entry* OfUrl(const std::vector<Entry>& entries, std::string_view url) {
  auto it = std::find_if(entries.begin(), entries.end(), [&](const Entry& e) { return e.url == url; });
  return it == entries.end() ? nullptr : &*it;
}

// Calls visit(attachment) for each attachment of a DocumentReference.
template <class Visit>
void ForEachAttachment(const Tree& bundle, const Entry& document, Visit visit) {
  for (NodeIndex content : Children(bundle, document.resource)) {
    NodeIndex attachment = bundle.name(content) == "content" ? bundle.Child(content, "attachment") : kNone;
    if (attachment != kNone) visit(attachment);
  }
}

// The Binaries that a DocumentReference's attachments point to.
std::vector<const Entry*> BinariesOf(const Tree& bundle, const std::vector<Entry>& entries,
                                     const Entry& document) {
  std::vector<const Entry*> binaries;
  ForEachAttachment(bundle, document, [&](NodeIndex attachment) {
    const Entry* binary = OfUrl(entries, bundle.ChildText(attachment, "url"));
    if (binary != nullptr && binary->type == "Binary") binaries.push_back(binary);
  });
  return binaries;
}

// What TXA and OBX said of the document goes into the DocumentReference of its header, and its bytes into its
// Binary.
void FoldReference(engine::Joint& joint, Tree& bundle, const Entry& sent,
                   const std::vector<Entry>& sent_entries, NodeIndex own, NodeIndex bytes) {
  for (const Entry* binary : BinariesOf(bundle, sent_entries, sent))
    if (bytes != kNone) joint.Fold(bytes, binary->resource);
  ForEachAttachment(bundle, sent, [&](NodeIndex attachment) {
    NodeIndex data = bundle.Child(attachment, "data");
    if (data != kNone && bytes != kNone) joint.Stands(data, bundle.Child(bytes, "data"));
  });
  joint.Fold(own, sent.resource);
}

// Whether a Provenance tells of this one resource and nothing else.
bool IsProvenanceOf(const Tree& bundle, const Entry& entry, std::string_view url) {
  if (entry.type != "Provenance") return false;
  NodeIndex target = bundle.Child(entry.resource, "target");
  return target != kNone && bundle.NextOfName(target) == kNone &&
         bundle.ChildText(target, "reference") == url;
}

}  // namespace

void JoinDocument(engine::Draft& message, MappedDocument& document, std::size_t position,
                  std::string_view place) {
  auto mine = Entries(message.bundle), theirs = Entries(document.draft.bundle);
  engine::Joint joint(message, document.draft);
  std::map<std::string, std::string, std::less<>> urls;

  const Entry* reference = FirstOf(mine, "DocumentReference", position);
  const Entry* own = OfUrl(theirs, document.facts.url);
  if (reference != nullptr && own != nullptr) {
    auto bytes = BinariesOf(document.draft.bundle, theirs, *own);
    FoldReference(joint, message.bundle, *reference, mine, joint.Here(own->resource),
                  bytes.empty() ? kNone : joint.Here(bytes[0]->resource));
    urls[std::string(reference->url)] = std::string(own->url);
  }
  const Entry* patient = FirstOf(mine, "Patient");
  const Entry* subject = FirstOf(theirs, "Patient");
  for (const Entry& entry : theirs) {
    const Entry* same = &entry == subject && patient != nullptr ? patient : OfUrl(mine, entry.url);
    if (same == nullptr || same->type != entry.type || same == reference) continue;
    joint.Fold(same->resource, joint.Here(entry.resource));
    if (same->url != entry.url) urls[std::string(entry.url)] = std::string(same->url);
  }
  Redirect(message.bundle, urls);
  for (auto& url : document.facts.derived)
    if (auto it = urls.find(url); it != urls.end()) url = it->second;
  joint.Settle(document.source, place);
}

void DropDocuments(engine::Draft& message) {
  auto entries = Entries(message.bundle);
  constexpr std::string_view kReason = "a deletion keeps the document as bytes and maps nothing of it";
  for (const Entry& entry : entries) {
    if (entry.type != "DocumentReference") continue;
    for (const Entry* binary : BinariesOf(message.bundle, entries, entry))
      engine::Discard(message, binary->entry, kReason);
    for (const Entry& other : entries)
      if (IsProvenanceOf(message.bundle, other, entry.url)) engine::Discard(message, other.entry, kReason);
    engine::Discard(message, entry.entry, kReason);
  }
}

}  // namespace passerelle::normalise
