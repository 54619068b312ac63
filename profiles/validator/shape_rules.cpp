#include "profiles/validator/shape_rules.h"

#include <algorithm>

namespace passerelle::validator {
namespace {

// The element of its type's definition that a shape's children stand below.
const spec::Element* ElementOf(const spec::Profile& type, std::string_view shape_name) {
  auto found = std::find_if(type.elements.begin(), type.elements.end(),
                            [&](const spec::Element& e) { return e.path == shape_name; });
  return found == type.elements.end() ? nullptr : &*found;
}

const spec::Element* ChildOf(const spec::Profile& type, const spec::Element& parent, std::string_view name) {
  auto number = static_cast<std::uint32_t>(&parent - type.elements.data());
  for (std::uint32_t i = number + 1; i < parent.end; ++i) {
    const auto& element = type.elements[i];
    if (element.parent != number) continue;
    std::string_view own = element.name();
    if (own == name || (own.ends_with("[x]") && own.substr(0, own.size() - 3) == name)) return &element;
  }
  return nullptr;
}

bool IsPlain(std::string_view type) { return type == "BackboneElement" || type == "Element"; }

}  // namespace

void ShapeRules::Index() {
  slots_.assign(std::bit_ceil(children.size() * 2 + 1), 0);
  mask_ = slots_.size() - 1;
  for (std::size_t i = 0; i < children.size(); ++i) {
    std::size_t slot = children[i].name & mask_;
    while (slots_[slot] != 0) slot = (slot + 1) & mask_;
    slots_[slot] = static_cast<std::uint16_t>(i + 1);
  }
}

ShapeRulesTable::ShapeRulesTable(const spec::Library& library, CheckMaker& maker)
    : library_(library), maker_(maker), count_(library.base().ShapeCount()) {
  table_ = std::make_unique<std::atomic<const ShapeRules*>[]>(count_);
}

const ShapeRules* ShapeRulesTable::Make(spec::ShapeId shape) const {
  const auto& definitions = library_.base();
  std::lock_guard lock(mutex_);
  if (const ShapeRules* there = table_[shape].load(std::memory_order_relaxed)) return there;
  auto rules = std::make_unique<ShapeRules>();
  rules->name = definitions.ShapeName(shape);
  const spec::Profile* type = library_.FindType(rules->name.substr(0, rules->name.find('.')));
  const spec::Element* parent = type == nullptr ? nullptr : ElementOf(*type, rules->name);
  auto keep = [&](const spec::Element& element, std::string_view focus) -> const ElementChecks* {
    auto checks = maker_.Make(*type, element, nullptr, focus);
    if (!checks->Any()) return nullptr;
    return rules->owned.emplace_back(std::move(checks)).get();
  };
  if (parent != nullptr && parent == &type->elements.front()) rules->own = keep(*parent, rules->name);
  const spec::Element* last = nullptr;
  for (const auto& info : definitions.Children(shape)) {
    const spec::Element* element =
        parent == nullptr ? nullptr : ChildOf(*type, *parent, node::NameText(info.element_name));
    bool fresh = element == nullptr || element != last;
    if (fresh && rules->groups.size() < 64) {
      auto bit = std::uint64_t{1} << rules->groups.size();
      std::uint32_t min = element == nullptr ? info.min : element->min,
                    max = element == nullptr ? info.max : element->max;
      rules->groups.push_back({element == nullptr ? node::NameText(info.name) : element->path, min, max});
      if (min > 0) rules->required |= bit;
      if (max == 1) rules->single |= bit;
    }
    last = element;
    ChildRules child;
    child.name = info.name;
    child.shape = info.shape;
    child.group = static_cast<std::uint8_t>(rules->groups.size() - 1);
    child.primitive = PrimitiveOf(info.type);
    child.form = info.form;
    child.list = info.max != 1;
    child.any_resource = definitions.IsAnyResource(info.shape);
    child.type_check = TypeCheckOf(info.type);
    child.xml_attribute = info.xml_attribute;
    child.type = info.type;
    if (element != nullptr)
      child.checks = keep(*element, IsPlain(info.type) ? definitions.ShapeName(info.shape) : info.type);
    rules->children.push_back(child);
  }
  rules->Index();
  made_.push_back(std::move(rules));
  table_[shape].store(made_.back().get(), std::memory_order_release);
  return made_.back().get();
}

}  // namespace passerelle::validator
