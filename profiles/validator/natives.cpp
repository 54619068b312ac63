#include "profiles/validator/natives.h"

#include <algorithm>
#include <set>

#include "profiles/validator/words.h"

namespace passerelle::validator {

using node::kNone;
using node::NodeIndex;

namespace {

bool HasBelowContained(const NativeContext& context, NodeIndex at, node::NameId first, node::NameId second) {
  const Words& w = TheWords();
  for (NodeIndex contained : node::Children(context.tree, at)) {
    if (context.tree[contained].name != w.contained) continue;
    NodeIndex found = context.tree.Child(contained, first);
    if (found != kNone && (second == 0 || context.tree.Child(found, second) != kNone)) return true;
  }
  return false;
}

// contained.contained.empty()
bool Dom2(const NativeContext& context, NodeIndex at) {
  return !HasBelowContained(context, at, TheWords().contained, 0);
}
// contained.meta.versionId.empty() and contained.meta.lastUpdated.empty()
bool Dom4(const NativeContext& context, NodeIndex at) {
  static const node::NameId last_updated = node::Intern("lastUpdated");
  const Words& w = TheWords();
  return !HasBelowContained(context, at, w.meta, w.versionId) &&
         !HasBelowContained(context, at, w.meta, last_updated);
}
// contained.meta.security.empty()
bool Dom5(const NativeContext& context, NodeIndex at) {
  const Words& w = TheWords();
  return !HasBelowContained(context, at, w.meta, w.security);
}
bool Has(const NativeContext& context, NodeIndex at, node::NameId name) {
  return context.tree.Child(at, name) != kNone;
}
// code.empty() or system.exists()
bool Qty3(const NativeContext& context, NodeIndex at) {
  const Words& w = TheWords();
  return !Has(context, at, w.code) || Has(context, at, w.system);
}
// value.empty() or system.exists()
bool Cpt2(const NativeContext& context, NodeIndex at) {
  const Words& w = TheWords();
  return !Has(context, at, w.value) || Has(context, at, w.system);
}

std::string_view Text(const NativeContext& context, NodeIndex at, node::NameId name) {
  NodeIndex child = context.tree.Child(at, name);
  return child == kNone ? std::string_view() : context.tree[child].text;
}
// Each entry has `member` exactly when the Bundle's type is among `types`.
bool EntriesHave(const NativeContext& context, NodeIndex at, node::NameId member,
                 std::initializer_list<std::string_view> types) {
  const Words& w = TheWords();
  bool wanted = std::find(types.begin(), types.end(), Text(context, at, w.type)) != types.end();
  for (NodeIndex entry : node::Children(context.tree, at))
    if (context.tree[entry].name == w.entry && Has(context, entry, member) != wanted) return false;
  return true;
}
bool Bdl3(const NativeContext& context, NodeIndex at) {
  return EntriesHave(context, at, TheWords().request, {"batch", "transaction", "history"});
}
bool Bdl4(const NativeContext& context, NodeIndex at) {
  return EntriesHave(context, at, TheWords().response, {"batch-response", "transaction-response", "history"});
}
// Of an entry: resource.exists() or request.exists() or response.exists()
bool Bdl5(const NativeContext& context, NodeIndex at) {
  const Words& w = TheWords();
  return Has(context, at, w.resource) || Has(context, at, w.request) || Has(context, at, w.response);
}
// Of an entry, as corrected: fullUrl.exists() implies fullUrl.contains('/_history/').not()
bool Bdl8(const NativeContext& context, NodeIndex at) {
  return Text(context, at, TheWords().fullUrl).find("/_history/") == std::string_view::npos;
}
bool Bdl7(const NativeContext& context, NodeIndex at) {
  const Words& w = TheWords();
  if (Text(context, at, w.type) == "history") return true;
  std::set<std::pair<std::string_view, std::string_view>> seen;
  for (NodeIndex entry : node::Children(context.tree, at)) {
    if (context.tree[entry].name != w.entry) continue;
    std::string_view url = Text(context, entry, w.fullUrl), version;
    NodeIndex resource = context.tree.Child(entry, w.resource);
    NodeIndex meta = resource == kNone ? kNone : context.tree.Child(resource, w.meta);
    if (meta != kNone) version = Text(context, meta, w.versionId);
    if (!url.empty() && !seen.emplace(url, version).second) return false;
  }
  return true;
}

struct Native {
  std::string_view key, expression;
  NativeTest test;
};
constexpr Native kNatives[] = {
    {"dom-2", "contained.contained.empty()", Dom2},
    {"dom-4", "contained.meta.versionId.empty() and contained.meta.lastUpdated.empty()", Dom4},
    {"dom-5", "contained.meta.security.empty()", Dom5},
    {"qty-3", "code.empty() or system.exists()", Qty3},
    {"cpt-2", "value.empty() or system.exists()", Cpt2},
    {"bdl-3",
     "entry.all(request.exists() = (%resource.type = 'batch' or %resource.type = 'transaction' or "
     "%resource.type = "
     "'history'))",
     Bdl3},
    {"bdl-4",
     "entry.all(response.exists() = (%resource.type = 'batch-response' or %resource.type = "
     "'transaction-response' or "
     "%resource.type = 'history'))",
     Bdl4},
    {"bdl-5", "resource.exists() or request.exists() or response.exists()", Bdl5},
    {"bdl-8", "fullUrl.contains('/_history/').not()", Bdl8},
    {"bdl-7",
     "(type = 'history') or "
     "entry.where(fullUrl.exists()).select(fullUrl&resource.meta.versionId).isDistinct()",
     Bdl7}};

}  // namespace

NativeTest FindNative(std::string_view key, std::string_view expression) {
  for (const auto& row : kNatives)
    if (row.key == key && row.expression == expression) return row.test;
  return nullptr;
}

}  // namespace passerelle::validator
