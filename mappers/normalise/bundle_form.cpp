#include <algorithm>

#include "mappers/normalise/bundle.h"
#include "mappers/normalise/errors.h"
#include "mappers/normalise/normalise.h"

namespace passerelle::normalise {
namespace {

using node::Children;
using node::Kind;
using node::kNone;
using node::kRoot;
using node::NodeIndex;
using node::Tree;

Tree NewBundle(std::string_view type) {
  Tree bundle(node::Format::Fhir, node::Intern("Bundle"));
  bundle[kRoot].resource = node::Intern("Bundle");
  SetText(bundle, kRoot, "type", type);
  return bundle;
}

Tree Transaction(const Tree& draft) {
  Tree bundle = NewBundle("transaction");
  for (const Entry& entry : Entries(draft)) {
    NodeIndex copy = bundle.Copy(kRoot, draft, entry.entry);
    NodeIndex request = bundle.Append(copy, node::Intern("request"), Kind::Element);
    SetText(bundle, request, "method", "PUT");
    SetText(bundle, request, "url", std::string(entry.type) + "/" + std::string(entry.id));
  }
  return bundle;
}

// R4, 3.3.1: identifier, timestamp, the Composition first. The time is the document's own, so that the same
// document gives the same bytes.
Result<Tree> Document(const Tree& draft) {
  auto entries = Entries(draft);
  auto first =
      std::find_if(entries.begin(), entries.end(), [](const Entry& e) { return e.type == "Composition"; });
  if (first == entries.end()) return Error{errors::NoComposition};
  Tree bundle(node::Format::Fhir, node::Intern("Bundle"));
  bundle[kRoot].resource = node::Intern("Bundle");
  NodeIndex identifier = Ensure(bundle, kRoot, "identifier");
  NodeIndex own = draft.Child(first->resource, "identifier");
  std::string_view value = own == kNone ? std::string_view() : draft.ChildText(own, "value");
  for (const Entry& entry : entries) {
    NodeIndex master =
        entry.type == "DocumentReference" ? draft.Child(entry.resource, "masterIdentifier") : kNone;
    if (master != kNone) value = draft.ChildText(master, "value");
  }
  if (value.empty()) value = first->url;
  // A document's own name may be "root^extension" (XDS uniqueId).
  auto root = value.starts_with("urn:") ? value.npos : value.find('^');
  SetText(bundle, identifier, "system",
          root == value.npos ? "urn:ietf:rfc:3986"
                             : (value.substr(0, root).find('-') == value.npos ? "urn:oid:" : "urn:uuid:") +
                                   std::string(value.substr(0, root)));
  SetText(bundle, identifier, "value", root == value.npos ? value : value.substr(root + 1));
  SetText(bundle, kRoot, "type", "document");
  auto date = draft.ChildText(first->resource, "date");
  constexpr std::string_view kInstant = "2024-01-01T00:00:00Z";
  if (date.size() >= kInstant.size()) SetText(bundle, kRoot, "timestamp", date);
  bundle.Copy(kRoot, draft, first->entry);
  for (const Entry& entry : entries)
    if (entry.entry != first->entry) bundle.Copy(kRoot, draft, entry.entry);
  return bundle;
}

}  // namespace

Result<Tree> BundleAs(const engine::Draft& draft, BundleForm form) {
  if (form == BundleForm::Document) return Document(draft.bundle);
  return Transaction(draft.bundle);
}

}  // namespace passerelle::normalise
