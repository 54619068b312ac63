#include "fhir_model/spec/pack.h"

#include <bit>
#include <cstring>

#include "fhir_model/spec/errors.h"

namespace passerelle::spec {
namespace {

std::size_t HashOf(ShapeId shape, node::NameId name) {
  std::uint64_t key = (static_cast<std::uint64_t>(shape) << 32 | name) * 0x9E3779B97F4A7C15u;
  return static_cast<std::size_t>(key >> 32);
}

bool Fits(const format::Section& section, std::size_t record, std::size_t file) {
  return section.offset % 8 == 0 && section.offset <= file && section.count <= (file - section.offset) / record;
}

}  // namespace

Result<std::shared_ptr<const Pack>> Pack::Open(std::span<const std::byte> bytes) {
  auto pack = std::make_shared<Pack>();
  pack->bytes_ = bytes;
  CHECK_OK(pack->Check());
  auto strings = pack->Records<char>(pack->header().strings);
  pack->strings_ = {strings.data(), strings.size()};
  pack->Index();
  return std::shared_ptr<const Pack>(std::move(pack));
}

Status Pack::Check() const {
  Error damaged{errors::PackMalformed};
  if (bytes_.size() < sizeof(format::Header) || reinterpret_cast<std::uintptr_t>(bytes_.data()) % 8 != 0)
    return damaged;
  const auto& h = header();
  if (std::memcmp(h.magic, format::kMagic, sizeof h.magic) != 0 || h.version != format::kVersion ||
      h.file_bytes != bytes_.size())
    return damaged;
  bool fits = Fits(h.strings, 1, bytes_.size()) && Fits(h.names, sizeof(format::Text), bytes_.size()) &&
              Fits(h.packages, sizeof(format::Text), bytes_.size()) &&
              Fits(h.types, sizeof(format::Type), bytes_.size()) &&
              Fits(h.shapes, sizeof(format::Shape), bytes_.size()) &&
              Fits(h.children, sizeof(format::Child), bytes_.size()) &&
              Fits(h.search, sizeof(format::SearchParameter), bytes_.size()) &&
              Fits(h.compartment, sizeof(format::Membership), bytes_.size()) &&
              Fits(h.resources, sizeof(format::Resource), bytes_.size()) && Fits(h.bodies, 1, bytes_.size()) &&
              Fits(h.slots, sizeof(std::uint32_t), bytes_.size()) && Fits(h.profiles, 1, bytes_.size()) &&
              (h.slots.count == 0 || std::has_single_bit(h.slots.count));
  if (!fits) return damaged;
  // What is indexed at opening must point inside; the strings' own bounds are checked by string_view::substr.
  for (const auto& shape : shapes())
    if (shape.first > h.children.count || shape.count > h.children.count - shape.first) return damaged;
  for (const auto& child : Records<format::Child>(h.children))
    if (child.name >= h.names.count || child.element_name >= h.names.count || child.shape >= h.shapes.count ||
        child.form > static_cast<std::uint8_t>(JsonForm::Xhtml))
      return damaged;
  for (const auto& text : Records<format::Text>(h.names))
    if (text.offset > h.strings.count || text.size > h.strings.count - text.offset) return damaged;
  return Ok();
}

void Pack::Index() {
  std::vector<node::NameId> names;
  for (const auto& text : Records<format::Text>(header().names)) names.push_back(node::Intern(Read(text)));
  auto records = Records<format::Child>(header().children);
  children_.reserve(records.size());
  for (const auto& r : records)
    children_.push_back({names[r.name], names[r.element_name], r.shape, Read(r.type), r.order, r.min, r.max,
                         static_cast<JsonForm>(r.form), r.choice != 0, r.xml_attribute != 0});
  slots_.assign(std::bit_ceil(children_.size() * 2 + 1), 0);
  auto all = shapes();
  for (ShapeId shape = 0; shape < all.size(); ++shape)
    for (std::uint32_t i = all[shape].first; i < all[shape].first + all[shape].count; ++i) {
      std::size_t slot = HashOf(shape, children_[i].name) & (slots_.size() - 1);
      while (slots_[slot] != 0) slot = (slot + 1) & (slots_.size() - 1);
      slots_[slot] = i + 1;
    }
  auto type_records = types();
  for (std::uint32_t i = 0; i < type_records.size(); ++i) {
    node::Intern(Read(type_records[i].name));  // so that a tree read from now on has it as whoever asks later
    types_.emplace(Read(type_records[i].name), i);
    types_.emplace(Read(type_records[i].url), i);
  }
  if (const auto* resource = FindType("Resource")) any_resource_ = resource->shape;
}

const format::Type* Pack::FindType(std::string_view name_or_url) const {
  auto it = types_.find(name_or_url);
  return it == types_.end() ? nullptr : &types()[it->second];
}

std::span<const ChildInfo> Pack::Children(ShapeId shape) const {
  if (shape >= shapes().size()) return {};
  return std::span(children_).subspan(shapes()[shape].first, shapes()[shape].count);
}

const ChildInfo* Pack::FindChild(ShapeId shape, node::NameId name) const {
  if (shape >= shapes().size()) return nullptr;
  auto first = shapes()[shape].first, last = first + shapes()[shape].count;
  for (std::size_t slot = HashOf(shape, name) & (slots_.size() - 1); slots_[slot] != 0;
       slot = (slot + 1) & (slots_.size() - 1)) {
    std::uint32_t i = slots_[slot] - 1;
    if (i >= first && i < last && children_[i].name == name) return &children_[i];
  }
  return nullptr;
}

// A damaged pack gives empty text rather than somebody else's memory.
std::string_view Pack::Slice(const format::Section& section, std::uint64_t offset, std::uint64_t size) const {
  if (offset > section.count || size > section.count - offset) return {};
  return {reinterpret_cast<const char*>(bytes_.data() + section.offset + offset), static_cast<std::size_t>(size)};
}

std::span<const format::Resource> Pack::FindUrl(std::string_view url) const {
  auto slots = Records<std::uint32_t>(header().slots);
  auto all = Records<format::Resource>(header().resources);
  if (slots.empty() || url.empty()) return {};
  std::size_t mask = slots.size() - 1, slot = format::UrlHash(url) & mask;
  for (std::size_t tries = 0; tries <= mask && slots[slot] != 0; ++tries, slot = (slot + 1) & mask) {
    std::size_t first = slots[slot] - 1, last = first;
    while (last < all.size() && TryRead(all[last].url) == url) ++last;
    if (last > first) return all.subspan(first, last - first);
  }
  return {};
}

}  // namespace passerelle::spec
