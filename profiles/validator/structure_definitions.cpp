// StructureDefinitions: what they are built on, what their elements may say, whether a snapshot can be made.

#include <algorithm>
#include <charconv>
#include <map>

#include "fhir_model/json/json.h"
#include "fhir_model/path/path.h"
#include "profiles/packages/errors.h"
#include "profiles/packages/order.h"
#include "profiles/packages/snapshot.h"
#include "profiles/validator/families.h"
#include "profiles/validator/structure_elements.h"
#include "profiles/validator/type_traits.h"

namespace passerelle::validator {

using node::kNone;
using node::NodeIndex;

namespace {

// Whether a snapshot can be made: a differential that does not fit its base shows here.
void CheckSnapshot(Run& run, NodeIndex resource) {
  packages::Snapshots snapshots([&](std::string_view canonical) -> std::optional<node::Tree> {
    auto found = run.engine.library.Find(canonical, "StructureDefinition");
    if (!found) return std::nullopt;
    auto tree = json::Parse(std::string(found->json), kFileLimits);
    return tree ? std::optional(*std::move(tree)) : std::nullopt;
  });
  auto made = snapshots.Make(run.tree.Extract(resource));
  if (made) {
    if (auto path = packages::FindDisorder(*made); !path.empty())
      run.Report(rules::DifferentialOrder, resource, {path});
    return;
  }
  bool circular = made.error().info == &errors::SnapshotBaseCircular;
  bool refused = made.error().info == &errors::SnapshotRefused;
  run.Report(refused ? rules::SnapshotRefused : rules::SnapshotUndecided, resource,
             {(circular ? "it builds on itself: " : "") + made.error().detail});
}

constexpr std::string_view kExtensionType = "http://hl7.org/fhir/StructureDefinition/Extension";

// The definition as far as single elements need it.
struct Structure {
  std::string_view url, type, derivation;
  const spec::Profile* base = nullptr;  // nullptr: not known here
  bool logical = false;
  bool constraint() const { return derivation == "constraint"; }
};

// ---- the whole

std::string_view KindCode(spec::StructureKind kind) {
  constexpr std::string_view kCodes[] = {"primitive-type", "complex-type", "resource", "logical"};
  return kCodes[static_cast<std::size_t>(kind)];
}

void CheckBase(Run& run, NodeIndex resource, const Structure& structure) {
  if (structure.base == nullptr) return;
  const spec::Profile& base = *structure.base;
  std::string_view kind = run.Text(resource, run.words.kind);
  if (!base.abstract && kind != KindCode(base.kind))
    run.Report(rules::StructureKindDiffers, resource, {kind, KindCode(base.kind), base.url});
  if (structure.constraint() != (structure.type == base.type))
    run.Report(structure.constraint() ? rules::StructureTypeDiffers : rules::StructureTypeSame, resource,
               {structure.type, base.type, base.url});
}

// The url that an extension's definition fixes is its own.
void CheckExtensionUrl(Run& run, NodeIndex resource, const Structure& structure) {
  if (structure.type != "Extension" || structure.base == nullptr || structure.base->url != kExtensionType ||
      structure.url.empty())
    return;
  NodeIndex differential = run.tree.Child(resource, run.words.differential);
  std::string_view fixed;
  for (NodeIndex element : node::Children(run.tree, differential))
    if (run.Text(element, run.words.path) == "Extension.url") fixed = run.tree.ChildText(element, "fixedUri");
  if (fixed != structure.url) run.Report(rules::ExtensionUrlFixed, resource, {structure.url, fixed});
}

// Where it may stand is a thing of extensions.
void CheckContexts(Run& run, NodeIndex resource, const Structure& structure) {
  for (NodeIndex context : node::Children(run.tree, resource)) {
    std::string_view name = run.tree.name(context);
    if (name != "context" && name != "contextInvariant") continue;
    if (structure.type != "Extension") run.Report(rules::ContextMisplaced, context, {structure.type});
  }
}

// ---- its elements

std::vector<std::string_view> TypesOf(const Run& run, NodeIndex element) {
  std::vector<std::string_view> types;
  for (NodeIndex type : node::Children(run.tree, element))
    if (run.tree[type].name == run.words.type) types.push_back(run.Text(type, run.words.code));
  return types;
}

std::string Joined(const std::vector<std::string_view>& texts) {
  std::string joined;
  for (auto text : texts) joined += (joined.empty() ? "" : ", ") + std::string(text);
  return joined;
}

// What an element can say depends on its types: a member, and what one of the types must have.
struct Wanted {
  std::string_view member;  // or how it begins, for a choice
  Trait trait;
};
constexpr Wanted kWanted[] = {{"binding", Trait::CanBind},
                              {"maxLength", Trait::HasLength},
                              {"minValue", Trait::HasRange},
                              {"maxValue", Trait::HasRange}};

void CheckTraits(Run& run, NodeIndex element) {
  auto types = TypesOf(run, element);
  auto has = [&](Trait trait) {
    return std::any_of(types.begin(), types.end(), [&](auto type) {
      return run.engine.definitions().FindShape(type) == 0 || HasTrait(type, trait);
    });
  };
  if (types.empty()) return;
  for (NodeIndex child : node::Children(run.tree, element))
    for (const auto& wanted : kWanted)
      if (run.tree.name(child).starts_with(wanted.member) && !has(wanted.trait))
        run.Report(rules::ElementTrait, element, {Joined(types), run.tree.name(child)});
  for (NodeIndex type : node::Children(run.tree, element)) {
    if (run.tree[type].name != run.words.type || run.tree.Child(type, "targetProfile") == kNone) continue;
    std::string_view code = run.Text(type, run.words.code);
    if (run.engine.definitions().FindShape(code) != 0 && !HasTrait(code, Trait::HasTarget))
      run.Report(rules::ElementTrait, element, {code, "targetProfile"});
  }
}

// The element of the type's own definition.
const spec::Element* OwnElement(const Run& run, std::string_view path) {
  const spec::Profile* type = run.engine.library.FindType(path.substr(0, path.find('.')));
  if (type == nullptr) return nullptr;
  auto found = std::find_if(type->elements.begin(), type->elements.end(),
                            [&](const spec::Element& e) { return e.path == path; });
  return found == type->elements.end() ? nullptr : &*found;
}

// A path that leads from none of the element's types anywhere.
bool LeadsNowhere(const Run& run, std::string_view path, const std::vector<std::string_view>& types) {
  return !types.empty() && std::none_of(types.begin(), types.end(), [&](std::string_view type) {
    if (run.engine.definitions().FindShape(type) == 0 || type == "BackboneElement" || type == "Element" ||
        type == "Resource")
      return true;
    path::CompileOptions options;
    options.definitions = &run.engine.definitions();
    options.type = type;
    options.strict = true;
    options.trusted = false;
    return path::Expression::Compile(path, options).has_value();
  });
}

void CheckSlicing(Run& run, NodeIndex element) {
  NodeIndex slicing = run.tree.Child(element, run.words.slicing);
  if (slicing == kNone) return;
  std::string_view path = run.Text(element, run.words.path);
  if (path.find('.') == path.npos) return run.Report(rules::RootSlicing, element);
  const spec::Element* own = OwnElement(run, path);
  if (own == nullptr) return;
  if (own->max == 1 && !path.ends_with("[x]")) run.Report(rules::SlicingSingle, slicing, {path});
  for (NodeIndex discriminator : node::Children(run.tree, slicing)) {
    if (run.tree[discriminator].name != run.words.discriminator) continue;
    std::string_view leads = run.Text(discriminator, run.words.path);
    if (!leads.empty() && LeadsNowhere(run, leads, TypesOf(run, element)))
      run.Report(rules::DiscriminatorPath, discriminator, {leads, path});
  }
}

// fixed[x], pattern[x] and defaultValue[x] are of one of the element's types.
void CheckValueTypes(Run& run, NodeIndex element) {
  auto types = TypesOf(run, element);
  if (types.empty()) return;
  for (NodeIndex child : node::Children(run.tree, element)) {
    std::string_view name = run.tree.name(child);
    if (!name.starts_with("fixed") && !name.starts_with("pattern") && !name.starts_with("defaultValue"))
      continue;
    const auto* info = run.engine.definitions().FindChild(run.tree[element].shape, run.tree[child].name);
    bool system = std::any_of(types.begin(), types.end(), [](auto t) { return t.starts_with("http://"); });
    if (info == nullptr || system || std::find(types.begin(), types.end(), info->type) != types.end())
      continue;
    run.Report(rules::ElementValueType, child, {info->type, Joined(types)});
  }
}

// The type of what stands at a path of the type's own definition: "HumanName", "Patient.contact"; empty where it
// is not one.
std::string_view FocusType(const Run& run, std::string_view path) {
  const spec::Element* own = OwnElement(run, path);
  if (own == nullptr || path.ends_with("[x]")) return {};
  if (path.find('.') == path.npos || own->types.empty()) return path;
  if (own->types.size() > 1) return {};
  std::string_view code = own->types.front().code;
  if (code == "BackboneElement" || code == "Element") return path;
  return code == "Extension" || code == "Resource" ? std::string_view() : code;
}

// Rules of its own: FHIRPath that can be read. `alone`: what stands here is not said again in a snapshot.
void CheckConstraints(Run& run, NodeIndex element, const Structure& structure, bool snapshot, bool alone) {
  for (NodeIndex constraint : node::Children(run.tree, element)) {
    if (run.tree[constraint].name != run.words.constraint) continue;
    std::string_view source = run.Text(constraint, run.words.source),
                     key = run.tree.ChildText(constraint, "key"),
                     expression = run.Text(constraint, run.words.expression);
    bool own = source.empty() || source.substr(0, source.find('|')) == structure.url;
    if (!snapshot && !own) run.Report(rules::ConstraintSource, constraint, {key, source, structure.url});
    if (!alone || !own || expression.empty()) continue;
    path::CompileOptions options;
    options.trusted = false;
    options.type = FocusType(run, run.Text(element, run.words.path));
    if (!options.type.empty()) options.definitions = &run.engine.definitions(), options.strict = true;
    auto compiled = path::Expression::Compile(expression, options);
    if (!compiled) run.Report(rules::ConstraintUnreadable, constraint, {key, compiled.error().Text()});
  }
}

void CheckElements(Run& run, NodeIndex list, const Structure& structure) {
  const bool snapshot = run.tree[list].name == run.words.snapshot;
  const bool alone = run.tree.Child(run.resource, run.words.snapshot) == kNone;
  ElementsCheck elements(run, structure.base, snapshot, structure.constraint(), structure.logical);
  for (NodeIndex element : node::Children(run.tree, list)) {
    if (run.tree[element].name != run.words.element) continue;
    std::string_view path = run.Text(element, run.words.path), root = structure.type;
    root = root.substr(root.rfind('/') + 1);
    bool within = path.starts_with(root) && (path.size() == root.size() || path[root.size()] == '.');
    if (!path.empty() && !root.empty() && !within) run.Report(rules::ElementPathType, element, {path, root});
    elements.Check(element, path);
    CheckTraits(run, element);
    CheckSlicing(run, element);
    if (snapshot) CheckValueTypes(run, element);
    CheckConstraints(run, element, structure, snapshot, snapshot || alone);
  }
}

// ---- what a profile may not let go

// The element of the base that one of the differential constrains; of a new slice the one it is a slice of.
const spec::Element* Constrained(const Run& run, NodeIndex element, const spec::Profile& base, bool& slice) {
  std::string_view id = run.Text(element, run.words.id), path = run.Text(element, run.words.path);
  slice = false;
  if (const spec::Element* same = base.FindElement(id.empty() ? path : id)) return same;
  slice = run.tree.Child(element, "sliceName") != kNone;
  return slice ? base.FindElement(path) : nullptr;
}

std::uint32_t Count(std::string_view text, std::uint32_t otherwise) {
  if (text == "*") return spec::Element::kNone;
  std::uint32_t count = otherwise;
  std::from_chars(text.data(), text.data() + text.size(), count);
  return count;
}

void CheckNotLooser(Run& run, NodeIndex element, const spec::Profile& base) {
  bool slice = false;
  const spec::Element* of_base = Constrained(run, element, base, slice);
  if (of_base == nullptr) return;
  std::string_view min = run.tree.ChildText(element, "min"), max = run.tree.ChildText(element, "max"),
                   path = run.Text(element, run.words.path);
  auto shown = [](std::uint32_t count) {
    return count == spec::Element::kNone ? "*" : std::to_string(count);
  };
  if (!slice && !min.empty() && Count(min, of_base->min) < of_base->min)
    run.Report(rules::ElementLooser, element, {path, "min", min, shown(of_base->min)});
  if (!max.empty() && Count(max, of_base->max) > of_base->max)
    run.Report(rules::ElementLooser, element, {path, "max", max, shown(of_base->max)});
  NodeIndex binding = run.tree.Child(element, run.words.binding);
  std::string_view strength = binding == kNone ? std::string_view() : run.tree.ChildText(binding, "strength");
  if (of_base->binding.strength == spec::BindingStrength::Required && !strength.empty() &&
      strength != "required")
    run.Report(rules::ElementLooser, element, {path, "binding", strength, "required"});
}

bool SameSlicing(const Run& run, NodeIndex a, NodeIndex b) {
  auto said = [&](NodeIndex slicing) {
    std::string text(run.tree.ChildText(slicing, "rules"));
    for (NodeIndex discriminator : node::Children(run.tree, slicing))
      if (run.tree[discriminator].name == run.words.discriminator)
        text.append(" ")
            .append(run.Text(discriminator, run.words.type))
            .append("=")
            .append(run.Text(discriminator, run.words.path));
    return text;
  };
  return said(a) == said(b);
}

// Within one differential a slice cannot be told apart by something else than the slices it is one of.
void CheckSlicesAgain(Run& run, NodeIndex resource, NodeIndex differential) {
  std::map<std::string_view, NodeIndex> slicings;  // by path
  for (NodeIndex element : node::Children(run.tree, differential)) {
    NodeIndex slicing = run.tree.Child(element, run.words.slicing);
    if (slicing == kNone) continue;
    std::string_view path = run.Text(element, run.words.path);
    if (run.tree.Child(element, "sliceName") == kNone) {
      slicings.emplace(path, slicing);
      continue;
    }
    auto first = slicings.find(path);
    if (first != slicings.end() && !SameSlicing(run, first->second, slicing))
      run.Report(rules::SlicingAgain, resource, {path, run.tree.ChildText(element, "sliceName")});
  }
}

// ---- obligation profiles: they add obligations and bindings, nothing else

constexpr std::string_view kObligationProfile = "http://hl7.org/fhir/StructureDefinition/obligation-profile";

bool IsObligationProfile(const Run& run, NodeIndex resource) {
  for (NodeIndex extension : node::Children(run.tree, resource))
    if (run.tree[extension].name == run.words.extension &&
        run.Text(extension, run.words.url) == kObligationProfile)
      return run.Text(extension, run.words.valueBoolean) == "true";
  return false;
}

void CheckObligationBinding(Run& run, NodeIndex binding, std::string_view id, const spec::Element& base) {
  constexpr std::string_view kStrengths[] = {"", "example", "preferred", "extensible", "required"};
  for (NodeIndex child : node::Children(run.tree, binding)) {
    std::string_view name = run.tree.name(child), text = run.tree[child].text;
    if (name == "strength" && text == kStrengths[static_cast<std::size_t>(base.binding.strength)]) continue;
    if (name == "extension" && run.Text(child, run.words.url).ends_with("/additional-binding")) continue;
    run.Report(rules::ObligationOnly, child, {id, name});
  }
}

void CheckObligations(Run& run, NodeIndex differential, const spec::Profile& base) {
  constexpr std::string_view kAllowed[] = {"id", "path", "min", "max", "mustSupport"};
  for (NodeIndex element : node::Children(run.tree, differential)) {
    if (run.tree[element].name != run.words.element) continue;
    std::string_view id = run.Text(element, run.words.id);
    const spec::Element* of_base = base.FindElement(id);
    if (of_base == nullptr) {
      run.Report(rules::ObligationOnly, element, {id, "id"});
      continue;
    }
    for (NodeIndex child : node::Children(run.tree, element)) {
      std::string_view name = run.tree.name(child);
      if (std::find(std::begin(kAllowed), std::end(kAllowed), name) != std::end(kAllowed)) continue;
      if (name == "extension" && run.Text(child, run.words.url).ends_with("/obligation")) continue;
      if (name == "binding" && of_base->binding.strength != spec::BindingStrength::None)
        CheckObligationBinding(run, child, id, *of_base);
      else
        run.Report(rules::ObligationOnly, child, {id, name});
    }
  }
}

}  // namespace

void CheckStructureDefinition(Run& run, NodeIndex resource) {
  CheckCanonicalUrl(run, resource);
  NodeIndex type = run.tree.Child(resource, run.words.type);
  if (type != kNone && run.Text(resource, run.words.kind) == "logical" &&
      !IsAbsoluteUri(run.tree[type].text) && run.engine.definitions().FindShape(run.tree[type].text) == 0 &&
      !run.Text(resource, run.words.url).starts_with("http://hl7.org/fhir/StructureDefinition/"))
    run.Report(rules::StructureTypeUnknown, type, {run.tree[type].text});
  Structure structure{run.Text(resource, run.words.url), run.Text(resource, run.words.type),
                      run.Text(resource, run.words.derivation),
                      run.engine.library.FindProfile(run.Text(resource, run.words.baseDefinition)),
                      run.Text(resource, run.words.kind) == "logical"};
  CheckContexts(run, resource, structure);
  if (structure.type == "Extension") CheckExtensionContexts(run, resource);
  if (structure.base != nullptr && structure.derivation.empty())
    run.Report(rules::DerivationMissing, resource);
  CheckBase(run, resource, structure);
  NodeIndex differential = run.tree.Child(resource, run.words.differential),
            snapshot = run.tree.Child(resource, run.words.snapshot);
  if (snapshot != kNone) CheckElements(run, snapshot, structure);
  if (differential == kNone) return;
  CheckElements(run, differential, structure);
  CheckExtensionUrl(run, resource, structure);
  if (structure.base != nullptr && IsObligationProfile(run, resource))
    CheckObligations(run, differential, *structure.base);
  if (!structure.constraint()) return;
  if (structure.base != nullptr)
    for (NodeIndex element : node::Children(run.tree, differential))
      if (run.tree[element].name == run.words.element) CheckNotLooser(run, element, *structure.base);
  CheckSlicesAgain(run, resource, differential);
  CheckSnapshot(run, resource);
}

}  // namespace passerelle::validator
