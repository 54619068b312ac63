// Bundles: what entries must say, what must come first, what must be there.

#include <algorithm>

#include "profiles/validator/bundle_index.h"
#include "profiles/validator/families.h"

namespace passerelle::validator {

using node::kNone;
using node::NodeIndex;

namespace {

// What is asked of a type of Bundle.
struct BundleKind {
  std::string_view type;
  bool full_urls;          // each entry must have one
  std::string_view first;  // the type of the first resource
  const RuleInfo* orphan;  // an entry that the first does not lead to
};
constexpr BundleKind kKinds[] = {{"document", true, "Composition", &rules::BundleOrphan},
                                 {"message", true, "MessageHeader", &rules::BundleOrphanMessage},
                                 {"transaction", false, "", nullptr},
                                 {"transaction-response", false, "", nullptr},
                                 {"batch", false, "", nullptr},
                                 {"batch-response", false, "", nullptr},
                                 {"history", true, "", nullptr},
                                 {"searchset", true, "", nullptr},
                                 {"collection", true, "", nullptr}};

// References of a Composition or MessageHeader that the Bundle must hold.
struct Held {
  std::string_view type, path;
};
constexpr Held kHeld[] = {{"Composition", "subject"},        {"Composition", "encounter"},
                          {"Composition", "author"},         {"Composition", "custodian"},
                          {"Composition", "attester.party"}, {"Composition", "event.detail"},
                          {"MessageHeader", "focus"}};

// A canonical that is also the fullUrl is an address: of that very resource, then.
void CheckOwnUrl(Run& run, const BundleEntry& entry) {
  std::string_view url = run.Text(entry.resource, run.words.url), id = run.Text(entry.resource, run.words.id);
  const bool old_table =
      url.starts_with("http://hl7.org/fhir/v3/") || url.starts_with("http://hl7.org/fhir/v2/");
  if (url.empty() || url != entry.full_url || old_table) return;
  if (RestfulBase(url).empty() || !url.ends_with("/" + std::string(id)))
    run.Report(rules::FullUrlCanonical, entry.entry, {url, id});
}

void CheckFullUrl(Run& run, const BundleEntry& entry, const BundleKind& kind) {
  if (entry.full_url.empty()) {
    bool removed = entry.resource == kNone;  // a deletion in a history, a response alone
    if (kind.full_urls && !removed) run.Report(rules::FullUrlMissing, entry.entry);
    return;
  }
  if (entry.resource != kNone) CheckOwnUrl(run, entry);
  if (!IsAbsoluteUri(entry.full_url))
    return run.Report(rules::FullUrlRelative, entry.entry, {entry.full_url});
  if (entry.resource == kNone || RestfulBase(entry.full_url).empty()) return;
  const auto& definitions = run.engine.definitions();
  if (!definitions.IsResource(definitions.FindShape(ReferencedType(entry.full_url)))) return;
  if (entry.type_and_id.empty()) {
    if (kind.full_urls) run.Report(rules::FullUrlWithoutId, entry.entry, {entry.full_url});
  } else if (TypeAndId(entry.full_url) != entry.type_and_id) {
    run.Report(rules::FullUrlDisagrees, entry.entry, {entry.full_url, entry.type_and_id});
  }
}

class Document {
 public:
  Document(Run& run, const BundleIndex& index, const BundleKind& kind)
      : run_(run), index_(index), kind_(kind) {}

  void Check() {
    const auto& entries = index_.entries();
    if (entries.empty()) return run_.Report(rules::BundleFirst, run_.resource, {kind_.first});
    if (TypeOf(entries.front()) != kind_.first) return ReportFirst();
    CheckHeld(entries.front());
    Link();
    auto reached = Reach(), styles = Stylesheets();
    for (std::size_t i = 1; i < entries.size(); ++i) {
      if (reached[i] || styles[i] || entries[i].resource == kNone) continue;
      run_.Report(*kind_.orphan, entries[i].entry, {entries[i].full_url, kind_.first});
    }
  }

 private:
  std::string_view TypeOf(const BundleEntry& entry) const {
    return entry.resource == kNone ? std::string_view()
                                   : run_.tree.NameText(run_.tree[entry.resource].resource);
  }
  void ReportFirst() {
    const auto& entries = index_.entries();
    const BundleEntry& first = entries.front();
    run_.Report(rules::BundleFirst, first.resource == kNone ? first.entry : first.resource, {kind_.first});
  }

