#include "profiles/packages/differential.h"

#include <algorithm>

#include "profiles/packages/snapshot_fields.h"

namespace passerelle::packages {

using node::Children;
using node::kNone;
using node::kRoot;
using node::NodeIndex;
using node::Tree;

namespace {

struct Step {
  std::string_view name, slice, slice_in_id;
};

std::vector<std::string_view> Split(std::string_view text) {
  std::vector<std::string_view> parts;
  while (true) {
    auto dot = text.find('.');
    parts.push_back(text.substr(0, dot));
    if (dot == text.npos) return parts;
    text.remove_prefix(dot + 1);
  }
}

// The steps of an element: names from its path, slices from its id where that has the same length.
std::vector<Step> StepsOf(const Tree& tree, NodeIndex element, bool& by_id) {
  std::vector<Step> steps;
  for (auto name : Split(tree.ChildText(element, "path"))) steps.push_back({name, {}, {}});
  auto parts = Split(tree.ChildText(element, "id"));
  by_id = parts.size() == steps.size() && !tree.ChildText(element, "id").empty();
  if (by_id)
    for (std::size_t i = 0; i < parts.size(); ++i)
      if (auto colon = parts[i].find(':'); colon != parts[i].npos)
        steps[i].slice = parts[i].substr(colon + 1);
  if (auto slice = tree.ChildText(element, "sliceName"); !slice.empty()) {
    steps.back().slice_in_id = steps.back().slice;
    steps.back().slice = slice;
  }
  return steps;
}

// "valueQuantity" of a value[x] to which the differential itself leaves the type Quantity alone.
bool IsWrittenName(const Tree& definition, const DiffNode& choice, std::string_view name) {
  if (!IsChoice(choice.name) || !choice.slice.empty() || choice.at == kNone) return false;
  if (definition.Child(choice.at, "slicing") != kNone) return false;
  auto types = Fields(definition, choice.at, "type");
  return types.size() == 1 &&
         name == std::string(Stem(choice.name)) + Capital(TypeCode(definition, types[0]));
}

DiffNode& FindOrMake(const Tree& definition, DiffNode& parent, const Step& step, bool by_id) {
  for (auto child = parent.children.rbegin(); child != parent.children.rend(); ++child) {
    bool same_slice =
        !by_id || child->slice == step.slice || (!step.slice.empty() && child->slice_in_id == step.slice);
    if (same_slice && (child->name == step.name || IsWrittenName(definition, *child, step.name)))
      return *child;
  }
  parent.children.push_back({kNone, std::string(step.name), std::string(step.slice), {}, {}, false});
  return parent.children.back();
}

// The specification's pages by its version.
std::string_view PagesOf(std::string_view version) {
  struct Row {
    std::string_view version, pages;
  };
  static constexpr Row kRows[] = {{"4.0", "http://hl7.org/fhir/R4/"},
                                  {"4.3", "http://hl7.org/fhir/R4B/"},
                                  {"5.0", "http://hl7.org/fhir/R5/"}};
  for (const auto& row : kRows)
    if (version.starts_with(row.version)) return row.pages;
  return {};
}

}  // namespace

DiffNode ReadDifferential(const Tree& definition) {
  DiffNode root;
  NodeIndex differential = definition.Child(kRoot, "differential");
  if (differential == kNone) return root;
  for (NodeIndex element : Children(definition, differential)) {
    if (definition.name(element) != "element") continue;
    bool by_id = false;
    auto steps = StepsOf(definition, element, by_id);
    DiffNode* parent = &root;
    if (root.name.empty()) root.name = steps[0].name;
    root.strays = root.strays || root.name != steps[0].name;
    if (steps.size() == 1) {
      root.at = element;
      continue;
    }
    for (std::size_t i = 1; i + 1 < steps.size(); ++i)
      parent = &FindOrMake(definition, *parent, steps[i], by_id);
    parent->children.push_back({element,
                                std::string(steps.back().name),
                                std::string(steps.back().slice),
                                {},
                                std::string(steps.back().slice_in_id),
                                false});
  }
  return root;
}

Elements Elements::Of(const Tree& definition) {
  Elements elements;
  elements.tree = &definition;
  elements.url = definition.ChildText(kRoot, "url");
  if (elements.url.starts_with("http://hl7.org/fhir/StructureDefinition/"))
    elements.links = PagesOf(definition.ChildText(kRoot, "fhirVersion"));
  NodeIndex snapshot = definition.Child(kRoot, "snapshot");
  if (snapshot == kNone) return elements;
  for (NodeIndex element : Children(definition, snapshot))
    if (definition.name(element) == "element")
      elements.entries.push_back(
          {element, definition.ChildText(element, "path"), definition.ChildText(element, "sliceName"), 0});
  // What is open closes when an element comes that does not stand below it.
  std::vector<std::size_t> open;
  auto below = [&](std::size_t child, std::size_t parent) {
    std::string_view c = elements.entries[child].path, p = elements.entries[parent].path;
    return c.size() > p.size() && c.starts_with(p) && c[p.size()] == '.';
  };
  for (std::size_t i = 0; i < elements.entries.size(); ++i) {
    for (; !open.empty() && !below(i, open.back()); open.pop_back()) elements.entries[open.back()].end = i;
    open.push_back(i);
  }
  for (std::size_t i : open) elements.entries[i].end = elements.entries.size();
  return elements;
}

}  // namespace passerelle::packages
