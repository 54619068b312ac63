// A resource or element against a profile: what ProfileRules left to check.

#include <algorithm>

#include "profiles/validator/families.h"
#include "profiles/validator/slices.h"

namespace passerelle::validator {

using node::kNone;
using node::NodeIndex;

namespace {

constexpr std::uint32_t kUnbounded = 0xFFFF'FFFFu;
constexpr std::string_view kDefinitions = "http://hl7.org/fhir/StructureDefinition/";

std::string TypesOf(const spec::Element& element) {
  std::string types;
  for (const auto& type : element.types) types += (types.empty() ? "" : ", ") + std::string(type.code);
  return types;
}

std::string_view TypeAt(const Run& run, NodeIndex at) {
  const auto& n = run.tree[at];
  return n.resource != 0 ? run.tree.NameText(n.resource) : run.engine.definitions().ShapeName(n.shape);
}

void WalkNode(Run& run, NodeIndex at, const ProfileNode& node);

// The profiles of an element's type: one of them must hold.
void CheckTypeProfiles(Run& run, NodeIndex at, const ElementChecks& checks) {
  std::string_view type = TypeAt(run, at);
  std::vector<std::string_view> wanted;
  for (const auto& t : checks.element->types)
    if (run.engine.definitions().IsA(type, t.code)) {
      if (t.profiles.empty()) return;  // the type as such is allowed
      wanted.insert(wanted.end(), t.profiles.begin(), t.profiles.end());
    }
  if (wanted.empty()) return;
  std::string_view source = checks.profile->url;
  // An extension is checked against the definition that its url names; asked for twice, it would be said
  // twice.
  if (type == "Extension" && wanted.size() == 1 &&
      run.Text(at, run.words.url) == wanted[0].substr(0, wanted[0].find('|')))
    return;
  if (wanted.size() == 1) {
    if (wanted[0].starts_with(kDefinitions) &&
        run.engine.definitions().FindShape(wanted[0].substr(kDefinitions.size())) != 0)
      return;  // a base type
    if (!CheckProfile(run, at, wanted[0]) && type != "Extension")
      run.Report(rules::ProfileWanted, at, {wanted[0]}, source);
    return;
  }
  std::string all;
  for (auto canonical : wanted) {
    if (run.Conforms({&run.tree, at}, canonical)) return;
    all += (all.empty() ? "" : ", ") + std::string(canonical);
  }
  // The reference lets a resource pass that keeps none of several profiles: said, but no error.
  run.Report(rules::ProfileNone, run.tree[at].resource != 0 ? Severity::Warning : Severity::Error, at, {all},
             source);
}

void ReportCounts(Run& run, NodeIndex parent, const GroupRulesOfProfile& group, std::size_t count,
                  const spec::Profile& profile) {
  std::string_view path = group.element->id.empty() ? group.element->path : group.element->id;
  if (count < group.min)
    run.Report(rules::ElementMissing, parent,
               {path, std::to_string(group.min), std::to_string(count), profile.url}, profile.url);
  if (group.max != kUnbounded && count > group.max)
    run.Report(rules::ElementExcess, parent,
               {path, std::to_string(group.max), std::to_string(count), profile.url}, profile.url);
}

void ReportSliceCounts(Run& run, NodeIndex parent, const SliceRules& slice, std::size_t count,
                       const spec::Profile& profile) {
  const spec::Element& element = *slice.element;
  std::string_view id = element.id.empty() ? element.slice_name : element.id;
  if (count < element.min)
    run.Report(rules::SliceMissing, parent,
               {id, std::to_string(element.min), std::to_string(count), profile.url}, profile.url);
  if (element.max != kUnbounded && count > element.max)
    run.Report(rules::SliceExcess, parent,
               {id, std::to_string(element.max), std::to_string(count), profile.url}, profile.url);
}

bool CanDecide(const SlicingRules& slicing) {
  return !slicing.slices.empty() && std::all_of(slicing.slices.begin(), slicing.slices.end(),
                                                [](const SliceRules& s) { return !s.criteria.empty(); });
}

void WalkSlices(Run& run, NodeIndex parent, const std::vector<NodeIndex>& children,
                const SlicingRules& slicing, const spec::Profile& profile) {
  std::string_view path = slicing.element->id;
  if (!slicing.slices.empty() && !CanDecide(slicing)) {
    if (!children.empty()) run.Report(rules::SliceWithoutDiscriminator, parent, {path}, profile.url);
    return;
  }
  std::vector<std::vector<NodeIndex>> members(slicing.slices.size());
  std::size_t latest = 0;
  for (std::size_t position = 0; position < children.size(); ++position) {
    NodeIndex child = children[position];
    std::vector<std::size_t> matches;
    for (std::size_t i = 0; i < slicing.slices.size(); ++i)
      if (MatchesSlice(run, child, position, slicing.slices[i], i)) matches.push_back(i);
    if (matches.size() > 1) {
      std::string names;
      for (auto i : matches)
        names += (names.empty() ? "" : ", ") + std::string(slicing.slices[i].element->slice_name);
      run.Report(rules::SliceSeveral, child, {names}, profile.url);
    }
    if (matches.empty() && slicing.element->slicing.rules == spec::SlicingRules::Closed)
      run.Report(rules::SliceClosed, child, {path}, profile.url);
    if (matches.empty()) continue;
    if (slicing.element->slicing.ordered && matches.front() < latest)
      run.Report(rules::SliceOrder, child, {path}, profile.url);
    latest = std::max(latest, matches.front());
    for (auto i : matches) members[i].push_back(child);
  }
  for (std::size_t i = 0; i < slicing.slices.size(); ++i) {
    const SliceRules& slice = slicing.slices[i];
    ReportSliceCounts(run, parent, slice, members[i].size(), profile);
    if (slice.node)
      for (NodeIndex child : members[i]) WalkNode(run, child, *slice.node);
    if (slice.again) WalkSlices(run, parent, members[i], *slice.again, profile);
  }
}

void WalkGroup(Run& run, NodeIndex parent, const GroupRulesOfProfile& group, const ProfileNode& node) {
  std::vector<NodeIndex> children;
  for (NodeIndex child : node::Children(run.tree, parent))
    if (std::find(group.names.begin(), group.names.end(), run.tree[child].name) != group.names.end())
      children.push_back(child);
  ReportCounts(run, parent, group, children.size(), *node.profile);
  for (NodeIndex child : children) {
    bool allowed = group.allowed.empty() || std::find(group.allowed.begin(), group.allowed.end(),
                                                      run.tree[child].name) != group.allowed.end();
    if (!allowed && group.element->path == "Extension.value[x]") continue;  // extensions.cpp says so
    if (!allowed)
      run.Report(rules::TypeNotAllowed, group.element->types.size() > 1 ? parent : child,
                 {group.element->path, TypesOf(*group.element), TypeAt(run, child)}, node.profile->url);
    else if (group.node)
      WalkNode(run, child, *group.node);
  }
  if (group.slicing) WalkSlices(run, parent, children, *group.slicing, *node.profile);
}

void WalkNode(Run& run, NodeIndex at, const ProfileNode& node) {
  if (node.same_as != nullptr) return WalkNode(run, at, *node.same_as);
  const NodeIndex resource = run.resource, root_resource = run.root_resource;
  auto enter = [&] {
    if (run.tree[at].resource == 0) return;
    run.resource = at;
    if (run.tree[at].name != run.words.contained) run.root_resource = at;
  };
  // What an element says of a resource that stands there is said in the resource around it.
  const bool root = node.is_root;
  if (root) enter();
  if (node.checks) {
    CheckAgainst(run, at, TypeAt(run, at), *node.checks);
    if (node.checks->type_profiles) CheckTypeProfiles(run, at, *node.checks);
  }
  if (!root) enter();
  if (run.tree[at].kind != node::Kind::Null || run.tree[at].first != kNone)
    for (const auto& group : node.groups) WalkGroup(run, at, group, node);
  run.resource = resource;
  run.root_resource = root_resource;
}

}  // namespace

bool CheckProfile(Run& run, NodeIndex at, std::string_view canonical) {
  const ProfileNode* rules_of = run.engine.profiles.Of(canonical);
  if (rules_of == nullptr) return false;
  if (!run.Enter(at, rules_of)) return true;  // being checked already
  const spec::Profile& profile = *rules_of->profile;
  std::string_view type = TypeAt(run, at);
  if (!run.engine.definitions().IsA(type, profile.type)) {
    run.Report(rules::ProfileType, at, {profile.url, profile.type, type}, profile.url);
  } else {
    WalkNode(run, at, *rules_of);
    for (auto imposed : profile.imposes)
      if (!CheckProfile(run, at, imposed)) run.Report(rules::ProfileUnknown, at, {imposed}, profile.url);
  }
  run.Leave(at, rules_of);
  return true;
}

bool CheckLogical(Run& run, NodeIndex at, std::string_view canonical) {
  const ProfileNode* rules_of = run.engine.profiles.Of(canonical);
  if (rules_of == nullptr) return false;
  WalkNode(run, at, *rules_of);
  return true;
}

void CheckClaimedProfiles(Run& run, NodeIndex resource) {
  for (const auto& global : run.engine.globals.Of(TypeAt(run, resource)))
    if (!CheckProfile(run, resource, global)) run.Report(rules::ProfileUnknown, resource, {global});
  NodeIndex meta = run.tree.Child(resource, run.words.meta);
  if (meta == kNone) return;
  for (NodeIndex child : node::Children(run.tree, meta)) {
    if (run.tree[child].name != run.words.profile || run.tree[child].text.empty()) continue;
    if (!CheckProfile(run, resource, run.tree[child].text))
      run.Report(rules::ProfileUnknown, child, {run.tree[child].text});
  }
}

}  // namespace passerelle::validator
