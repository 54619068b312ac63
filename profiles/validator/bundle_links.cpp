// What a Bundle links to, and what a search gave.

#include <algorithm>

#include "profiles/validator/bundle_index.h"
#include "profiles/validator/families.h"

namespace passerelle::validator {

using node::kNone;
using node::NodeIndex;

namespace {

bool IsPaging(std::string_view relation) {
  constexpr std::string_view kPaging[] = {"first", "previous", "next", "last"};
  return std::find(std::begin(kPaging), std::end(kPaging), relation) != std::end(kPaging);
}

// A stylesheet that the document itself must hold.
void CheckStylesheet(Run& run, NodeIndex link, const BundleIndex& index) {
  NodeIndex url = run.tree.Child(link, run.words.url);
  if (url == kNone || run.tree[url].text.empty() || IsAbsoluteUri(run.tree[url].text)) return;
  if (index.ByTypeAndId(run.tree[url].text).empty())
    run.Report(rules::BundleStylesheet, url, {run.tree[url].text});
}

}  // namespace

void CheckBundleLinks(Run& run, NodeIndex bundle, std::string_view type, const BundleIndex& index) {
  const bool paged = type == "searchset" || type == "history";
  std::set<std::string_view> seen;
  for (NodeIndex link : node::Children(run.tree, bundle)) {
    if (run.tree[link].name != run.words.link) continue;
    NodeIndex relation = run.tree.Child(link, run.words.relation);
    if (relation == kNone) continue;
    std::string_view text = run.tree[relation].text;
    // Links between pages belong to what a server pages.
    if (!paged && IsPaging(text)) run.Report(rules::BundleLink, relation, {text});
    bool single = text == "self" || (paged && IsPaging(text));
    if (!seen.insert(text).second && single)
      run.Report(rules::BundleLinkTwice, paged ? link : relation, {text});
    if (type == "document" && text == "stylesheet") CheckStylesheet(run, link, index);
  }
}

namespace {

// What a search was for: "Patient" of "http://host/Patient?name=x", the types of "http://host?_type=A,B".
// Empty when it is not said.
std::vector<std::string_view> SearchedTypes(const Run& run, NodeIndex bundle) {
  const auto& definitions = run.engine.definitions();
  std::vector<std::string_view> types;
  for (NodeIndex link : node::Children(run.tree, bundle)) {
    if (run.tree[link].name != run.words.link || run.Text(link, run.words.relation) != "self") continue;
    std::string_view url = run.Text(link, run.words.url), path = url.substr(0, url.find('?'));
    std::string_view last = path.substr(path.rfind('/') + 1);
    if (definitions.IsResource(definitions.FindShape(last))) return {last};
    constexpr std::string_view kType = "_type=";
    auto at = url.find(kType, path.size());
    if (at == url.npos) continue;
    std::string_view list = url.substr(at + kType.size());
    list = list.substr(0, list.find('&'));
    while (!list.empty()) {
      types.push_back(list.substr(0, list.find(',')));
      list.remove_prefix(std::min(types.back().size() + 1, list.size()));
    }
  }
  return types;
}

void CheckFound(Run& run, const BundleEntry& entry, const std::vector<std::string_view>& wanted) {
  std::string_view type = run.tree.NameText(run.tree[entry.resource].resource);
  NodeIndex search = run.tree.Child(entry.entry, run.words.search);
  std::string_view mode = search == kNone ? std::string_view() : run.Text(search, run.words.mode);
  const bool outcome = type == "OperationOutcome";
  if (mode == "outcome" && !outcome) run.Report(rules::SearchOutcome, entry.resource, {type});
  // Without a mode it can be told neither that an id nor that this type is wanted.
  const bool found = mode == "match" || mode == "include";
  if (entry.type_and_id.empty() && (found || (mode.empty() && !outcome)))
    run.Report(rules::SearchIdMissing, mode.empty() ? Severity::Warning : Severity::Error, entry.resource);
  bool fits = wanted.empty() || std::find(wanted.begin(), wanted.end(), type) != wanted.end();
  if (mode == "match" && !fits) run.Report(rules::SearchTypeWrong, entry.resource, {type, wanted.front()});
}

}  // namespace

void CheckSearchset(Run& run, NodeIndex bundle, const BundleIndex& index) {
  auto wanted = SearchedTypes(run, bundle);
  for (const auto& entry : index.entries()) {
    if (entry.resource == kNone)
      run.Report(rules::SearchEmpty, entry.entry);
    else
      CheckFound(run, entry, wanted);
  }
}

}  // namespace passerelle::validator
