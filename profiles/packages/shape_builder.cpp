#include "profiles/packages/shape_builder.h"

#include <array>
#include <charconv>

#include "fhir_model/spec/spec.h"

namespace passerelle::packages {
namespace {

using node::Children;
using node::kNone;
using node::kRoot;
using node::NodeIndex;
using node::Tree;

constexpr std::string_view kFhirType = "http://hl7.org/fhir/StructureDefinition/structuredefinition-fhir-type";

struct FormRow {
  std::string_view type;
  spec::JsonForm form;
};
constexpr std::array kForms = {
    FormRow{"boolean", spec::JsonForm::Boolean},     FormRow{"decimal", spec::JsonForm::Number},
    FormRow{"integer", spec::JsonForm::Number},      FormRow{"positiveInt", spec::JsonForm::Number},
    FormRow{"unsignedInt", spec::JsonForm::Number},  FormRow{"xhtml", spec::JsonForm::Xhtml},
};

spec::JsonForm FormOf(std::string_view type) {
  for (const auto& row : kForms)
    if (row.type == type) return row.form;
  bool primitive = !type.empty() && type[0] >= 'a' && type[0] <= 'z';
  return primitive ? spec::JsonForm::String : spec::JsonForm::Object;
}

std::string_view Tail(std::string_view url) { return url.substr(url.rfind('/') + 1); }

// The type a FHIR author would name: System.String of ids and urls says its R4 type in an extension.
std::string TypeCode(const Tree& tree, NodeIndex element, NodeIndex type) {
  auto code = tree.ChildText(type, "code");
  // R4 4.0.1 says "string" there; the page of Resource and later versions say id (resource.html, 2.26.3).
  NodeIndex base = tree.Child(element, "base");
  if (base != kNone && tree.ChildText(base, "path") == "Resource.id") return "id";
  if (!code.starts_with("http://hl7.org/fhirpath/")) return std::string(code);
  for (NodeIndex child : Children(tree, type))
    if (tree.name(child) == "extension" && tree.ChildText(child, "url") == kFhirType)
      return std::string(tree.ChildText(child, "valueUrl"));
  return "string";
}

std::uint32_t Number(std::string_view text) {
  std::uint32_t n = 0;
  if (text == "*") return spec::kUnbounded;
  std::from_chars(text.data(), text.data() + text.size(), n);
  return n;
}

bool IsXmlAttribute(const Tree& tree, NodeIndex element) {
  for (NodeIndex child : Children(tree, element))
    if (tree.name(child) == "representation" && tree[child].text == "xmlAttr") return true;
  return false;
}

std::string Capital(std::string text) {
  if (!text.empty() && text[0] >= 'a' && text[0] <= 'z') text[0] = static_cast<char>(text[0] - 'a' + 'A');
  return text;
}

}  // namespace

void ShapeBuilder::Add(const Tree& definition) {
  std::string name(definition.ChildText(kRoot, "type"));
  if (name.empty() || definition.ChildText(kRoot, "name") != name) return;
  if (type_numbers_.contains(name)) return;
  NodeIndex snapshot = definition.Child(kRoot, "snapshot");
  if (snapshot == kNone) return;
  auto number = static_cast<std::uint32_t>(types.size());
  type_numbers_[name] = number;
  TypeInfo type{name, std::string(definition.ChildText(kRoot, "url")), {}};
  auto kind = definition.ChildText(kRoot, "kind");
  type.resource = kind == "resource";
  type.primitive = kind == "primitive-type";
  type.abstract = definition.ChildText(kRoot, "abstract") == "true";
  if (auto base = definition.ChildText(kRoot, "baseDefinition"); !base.empty()) type.base = Tail(base);
  types.push_back(std::move(type));
  types[number].shape = ShapeOf(name, number);
  std::uint32_t order = 0;
  for (NodeIndex element : Children(definition, snapshot))
    if (definition.name(element) == "element") AddElement(definition, element, order++, number);
}

std::uint32_t ShapeBuilder::ShapeOf(const std::string& path, std::uint32_t type) {
  auto [it, fresh] = shape_numbers_.try_emplace(path, static_cast<std::uint32_t>(shapes.size()));
  if (fresh) shapes.push_back({path, type, {}});
  return it->second;
}

void ShapeBuilder::AddElement(const Tree& tree, NodeIndex element, std::uint32_t order, std::uint32_t type) {
  std::string path(tree.ChildText(element, "path"));
  auto dot = path.rfind('.');
  if (dot == path.npos) return;
  std::string parent = path.substr(0, dot), last = path.substr(dot + 1);
  // The value of a primitive is its node's text, not a child.
  if (types[type].primitive && last == "value") return;
  bool choice = last.ends_with("[x]");
  std::string stem = choice ? last.substr(0, last.size() - 3) : last;
  ShapeRow& shape = shapes[ShapeOf(parent, type)];
  ChildRow row;
  row.element_name = stem;
  row.order = order;
  row.min = Number(tree.ChildText(element, "min"));
  row.max = Number(tree.ChildText(element, "max"));
  row.choice = choice;
  row.xml_attribute = IsXmlAttribute(tree, element);
  if (auto reference = tree.ChildText(element, "contentReference"); !reference.empty()) {
    row.name = stem;
    row.type = "BackboneElement";
    row.content_of = reference.substr(reference.find('#') + 1);
    shape.children.push_back(std::move(row));
    return;
  }
  for (NodeIndex child : Children(tree, element)) {
    if (tree.name(child) != "type") continue;
    ChildRow one = row;
    one.type = TypeCode(tree, element, child);
    one.name = choice ? stem + Capital(one.type) : stem;
    one.form = static_cast<std::uint8_t>(FormOf(one.type));
    if (one.type == "BackboneElement" || one.type == "Element") one.backbone = path;
    shape.children.push_back(std::move(one));
    if (!choice) return;
  }
}

void ShapeBuilder::Finish() {
  auto number_of = [&](const std::string& path) {
    auto it = shape_numbers_.find(path);
    return it == shape_numbers_.end() ? 0u : it->second;
  };
  for (auto& shape : shapes)
    for (auto& child : shape.children) {
      if (!child.content_of.empty()) child.shape = number_of(child.content_of);
      if (!child.backbone.empty()) child.shape = number_of(child.backbone);
      if (child.shape == 0) child.shape = number_of(child.type);
    }
}

}  // namespace passerelle::packages