  void CheckHeldAt(NodeIndex at, std::string_view path, std::string_view whole) {
    auto dot = path.find('.');
    for (NodeIndex child : node::Children(run_.tree, at)) {
      if (run_.tree.name(child) != path.substr(0, dot)) continue;
      if (dot != path.npos)
        CheckHeldAt(child, path.substr(dot + 1), whole);
      else
        CheckIsHeld(child, whole);
    }
  }
  void CheckIsHeld(NodeIndex reference, std::string_view whole) {
    std::string_view text = run_.Text(reference, run_.words.reference);
    if (text.empty() || text.front() == '#') return;
    auto matches = index_.Resolve(index_.EntryOf(run_.tree, reference), text);
    if (matches.empty()) {
      bool elsewhere = !index_.ByTypeAndId(TypeAndId(text)).empty();
      run_.Report(elsewhere ? rules::BundleTargetElsewhere : rules::BundleTargetMissing, reference,
                  {text, std::string(kind_.first) + "." + std::string(whole)});
    }
    if (matches.size() > 1)
      run_.Report(rules::BundleAmbiguous, reference, {text, std::to_string(matches.size())});
  }
  void CheckSections(NodeIndex at) {
    for (NodeIndex child : node::Children(run_.tree, at)) {
      if (run_.tree[child].name != run_.words.section) continue;
      for (auto path : {"entry", "author", "focus"}) CheckHeldAt(child, path, "section");
      CheckSections(child);
    }
  }
  void CheckHeld(const BundleEntry& first) {
    for (const auto& held : kHeld)
      if (held.type == kind_.first) CheckHeldAt(first.resource, held.path, held.path);
    if (kind_.first == "Composition") CheckSections(first.resource);
  }

  // Which entries each entry names.
  void Link() {
    const auto& entries = index_.entries();
    forward_.resize(entries.size());
    backward_.resize(entries.size());
    for (std::size_t i = 0; i < entries.size(); ++i)
      if (entries[i].resource != kNone) LinkBelow(i, entries[i].resource);
  }
  void LinkBelow(std::size_t from, NodeIndex at) {
    for (NodeIndex child : node::Children(run_.tree, at)) {
      const auto& n = run_.tree[child];
      bool names = n.kind == node::Kind::String && (n.name == run_.words.reference ||
                                                    n.text.starts_with("urn:") || n.text.starts_with("http"));
      if (names) {
        for (std::size_t to : index_.Resolve(&index_.entries()[from], n.text)) {
          forward_[from].push_back(to);
          backward_[to].push_back(from);
        }
      }
      if (n.first != kNone) LinkBelow(from, child);
    }
  }
  // The entries that the first leads to, or that lead to one of those.
  std::vector<bool> Reach() const {
    std::vector<bool> reached(forward_.size());
    std::vector<std::size_t> open{0};
    while (!open.empty()) {
      std::size_t at = open.back();
      open.pop_back();
      if (reached[at]) continue;
      reached[at] = true;
      open.insert(open.end(), forward_[at].begin(), forward_[at].end());
      open.insert(open.end(), backward_[at].begin(), backward_[at].end());
    }
    return reached;
  }
  // The entries that the Bundle links to as its stylesheets.
  std::vector<bool> Stylesheets() const {
    std::vector<bool> styles(index_.entries().size());
    for (NodeIndex link : node::Children(run_.tree, run_.resource))
      if (run_.tree[link].name == run_.words.link && run_.Text(link, run_.words.relation) == "stylesheet")
        for (std::size_t entry : index_.ByTypeAndId(run_.Text(link, run_.words.url))) styles[entry] = true;
    return styles;
  }

  Run& run_;
  const BundleIndex& index_;
  const BundleKind& kind_;
  std::vector<std::vector<std::size_t>> forward_, backward_;
};

}  // namespace

void CheckBundle(Run& run, NodeIndex bundle) {
  std::string_view type = run.Text(bundle, run.words.type);
  const BundleKind* kind = nullptr;
  for (const auto& row : kKinds)
    if (row.type == type) kind = &row;
  if (kind == nullptr) kind = &kKinds[std::size(kKinds) - 1];
  const BundleIndex& index = run.IndexOf(bundle);
  for (const auto& entry : index.entries()) CheckFullUrl(run, entry, *kind);
  if (!kind->first.empty()) Document(run, index, *kind).Check();
  CheckBundleLinks(run, bundle, type, index);
  if (type == "searchset") CheckSearchset(run, bundle, index);
  CheckSignature(run, bundle);
}

}  // namespace passerelle::validator
