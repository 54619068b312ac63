#include <algorithm>

#include "mappers/normalise/bundle.h"
#include "mappers/normalise/errors.h"
#include "mappers/normalise/normalise.h"

namespace passerelle::normalise {
namespace {

using node::Kind;
using node::kNone;
using node::kRoot;
using node::NodeIndex;
using node::Tree;

Tree Transaction(Tree bundle) {
  SetText(bundle, kRoot, "type", "transaction");
  for (const Entry& entry : Entries(bundle)) {
    NodeIndex request = bundle.Append(entry.entry, node::Intern("request"), Kind::Element);
    SetText(bundle, request, "method", "PUT");
    SetText(bundle, request, "url", std::string(entry.type) + "/" + std::string(entry.id));
  }
  return bundle;
}

// The document's own name: that of its DocumentReference, else its Composition's.
std::string_view NameOf(const Tree& bundle, const std::vector<Entry>& entries, const Entry& composition) {
  NodeIndex own = bundle.Child(composition.resource, "identifier");
  std::string_view name = own == kNone ? std::string_view() : bundle.ChildText(own, "value");
  for (const Entry& entry : entries) {
    NodeIndex master =
        entry.type == "DocumentReference" ? bundle.Child(entry.resource, "masterIdentifier") : kNone;
    if (master != kNone) name = bundle.ChildText(master, "value");
  }
  return name.empty() ? composition.url : name;
}

// The document's time as an instant. What it does not say of it (the hour, its zone) is the earliest in UTC:
// the bundle must have a time (bdl-10), and what the document says of its own stands in the Composition.
std::string TimestampOf(const Tree& bundle, NodeIndex composition) {
  std::string date(bundle.ChildText(composition, "date"));
  switch (date.size()) {
    case 4: return date + "-01-01T00:00:00Z";
    case 7: return date + "-01T00:00:00Z";
    case 10: return date + "T00:00:00Z";
    default: return date.size() >= std::string_view("2024-01-01T00:00:00Z").size() ? date : std::string();
  }
}

// R4, 3.3.1: identifier, timestamp, the Composition first. The time is the document's own, so that the same
// document gives the same bytes.
Result<Tree> Document(Tree bundle) {
  auto entries = Entries(bundle);
  auto first =
      std::find_if(entries.begin(), entries.end(), [](const Entry& e) { return e.type == "Composition"; });
  if (first == entries.end()) return Error{errors::NoComposition};
  std::string_view name = NameOf(bundle, entries, *first);
  SetText(bundle, kRoot, "type", "document");
  NodeIndex identifier =
      bundle.InsertBefore(bundle.Child(kRoot, "type"), node::Intern("identifier"), Kind::Element);
  // It may be "root^extension" (XDS uniqueId), or what is no URI at all.
  auto root = name.starts_with("urn:") ? name.npos : name.find('^');
  if (root != name.npos)
    SetText(bundle, identifier, "system",
            (name.substr(0, root).find('-') == name.npos ? "urn:oid:" : "urn:uuid:") +
                std::string(name.substr(0, root)));
  else if (name.find(':') != name.npos)
    SetText(bundle, identifier, "system", "urn:ietf:rfc:3986");
  SetText(bundle, identifier, "value", root == name.npos ? name : name.substr(root + 1));
  if (first != entries.begin()) bundle.MoveBefore(first->entry, entries.front().entry);
  if (auto time = TimestampOf(bundle, first->resource); !time.empty())
    bundle.InsertBefore(first->entry, node::Intern("timestamp"), Kind::String, bundle.Keep(time));
  return bundle;
}

}  // namespace

Result<Tree> BundleAs(engine::Draft&& draft, BundleForm form) {
  if (form == BundleForm::Document) return Document(std::move(draft.bundle));
  return Transaction(std::move(draft.bundle));
}

}  // namespace passerelle::normalise
