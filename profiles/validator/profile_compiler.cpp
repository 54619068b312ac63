#include "profiles/validator/profile_compiler.h"

#include <algorithm>

namespace passerelle::validator {
namespace {

std::string_view WithoutChoice(std::string_view name) {
  return name.ends_with("[x]") ? name.substr(0, name.size() - 3) : name;
}

bool Allows(const spec::Element& element, std::string_view type) {
  return std::any_of(element.types.begin(), element.types.end(),
                     [&](const spec::TypeRef& t) { return t.code == type; });
}

}  // namespace

std::unique_ptr<const ProfileNode> ProfileCompiler::Compile() {
  spec::ShapeId shape = library_.base().FindShape(profile_.type);
  return Node(0, shape);
}

spec::ShapeId ProfileCompiler::ShapeBelow(const spec::Element& element, spec::ShapeId parent) const {
  std::string_view name = WithoutChoice(element.name());
  for (const auto& child : library_.base().Children(parent)) {
    if (node::NameText(child.element_name) != name && node::NameText(child.name) != name) continue;
    if (!child.choice || element.types.size() != 1 || element.types[0].code == child.type) return child.shape;
  }
  return 0;
}

std::unique_ptr<const ProfileNode> ProfileCompiler::Node(std::uint32_t number, spec::ShapeId shape) {
  const spec::Element& element = profile_.elements[number];
  auto node = std::make_unique<ProfileNode>();
  nodes_.emplace(number, node.get());
  node->profile = &profile_;
  node->is_root = number == 0;
  bool plain = element.types.size() == 1 && element.types[0].code != "BackboneElement" &&
               element.types[0].code != "Element";
  std::string_view focus = number == 0 ? profile_.type
                           : plain     ? element.types[0].code
                                       : library_.base().ShapeName(shape);
  auto checks = maker_.Make(profile_, element, maker_.BaseOf(element), focus);
  if (checks->Any()) node->checks = std::move(checks);
  // What stands below a choice of several types belongs to none of them.
  const bool open_choice = element.name().ends_with("[x]") && element.types.size() != 1;
  for (std::uint32_t i = number + 1; i < element.end && !open_choice; ++i)
    if (profile_.elements[i].parent == number && profile_.elements[i].slice_of == spec::Element::kNone)
      AddGroup(i, shape, *node);
  if (!element.content_reference.empty()) {
    std::string_view id = element.content_reference.substr(element.content_reference.find('#') + 1);
    for (std::uint32_t i = 0; i < number; ++i)
      if (profile_.elements[i].id == id)
        if (auto it = nodes_.find(i); it != nodes_.end()) node->same_as = it->second;
  }
  return node;
}

void ProfileCompiler::AddGroup(std::uint32_t number, spec::ShapeId shape, ProfileNode& node) {
  const spec::Element& element = profile_.elements[number];
  const spec::Element* base = maker_.BaseOf(element);
  GroupRulesOfProfile group;
  group.element = &element;
  std::string_view name = WithoutChoice(element.name());
  for (const auto& child : library_.base().Children(shape)) {
    bool here = node::NameText(child.element_name) == name || node::NameText(child.name) == name;
    if (!here) continue;
    group.names.push_back(child.name);
    if (child.choice && Allows(element, child.type)) group.allowed.push_back(child.name);
  }
  if (group.names.empty()) group.names.push_back(node::Intern(name));
  if (group.allowed.size() == group.names.size() || group.names.size() == 1) group.allowed.clear();
  if (base == nullptr || element.min > base->min) group.min = element.min;
  if (base == nullptr || element.max < base->max) group.max = element.max;
  spec::ShapeId below = ShapeBelow(element, shape);
  auto child_node = Node(number, below);
  if (child_node->Empty())
    nodes_.erase(number);
  else
    group.node = std::move(child_node);
  if (element.slicing.present) group.slicing = Slicing(number, shape, element.slicing);
  bool needed =
      group.node || group.slicing || group.min > 0 || group.max != 0xFFFF'FFFFu || !group.allowed.empty();
  if (needed) node.groups.push_back(std::move(group));
}

std::unique_ptr<const SlicingRules> ProfileCompiler::Slicing(std::uint32_t number, spec::ShapeId shape,
                                                             const spec::Slicing& slicing) {
  auto rules = std::make_unique<SlicingRules>();
  rules->element = &profile_.elements[number];
  for (std::uint32_t i = number + 1; i < profile_.elements.size(); ++i) {
    const spec::Element& element = profile_.elements[i];
    if (element.slice_of != number) continue;
    SliceRules slice;
    slice.element = &element;
    for (const auto& discriminator : slicing.discriminators)
      slice.criteria.push_back(MakeCriterion(discriminator, i));
    auto node = Node(i, ShapeBelow(element, shape));
    if (node->Empty())
      nodes_.erase(i);
    else
      slice.node = std::move(node);
    if (element.slicing.present) slice.again = Slicing(i, shape, element.slicing);
    rules->slices.push_back(std::move(slice));
  }
  bool matters = !rules->slices.empty() || slicing.rules == spec::SlicingRules::Closed;
  return matters ? std::move(rules) : nullptr;
}

// "$this", "coding.code", "extension('url').value", "resolve().code", "value.ofType(Quantity)".
std::vector<Step> ProfileCompiler::ParsePath(std::string_view path) {
  std::vector<Step> steps;
  while (!path.empty()) {
    std::size_t end = 0;
    for (bool quoted = false; end < path.size() && (quoted || path[end] != '.'); ++end)
      if (path[end] == '\'') quoted = !quoted;
    std::string_view part = path.substr(0, end);
    path.remove_prefix(std::min(end + 1, path.size()));
    auto open = part.find('(');
    std::string_view name = part.substr(0, open);
    std::string_view argument;
    if (open != part.npos && part.ends_with(')')) argument = part.substr(open + 1, part.size() - open - 2);
    if (argument.size() >= 2 && argument.front() == '\'') argument = argument.substr(1, argument.size() - 2);
    if (part == "$this") continue;
    if (name == "resolve" && open != part.npos)
      steps.push_back({Step::Kind::Resolve, {}});
    else if (name == "extension" && open != part.npos)
      steps.push_back({Step::Kind::Extension, argument});
    else if ((name == "ofType" || name == "as") && open != part.npos)
      steps.push_back({Step::Kind::OfType, argument});
    else
      steps.push_back({Step::Kind::Child, WithoutChoice(part)});
  }
  return steps;
}

namespace {

// Whether an extension, an element of a profile, is the one of that url: by the profile of its type, or by
// the url that is fixed below it.
bool IsExtensionOf(const spec::Profile& profile, std::uint32_t at, std::string_view url) {
  const spec::Element& element = profile.elements[at];
  for (const auto& type : element.types)
    for (auto canonical : type.profiles)
      if (canonical.substr(0, canonical.find('|')) == url) return true;
  for (std::uint32_t i = at + 1; i < element.end; ++i)
    if (profile.elements[i].parent == at && profile.elements[i].name() == "url" &&
        profile.elements[i].fixed.json.find("\"" + std::string(url) + "\"") != std::string_view::npos)
      return true;
  return false;
}

}  // namespace

std::vector<ProfileCompiler::Defined> ProfileCompiler::Follow(Defined from, const Step& step) const {
  const spec::Element& element = from.profile->elements[from.element];
  std::vector<Defined> found;
  auto roots = [&](const std::vector<std::string_view>& canonicals) {
    for (auto canonical : canonicals)
      if (const spec::Profile* profile = library_.FindProfile(canonical);
          profile && !profile->elements.empty())
        found.push_back({profile, 0});
  };
  if (step.kind == Step::Kind::OfType) return {from};
  if (step.kind == Step::Kind::Resolve) {
    for (const auto& type : element.types) roots(type.target_profiles);
    return found;
  }
  std::string_view wanted = step.kind == Step::Kind::Extension ? std::string_view("extension") : step.name;
  for (std::uint32_t i = from.element + 1; i < element.end; ++i) {
    const spec::Element& child = from.profile->elements[i];
    if (child.parent != from.element || WithoutChoice(child.name()) != wanted) continue;
    if (step.kind == Step::Kind::Extension) {
      if (IsExtensionOf(*from.profile, i, step.name)) found.push_back({from.profile, i});
    } else {
      found.push_back({from.profile, i});
    }
  }
  // A choice that is sliced by type: the slice says more than the element it slices.
  auto is_slice = [](const Defined& d) { return !d.profile->elements[d.element].slice_name.empty(); };
  if (std::any_of(found.begin(), found.end(), is_slice))
    std::erase_if(found, [&](const Defined& d) {
      return !is_slice(d) && d.profile->elements[d.element].path.ends_with("[x]");
    });
  if (!found.empty() || step.kind == Step::Kind::Extension) return found;
  // Not written in place: what the types say.
  for (const auto& type : element.types) {
    std::vector<Defined> starts;
    for (auto canonical : type.profiles)
      if (const spec::Profile* profile = library_.FindProfile(canonical);
          profile && !profile->elements.empty())
        starts.push_back({profile, 0});
    if (starts.empty())
      if (const spec::Profile* profile = library_.FindType(type.code); profile && profile != from.profile)
        starts.push_back({profile, 0});
    for (const auto& start : starts) {
      auto below = Follow(start, step);
      found.insert(found.end(), below.begin(), below.end());
    }
  }
  return found;
}

void ProfileCompiler::Fill(const Defined& found, Criterion& criterion) const {
  const spec::Element& element = found.profile->elements[found.element];
  switch (criterion.type) {
    case spec::DiscriminatorType::Value:
    case spec::DiscriminatorType::Pattern:
      if (!criterion.fixed && !criterion.pattern) {
        criterion.fixed = ReadExemplar(element.fixed, library_.base());
        criterion.pattern = ReadExemplar(element.pattern, library_.base());
      }
      if (element.binding.strength == spec::BindingStrength::Required)
        criterion.value_set = element.binding.value_set;
      if (!criterion.fixed && !criterion.pattern && criterion.value_set.empty()) {
        criterion.must_exist |= element.min > 0;
        criterion.must_not_exist |= element.max == 0;
      }
      criterion.decidable |= criterion.fixed || criterion.pattern || !criterion.value_set.empty();
      break;
    case spec::DiscriminatorType::Exists:
      criterion.must_exist = element.min > 0;
      criterion.must_not_exist = element.max == 0;
      criterion.decidable = criterion.must_exist || criterion.must_not_exist;
      break;
    case spec::DiscriminatorType::Type:
      for (const auto& type : element.types) criterion.types.push_back(type.code);
      if (found.element == 0) criterion.types.push_back(found.profile->type);
      criterion.decidable = !criterion.types.empty();
      break;
    case spec::DiscriminatorType::Profile:
      for (const auto& type : element.types)
        criterion.profiles.insert(criterion.profiles.end(), type.profiles.begin(), type.profiles.end());
      if (found.element == 0) criterion.profiles.push_back(found.profile->url);
      criterion.decidable = !criterion.profiles.empty();
      break;
    case spec::DiscriminatorType::Position: break;
  }
}

Criterion ProfileCompiler::MakeCriterion(const spec::Discriminator& discriminator,
                                         std::uint32_t slice) const {
  Criterion criterion;
  criterion.type = discriminator.type;
  criterion.path = ParsePath(discriminator.path);
  const spec::Element& element = profile_.elements[slice];
  if (discriminator.type == spec::DiscriminatorType::Value && discriminator.path == "url" &&
      !element.types.empty() && element.types[0].code == "Extension" && !element.types[0].profiles.empty()) {
    criterion.text = element.types[0].profiles[0].substr(0, element.types[0].profiles[0].find('|'));
    criterion.decidable = true;
    return criterion;
  }
  std::vector<Defined> at{{&profile_, slice}};
  for (const auto& step : criterion.path) {
    std::vector<Defined> next;
    for (const auto& from : at) {
      auto found = Follow(from, step);
      next.insert(next.end(), found.begin(), found.end());
    }
    at = std::move(next);
  }
  for (const auto& found : at) Fill(found, criterion);
  criterion.decidable |= criterion.must_exist || criterion.must_not_exist;
  return criterion;
}

}  // namespace passerelle::validator
