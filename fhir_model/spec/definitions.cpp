#include <algorithm>

#include "fhir_model/spec/pack.h"

namespace passerelle::spec {

Result<Definitions> Definitions::Open(std::span<const std::byte> bytes) {
  TRY(auto pack, Pack::Open(bytes));
  Definitions definitions;
  definitions.pack_ = std::move(pack);
  return definitions;
}

ShapeId Definitions::FindShape(std::string_view type) const {
  const auto* found = pack_->FindType(type);
  if (found != nullptr) return found->shape;
  if (type.find('.') == type.npos) return 0;
  auto shapes = pack_->shapes();
  for (ShapeId i = 0; i < shapes.size(); ++i)
    if (pack_->Read(shapes[i].name) == type) return i;
  return 0;
}

ShapeId Definitions::ShapeCount() const { return static_cast<ShapeId>(pack_->shapes().size()); }

std::string_view Definitions::ShapeName(ShapeId shape) const {
  return shape < pack_->shapes().size() ? pack_->Read(pack_->shapes()[shape].name) : std::string_view();
}

bool Definitions::IsResource(ShapeId shape) const {
  return shape < pack_->shapes().size() && (pack_->shapes()[shape].flags & format::kTypeResource) != 0;
}

bool Definitions::IsPrimitive(ShapeId shape) const {
  return shape < pack_->shapes().size() && (pack_->shapes()[shape].flags & format::kTypePrimitive) != 0;
}

std::vector<std::string_view> Definitions::ResourceTypes() const {
  std::vector<std::string_view> found;
  for (const auto& type : pack_->Records<format::Type>(pack_->header().types))
    if ((type.flags & format::kTypeResource) != 0 && (type.flags & format::kTypeAbstract) == 0)
      found.push_back(pack_->Read(type.name));
  return found;
}

bool Definitions::IsAnyResource(ShapeId shape) const { return shape != 0 && shape == pack_->any_resource(); }

bool Definitions::IsA(std::string_view type, std::string_view ancestor) const {
  for (int depth = 0; depth < 16; ++depth) {  // a damaged pack may hold a circle
    if (type == ancestor) return true;
    const auto* found = pack_->FindType(type);
    if (found == nullptr || found->base.size == 0) return false;
    type = pack_->Read(found->base);
  }
  return false;
}

const ChildInfo* Definitions::FindChild(ShapeId shape, node::NameId name) const {
  return pack_->FindChild(shape, name);
}

std::span<const ChildInfo> Definitions::Children(ShapeId shape) const { return pack_->Children(shape); }

void Definitions::Type(node::Tree& tree, node::NodeIndex from, ShapeId shape) const {
  tree[from].shape = shape;
  node::NodeIndex at = from;
  while (true) {
    ShapeId here = tree[at].shape;
    if (tree[at].resource != 0 && (IsAnyResource(here) || here == 0))
      here = tree[at].shape = FindShape(tree.NameText(tree[at].resource));
    for (node::NodeIndex child = tree[at].first; child != node::kNone; child = tree[child].next) {
      const ChildInfo* info = here == 0 ? nullptr : pack_->FindChild(here, tree[child].name);
      tree[child].shape = info == nullptr ? 0 : info->shape;
    }
    if (tree[at].first != node::kNone) {
      at = tree[at].first;
      continue;
    }
    while (at != from && tree[at].next == node::kNone) at = tree[at].parent;
    if (at == from) return;
    at = tree[at].next;
  }
}

std::vector<Definitions::SearchParameter> Definitions::SearchParameters(std::string_view resource_type) const {
  std::vector<SearchParameter> found;
  for (const auto& record : pack_->Records<format::SearchParameter>(pack_->header().search)) {
    if (!IsA(resource_type, pack_->Read(record.base))) continue;
    found.push_back({pack_->Read(record.code), pack_->Read(record.type), pack_->Read(record.expression),
                     pack_->Read(record.url)});
  }
  return found;
}

std::vector<std::string_view> Definitions::PatientCompartment(std::string_view resource_type) const {
  std::vector<std::string_view> found;
  for (const auto& record : pack_->Records<format::Membership>(pack_->header().compartment))
    if (pack_->Read(record.resource_type) == resource_type) found.push_back(pack_->Read(record.parameter));
  return found;
}

std::vector<std::string_view> Definitions::Packages() const {
  std::vector<std::string_view> found;
  for (const auto& text : pack_->Records<format::Text>(pack_->header().packages)) found.push_back(pack_->Read(text));
  return found;
}

}  // namespace passerelle::spec
