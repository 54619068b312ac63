#pragma once
// Pack: the opened file with what is looked up often put into hash tables. Private to this room.

#include <unordered_map>

#include "fhir_model/spec/pack_format.h"
#include "fhir_model/spec/spec.h"

namespace passerelle::spec {

class Pack {
 public:
  static Result<std::shared_ptr<const Pack>> Open(std::span<const std::byte> bytes);

  std::string_view Read(format::Text text) const { return strings_.substr(text.offset, text.size); }
  template <class Record>
  std::span<const Record> Records(const format::Section& section) const {
    return {reinterpret_cast<const Record*>(bytes_.data() + section.offset), section.count};
  }
  const format::Header& header() const { return *reinterpret_cast<const format::Header*>(bytes_.data()); }
  std::span<const format::Type> types() const { return Records<format::Type>(header().types); }
  std::span<const format::Shape> shapes() const { return Records<format::Shape>(header().shapes); }
  std::string_view Body(const format::Resource& resource) const {
    auto all = Records<char>(header().bodies);
    return {all.data() + resource.offset, resource.size};
  }

  const format::Type* FindType(std::string_view name_or_url) const;
  const ChildInfo* FindChild(ShapeId shape, node::NameId name) const;
  std::span<const ChildInfo> Children(ShapeId shape) const;
  ShapeId any_resource() const { return any_resource_; }

 private:
  Status Check() const;
  void Index();

  std::span<const std::byte> bytes_;
  std::string_view strings_;
  std::vector<ChildInfo> children_;
  std::vector<std::uint32_t> slots_;  // open addressing over (shape, name): index into children_ plus one
  std::unordered_map<std::string_view, std::uint32_t> types_;
  ShapeId any_resource_ = 0;
};

}  // namespace passerelle::spec
