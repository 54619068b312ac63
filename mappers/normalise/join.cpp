#include "mappers/normalise/join.h"

#include <algorithm>

#include "mappers/normalise/bundle.h"
#include "mappers/normalise/walk.h"

namespace passerelle::normalise {
namespace {

using node::Children;
using node::kNone;
using node::kRoot;
using node::NodeIndex;
using node::Tree;

using Urls = std::map<std::string, std::string, std::less<>>;

// Lists of a patient in which both sides may have something of their own, and by which child two elements are
// the same.
struct UnionRow {
  std::string_view list, key;
};
constexpr UnionRow kUnions[] = {{"identifier", "value"}, {"extension", "url"}};

void UniteList(Tree& tree, NodeIndex into, const Tree& other, NodeIndex from, const UnionRow& row) {
  for (NodeIndex theirs : Children(other, from)) {
    if (other.name(theirs) != row.list) continue;
    bool known = false;
    for (NodeIndex mine : Children(tree, into))
      known = known || (tree.name(mine) == row.list &&
                        tree.ChildText(mine, row.key) == other.ChildText(theirs, row.key));
    if (!known) tree.CopyToList(into, other, theirs);
  }
}

void Complete(Tree& tree, NodeIndex into, const Tree& other, NodeIndex from) {
  for (const auto& row : kUnions)
    if (tree.Child(into, row.list) != kNone) UniteList(tree, into, other, from, row);
  FillIn(tree, into, other, from);
}

const Entry* FirstOf(const std::vector<Entry>& entries, std::string_view type) {
  auto it = std::find_if(entries.begin(), entries.end(), [&](const Entry& e) { return e.type == type; });
  return it == entries.end() ? nullptr : &*it;
}

const Entry* OfUrl(const std::vector<Entry>& entries, std::string_view url) {
  auto it = std::find_if(entries.begin(), entries.end(), [&](const Entry& e) { return e.url == url; });
  return it == entries.end() ? nullptr : &*it;
}

// The Binaries that a DocumentReference's attachments point to leave with it.
void RemoveBinaries(Tree& bundle, const std::vector<Entry>& entries, const Entry& document) {
  for (NodeIndex content : Children(bundle, document.resource)) {
    if (bundle.name(content) != "content") continue;
    NodeIndex attachment = bundle.Child(content, "attachment");
    if (attachment == kNone) continue;
    const Entry* binary = OfUrl(entries, bundle.ChildText(attachment, "url"));
    if (binary != nullptr && binary->type == "Binary") bundle.Remove(binary->entry);
  }
}

// Folds what TXA and OBX said of the document into the DocumentReference of its header.
void FoldReference(Tree& message, Tree& document, std::string_view url, std::size_t position, Urls& urls) {
  auto mine = Entries(message);
  std::size_t seen = 0;
  for (const Entry& entry : mine) {
    if (entry.type != "DocumentReference" || seen++ != position) continue;
    auto theirs = Entries(document);
    const Entry* own = OfUrl(theirs, url);
    if (own == nullptr) return;
    Complete(document, own->resource, message, entry.resource);
    urls[std::string(entry.url)] = std::string(url);
    RemoveBinaries(message, mine, entry);
    message.Remove(entry.entry);
    return;
  }
}

}  // namespace

void JoinDocument(engine::Draft& message, MappedDocument& document, std::size_t position) {
  Tree &into = message.bundle, &from = document.draft.bundle;
  Urls urls;
  FoldReference(into, from, document.facts.url, position, urls);
  auto mine = Entries(into), theirs = Entries(from);
  const Entry* patient = FirstOf(mine, "Patient");
  const Entry* subject = FirstOf(theirs, "Patient");
  for (const Entry& entry : theirs) {
    const Entry* same = &entry == subject && patient != nullptr ? patient : OfUrl(mine, entry.url);
    if (same == nullptr || same->type != entry.type) {
      into.Copy(kRoot, from, entry.entry);
      continue;
    }
    Complete(into, same->resource, from, entry.resource);
    if (same->url != entry.url) urls[std::string(entry.url)] = std::string(same->url);
  }
  Redirect(into, urls);
  for (auto& url : document.facts.derived)
    if (auto it = urls.find(url); it != urls.end()) url = it->second;
}

void DropDocuments(engine::Draft& message) {
  auto entries = Entries(message.bundle);
  for (const Entry& entry : entries) {
    if (entry.type != "DocumentReference") continue;
    RemoveBinaries(message.bundle, entries, entry);
    message.bundle.Remove(entry.entry);
  }
}

}  // namespace passerelle::normalise
