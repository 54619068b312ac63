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
  // Empty rather than an exception when a damaged pack points beyond its strings.
  std::string_view TryRead(format::Text text) const {
    return text.offset <= strings_.size() ? strings_.substr(text.offset, text.size) : std::string_view();
  }
  template <class Record>
  std::span<const Record> Records(const format::Section& section) const {
    return {reinterpret_cast<const Record*>(bytes_.data() + section.offset), section.count};
  }
  const format::Header& header() const { return *reinterpret_cast<const format::Header*>(bytes_.data()); }
  std::span<const format::Type> types() const { return Records<format::Type>(header().types); }
  std::span<const format::Shape> shapes() const { return Records<format::Shape>(header().shapes); }
  std::string_view Body(const format::Resource& r) const { return Slice(header().bodies, r.offset, r.size); }
  std::string_view ProfileBytes(const format::Resource& r) const {
    return Slice(header().profiles, r.profile_offset, r.profile_size);
  }
  // All resources of that url, those of later packages first.
  std::span<const format::Resource> FindUrl(std::string_view url) const;

  const format::Type* FindType(std::string_view name_or_url) const;
  const ChildInfo* FindChild(ShapeId shape, node::NameId name) const;
  std::span<const ChildInfo> Children(ShapeId shape) const;
  ShapeId any_resource() const { return any_resource_; }

 private:
  Status Check() const;
  void Index();
  std::string_view Slice(const format::Section& section, std::uint64_t offset, std::uint64_t size) const;

  std::span<const std::byte> bytes_;
  std::string_view strings_;
  std::vector<ChildInfo> children_;
  std::vector<std::uint32_t> slots_;  // open addressing over (shape, name): index into children_ plus one
  std::unordered_map<std::string_view, std::uint32_t> types_;
  ShapeId any_resource_ = 0;
};

}  // namespace passerelle::spec
