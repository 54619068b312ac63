// References and canonicals: their form, what they name, whether that is allowed.

#include "profiles/validator/references.h"

#include <algorithm>
#include <set>

#include "profiles/validator/bundle_index.h"
#include "profiles/validator/families.h"

namespace passerelle::validator {

using node::kNone;
using node::NodeIndex;

namespace {

constexpr std::string_view kBaseDefinitions = "http://hl7.org/fhir/StructureDefinition/";

bool IsRelative(std::string_view reference) { return reference.front() != '#' && !IsAbsoluteUri(reference); }
bool IsConditional(std::string_view reference) { return reference.find('?') != reference.npos; }

std::string_view TypeOf(const At& resource) {
  return resource.tree->NameText((*resource.tree)[resource.node].resource);
}

// The resource type that a profile constrains; empty when it is not known.
std::string_view TypeOfProfile(const Run& run, std::string_view canonical) {
  canonical = canonical.substr(0, canonical.find('|'));
  if (canonical.starts_with(kBaseDefinitions)) {
    auto name = canonical.substr(kBaseDefinitions.size());
    if (run.engine.definitions().IsResource(run.engine.definitions().FindShape(name))) return name;
  }
  const spec::Profile* profile = run.engine.library.FindProfile(canonical);
  return profile == nullptr ? std::string_view() : profile->type;
}

bool IsBaseProfile(std::string_view canonical) {
  return canonical.starts_with(kBaseDefinitions) && canonical.find('-') == canonical.npos;
}

std::vector<std::string_view> TargetsOf(const spec::Element& element, std::string_view type) {
  std::vector<std::string_view> targets;
  for (const auto& t : element.types)
    if (t.code == type) targets.insert(targets.end(), t.target_profiles.begin(), t.target_profiles.end());
  return targets;
}

std::string Joined(const std::vector<std::string_view>& texts) {
  std::string joined;
  for (auto text : texts) joined += (joined.empty() ? "" : ", ") + std::string(text);
  return joined;
}

}  // namespace

Target Resolve(Run& run, NodeIndex at, std::string_view reference) {
  Target target;
  if (reference.empty()) return target;
  if (reference.front() == '#') {
    NodeIndex found = reference.size() == 1 ? run.root_resource : run.FindContained(at, reference.substr(1));
    if (found != kNone) target = {{&run.tree, found}, Where::Contained, 1};
    return target;
  }
  if (const BundleIndex* bundle = run.BundleAround(at)) {
    auto matches = bundle->Resolve(bundle->EntryOf(run.tree, at), reference);
    target.matches = matches.size();
    if (!matches.empty() && bundle->entries()[matches.front()].resource != kNone)
      return {{&run.tree, bundle->entries()[matches.front()].resource}, Where::Bundled, matches.size()};
  }
  if (run.options.fetch)
    if (const node::Tree* fetched = run.options.fetch(reference))
      target = {{fetched, node::kRoot}, Where::Outside, 0};
  return target;
}

namespace {

void CheckInBundle(Run& run, NodeIndex at, std::string_view reference) {
  const BundleIndex* bundle = run.BundleAround(at);
  if (bundle == nullptr) return;
  const BundleEntry* entry = bundle->EntryOf(run.tree, at);
  if (entry == nullptr || entry->resource == kNone) return;
  if (entry->full_url.empty() && IsRelative(reference) && run.bundle_needs_full_urls())
    return run.Report(rules::ReferenceWithoutFullUrl, at);
  auto matches = bundle->Resolve(entry, reference);
  // "Practitioner/UUID" in an entry that a UUID names is sometimes meant for the entry of that UUID.
  if (matches.empty() && entry->full_url.starts_with("urn:uuid:") && IsRelative(reference))
    matches = bundle->ByFullUrl("urn:uuid:" + std::string(reference.substr(reference.rfind('/') + 1)));
  if (matches.empty() && reference.starts_with("urn:"))
    run.Report(rules::ReferenceNotInBundle, at, {reference});
  if (matches.size() > 1)
    run.Report(rules::ReferenceAmbiguous, at, {reference, std::to_string(matches.size())});
  if (matches.size() != 1 || bundle->entries()[matches[0]].resource == kNone) return;
  std::string_view said = ReferencedType(reference);
  std::string_view type = TypeOf({&run.tree, bundle->entries()[matches[0]].resource});
  if (!said.empty() && said != type) run.Report(rules::ReferenceEntryType, at, {said, type});
}

// Whether a query has a name and a value in each of its parts.
bool IsQuery(std::string_view query) {
  while (true) {
    std::string_view part = query.substr(0, query.find('&'));
    auto equals = part.find('=');
    if (equals == part.npos || equals == 0 || equals + 1 == part.size()) return false;
    if (part.size() == query.size()) return true;
    query.remove_prefix(part.size() + 1);
  }
}

// False when there is nothing to look for.
bool CheckForm(Run& run, NodeIndex at, std::string_view reference) {
  if (reference.front() == '#') {
    if (reference.size() > 1 && run.FindContained(at, reference.substr(1)) == kNone)
      run.Report(rules::ReferenceContainedMissing, at, {reference});
    return true;
  }
  if (!IsRelative(reference)) return true;
  if (IsConditional(reference)) {
    bool bundled = run.BundleAround(at) != nullptr;
    if (!IsQuery(reference.substr(reference.find('?') + 1)))
      run.Report(rules::ReferenceQuery, bundled ? Severity::Error : Severity::Warning, at, {reference});
    return false;
  }
  if (const RuleInfo* broken = CheckLexical(Primitive::Uri, reference))
    run.Report(*broken, at, {reference, "Reference.reference"});
  std::string_view type = ReferencedType(reference);
  if (type.empty() && reference.find("/_history/") != reference.npos) return false;
  if (type.empty()) {
    // Outside of a Bundle nothing says how it is to be resolved.
    bool bundled = run.BundleAround(at) != nullptr;
    run.Report(rules::ReferenceMalformed, bundled ? Severity::Error : Severity::Warning, at, {reference});
    return true;
  }
  if (!run.engine.definitions().IsResource(run.engine.definitions().FindShape(type))) {
    run.Report(rules::ReferenceTypeUnknown, at, {type});
    return false;
  }
  return true;
}

}  // namespace

namespace {

// Reference.type repeats what an address says.
void CheckSaidType(Run& run, NodeIndex at, std::string_view reference) {
  std::string_view said = run.Text(at, run.words.type), type = ReferencedType(reference);
  const auto& definitions = run.engine.definitions();
  bool both = !said.empty() && !type.empty() && definitions.IsResource(definitions.FindShape(type)) &&
              definitions.IsResource(definitions.FindShape(said));
  bool address = IsRelative(reference) || !RestfulBase(reference).empty();
  if (both && address && said != type) run.Report(rules::ReferenceTypeDisagrees, at, {said, type});
}

}  // namespace

void CheckReference(Run& run, NodeIndex at) {
  std::string_view reference = run.Text(at, run.words.reference);
  if (reference.empty()) return;
  if (!CheckForm(run, at, reference)) return;
  CheckInBundle(run, at, reference);
  CheckSaidType(run, at, reference);
}

namespace {

void CheckAggregation(Run& run, NodeIndex at, const ElementChecks& checks, std::string_view reference,
                      Where where) {
  std::uint8_t allowed = 0;
  for (const auto& type : checks.element->types)
    if (type.code == "Reference") allowed |= type.aggregation;
  if (allowed == 0 || where == Where::Nowhere) return;
  if (where == Where::Outside && !run.options.aggregation_everywhere && run.BundleAround(at) == nullptr)
    return;
  std::uint8_t is = where == Where::Contained ? spec::TypeRef::kContained
                    : where == Where::Bundled ? spec::TypeRef::kBundled | spec::TypeRef::kReferenced
                                              : spec::TypeRef::kReferenced;
  if ((allowed & is) != 0) return;
  constexpr std::string_view kNames[] = {"", "contained", "bundled", "outside"};
  run.Report(rules::ReferenceAggregation, at, {reference, kNames[static_cast<std::size_t>(where)]},
             checks.profile->url);
}

// The type itself, whatever its profile: what most references may name.
bool AllowsAsSuch(const std::vector<std::string_view>& targets, std::string_view type) {
  return std::any_of(targets.begin(), targets.end(), [&](std::string_view canonical) {
    return canonical.starts_with(kBaseDefinitions) && canonical.substr(kBaseDefinitions.size()) == type;
  });
}

void CheckTargetProfiles(Run& run, NodeIndex at, std::string_view reference, const Target& target,
                         const std::vector<std::string_view>& targets, std::string_view source) {
  std::string_view type = TypeOf(target.resource);
  for (auto canonical : targets) {
    std::string_view of = TypeOfProfile(run, canonical);
    if (of.empty()) return;  // a profile that is not here: cannot tell
    if (IsBaseProfile(canonical) ? run.engine.definitions().IsA(type, of)
                                 : of == type && run.Conforms(target.resource, canonical))
      return;
  }
  run.Report(rules::ReferenceProfile, at, {reference, Joined(targets)}, source);
}

}  // namespace

void CheckTargets(Run& run, NodeIndex at, const ElementChecks& checks) {
  std::string_view reference = run.Text(at, run.words.reference);
  if (reference.empty()) return;
  Target target = Resolve(run, at, reference);
  CheckAggregation(run, at, checks, reference, target.where);
  auto targets = TargetsOf(*checks.element, "Reference");
  if (targets.empty()) return;
  if (!target.resource && run.options.references == ReferencePolicy::Ignore) return;
  std::string_view type = target.resource ? TypeOf(target.resource) : ReferencedType(reference);
  std::string_view said = IsConditional(reference) ? std::string_view() : run.Text(at, run.words.type);
  if (said.empty() && AllowsAsSuch(targets, type)) return;
  std::vector<std::string_view> types;
  for (auto canonical : targets) {
    types.push_back(TypeOfProfile(run, canonical));
    if (types.back().empty()) return;  // a profile that is not here: cannot tell
  }
  auto allowed = [&](std::string_view one) {
    return one.empty() || std::any_of(types.begin(), types.end(),
                                      [&](auto of) { return run.engine.definitions().IsA(one, of); });
  };
  if (run.engine.definitions().FindShape(type) == 0) type = {};  // said elsewhere
  if (!allowed(type) || !allowed(said))
    return run.Report(rules::ReferenceTarget, at, {reference, allowed(type) ? said : type, Joined(types)},
                      checks.profile->url);
  bool plain = std::all_of(targets.begin(), targets.end(), IsBaseProfile);
  if (target.resource && !plain)
    CheckTargetProfiles(run, at, reference, target, targets, checks.profile->url);
}

void CheckCanonicalTarget(Run& run, NodeIndex at, const ElementChecks& checks) {
  std::string_view canonical = run.tree[at].text;
  if (canonical.empty() || canonical.front() == '#') return;
  auto targets = TargetsOf(*checks.element, "canonical");
  auto found = targets.empty() ? std::nullopt : run.engine.library.Find(canonical);
  if (!found) return;
  std::vector<std::string_view> types;
  for (auto target : targets) {
    std::string_view type = TypeOfProfile(run, target);
    if (type.empty() || run.engine.definitions().IsA(found->type, type) ||
        run.engine.library.Find(canonical, type))
      return;
    types.push_back(type);
  }
  run.Report(rules::CanonicalWrongType, at, {canonical, found->type, Joined(types)}, checks.profile->url);
}

void CheckCanonical(Run& run, NodeIndex at) {
  std::string_view text = run.tree[at].text;
  if (text.empty() || text.front() == '#' || IsAbsoluteUri(text)) return;
  run.Report(rules::CanonicalRelative, at, {text});
}

namespace {

// Attributes of a narrative that point into the resource: src="#image".
void CollectLinks(std::string_view xhtml, std::vector<std::string_view>& named) {
  for (auto at = xhtml.find("=\"#"); at != xhtml.npos; at = xhtml.find("=\"#", at + 3)) {
    auto end = xhtml.find('"', at + 3);
    if (end != xhtml.npos) named.push_back(xhtml.substr(at + 3, end - at - 3));
  }
}

}  // namespace

void CheckContained(Run& run, NodeIndex resource) {
  bool any = false;
  for (NodeIndex child : node::Children(run.tree, resource))
    any |= run.tree[child].name == run.words.contained;
  if (!any) return;
  // Everything below that may point to a contained resource: Reference.reference, canonical and uri, "#id".
  std::vector<std::string_view> named;
  std::vector<std::pair<NodeIndex, bool>>
      points_out;  // contained resource, whether it refers to its container
  auto scan = [&](auto&& self, NodeIndex at) -> bool {
    bool container = false;
    for (NodeIndex child : node::Children(run.tree, at)) {
      const auto& n = run.tree[child];
      if (n.kind == node::Kind::Xhtml) CollectLinks(n.text, named);
      if (n.kind == node::Kind::String && n.text.starts_with('#')) {
        if (n.text.size() == 1)
          container = true;
        else
          named.push_back(n.text.substr(1));
      }
      if (n.first != kNone) container |= self(self, child);
    }
    return container;
  };
  for (NodeIndex child : node::Children(run.tree, resource)) {
    const auto& n = run.tree[child];
    if (n.kind == node::Kind::String && n.text.size() > 1 && n.text.front() == '#')
      named.push_back(n.text.substr(1));
    bool container = n.first != kNone && scan(scan, child);
    if (n.name == run.words.contained) points_out.emplace_back(child, container);
  }
  std::sort(named.begin(), named.end());
  std::set<std::string_view> ids;
  for (auto [contained, container] : points_out) {
    std::string_view id = run.Text(contained, run.words.id);
    if (!id.empty() && !ids.insert(id).second) run.Report(rules::IdDuplicate, contained, {id});
    if (container || std::binary_search(named.begin(), named.end(), id)) continue;
    run.Report(rules::ContainedUnreferenced, contained, {id});
  }
}

}  // namespace passerelle::validator
