#include "profiles/validator/bundle_index.h"

#include <algorithm>

#include "profiles/validator/primitives.h"
#include "profiles/validator/words.h"

namespace passerelle::validator {

using node::kNone;
using node::NodeIndex;
using node::Tree;

namespace {

bool IsTypeName(std::string_view text) {
  return !text.empty() && text[0] >= 'A' && text[0] <= 'Z' &&
         std::all_of(text.begin(), text.end(), [](char c) { return (c | 0x20) >= 'a' && (c | 0x20) <= 'z'; });
}

// The last two segments before "/_history/..." when they read as type and id.
std::string_view Tail(std::string_view url) {
  if (auto fragment = url.find('#'); fragment != url.npos) url = url.substr(0, fragment);
  if (auto history = url.find("/_history/"); history != url.npos) url = url.substr(0, history);
  auto slash = url.rfind('/');
  if (slash == url.npos || slash == 0) return {};
  auto before = url.rfind('/', slash - 1);
  std::size_t begin = before == url.npos ? 0 : before + 1;
  if (!IsTypeName(url.substr(begin, slash - begin)) || !IsResourceId(url.substr(slash + 1))) return {};
  return url.substr(begin);
}

std::vector<std::size_t> All(const std::unordered_multimap<std::string_view, std::size_t>& map,
                             std::string_view key) {
  std::vector<std::size_t> found;
  for (auto [it, last] = map.equal_range(key); it != last; ++it) found.push_back(it->second);
  std::sort(found.begin(), found.end());
  return found;
}

}  // namespace

std::string_view TypeAndId(std::string_view url) { return Tail(url); }

std::string_view ReferencedType(std::string_view url) {
  std::string_view tail = Tail(url);
  return tail.substr(0, tail.find('/'));
}

std::string_view RestfulBase(std::string_view url) {
  std::string_view tail = Tail(url);
  bool web = url.starts_with("http://") || url.starts_with("https://");
  if (tail.empty() || !web) return {};
  return url.substr(0, static_cast<std::size_t>(tail.data() - url.data()));
}

BundleIndex::BundleIndex(const Tree& tree, NodeIndex bundle) {
  const Words& w = TheWords();
  for (NodeIndex entry : node::Children(tree, bundle)) {
    if (tree[entry].name != w.entry) continue;
    BundleEntry made{entry, tree.Child(entry, w.resource), {}, {}, {}};
    if (NodeIndex url = tree.Child(entry, w.fullUrl); url != kNone) made.full_url = tree[url].text;
    NodeIndex meta = made.resource == kNone ? kNone : tree.Child(made.resource, w.meta);
    if (meta != kNone)
      if (NodeIndex version = tree.Child(meta, w.versionId); version != kNone)
        made.version = tree[version].text;
    if (made.resource != kNone)
      if (NodeIndex id = tree.Child(made.resource, w.id); id != kNone)
        made.type_and_id =
            std::string(tree.NameText(tree[made.resource].resource)) + "/" + std::string(tree[id].text);
    by_entry_.emplace(entry, entries_.size());
    entries_.push_back(std::move(made));
  }
  by_full_url_.reserve(entries_.size());
  by_type_and_id_.reserve(entries_.size());
  for (std::size_t i = 0; i < entries_.size(); ++i) {
    if (!entries_[i].full_url.empty()) by_full_url_.emplace(entries_[i].full_url, i);
    if (!entries_[i].type_and_id.empty()) by_type_and_id_.emplace(entries_[i].type_and_id, i);
  }
}

std::vector<std::size_t> BundleIndex::ByFullUrl(std::string_view url) const { return All(by_full_url_, url); }
std::vector<std::size_t> BundleIndex::ByTypeAndId(std::string_view key) const {
  return All(by_type_and_id_, key);
}

const BundleEntry* BundleIndex::EntryOf(const Tree& tree, NodeIndex at) const {
  for (; at != kNone; at = tree[at].parent)
    if (auto it = by_entry_.find(at); it != by_entry_.end()) return &entries_[it->second];
  return nullptr;
}

std::vector<std::size_t> BundleIndex::Resolve(const BundleEntry* from, std::string_view reference) const {
  if (auto history = reference.find("/_history/"); history != reference.npos) {
    std::string_view version = reference.substr(history + 10);
    auto found = Resolve(from, reference.substr(0, history));
    std::erase_if(found, [&](std::size_t i) { return entries_[i].version != version; });
    return found;
  }
  if (auto fragment = reference.find('#'); fragment != reference.npos)
    reference = reference.substr(0, fragment);
  if (IsAbsoluteUri(reference)) return ByFullUrl(reference);
  if (from == nullptr || from->full_url.empty()) return ByTypeAndId(reference);
  // An address gives a base only when it is that of the resource.
  std::string_view tail = Tail(from->full_url);
  if (tail.empty() || tail != from->type_and_id) return {};
  auto base = from->full_url.substr(0, static_cast<std::size_t>(tail.data() - from->full_url.data()));
  return ByFullUrl(std::string(base) + std::string(reference));
}

}  // namespace passerelle::validator
