#include "fhir_model/spec/library.h"

#include <string>
#include <type_traits>

#include "fhir_model/spec/pack.h"
#include "fhir_model/spec/profile_format.h"

namespace passerelle::spec {
namespace {

// Reads what profiles/packages/profile_writer.cpp wrote; a damaged pack makes it fail, nothing else.
class Decoder {
 public:
  static constexpr bool kReading = true;
  Decoder(const Pack& pack, std::string_view bytes) : pack_(pack), bytes_(bytes) {}

  void operator()(std::string_view& text) {
    format::Text place;
    place.size = Number();
    if (place.size == 0) return;
    place.offset = Number();
    text = pack_.TryRead(place);
    failed_ |= text.empty();
  }
  template <class T>
    requires std::is_integral_v<T> || std::is_enum_v<T>
  void operator()(T& value) {
    value = static_cast<T>(Number());
  }
  // No list can be longer than the bytes that are left to fill it.
  std::size_t Bounded(std::size_t count) {
    failed_ |= count > bytes_.size();
    return failed_ ? 0 : count;
  }
  bool failed() const { return failed_; }

 private:
  std::uint32_t Number() {
    std::uint32_t value = 0;
    for (int shift = 0; shift < 35; shift += 7) {
      if (bytes_.empty()) break;
      auto byte = static_cast<std::uint8_t>(bytes_.front());
      bytes_.remove_prefix(1);
      value |= static_cast<std::uint32_t>(byte & 0x7F) << shift;
      if (byte < 0x80) return value - 1;
    }
    failed_ = true;
    return 0;
  }

  const Pack& pack_;
  std::string_view bytes_;
  bool failed_ = false;
};

ResourceText TextOf(const Pack& pack, const format::Resource& record) {
  return {pack.TryRead(record.type), pack.TryRead(record.url), pack.TryRead(record.version),
          pack.TryRead(record.id), pack.Body(record)};
}

}  // namespace

struct Library::Profiles {
  std::mutex mutex;
  std::unordered_map<const void*, std::unique_ptr<const Profile>> read;  // by the record in its pack
};

Library::Library(Definitions base) : profiles_(std::make_shared<Profiles>()) {
  layers_.push_back(std::move(base));
}

void Library::Add(Definitions layer) { layers_.push_back(std::move(layer)); }

Library::Found Library::Locate(std::string_view canonical, std::string_view type) const {
  auto bar = canonical.find('|');
  std::string_view url = canonical.substr(0, bar);
  std::string_view version = bar == canonical.npos ? "" : canonical.substr(bar + 1);
  Found fallback;
  for (auto layer = layers_.rbegin(); layer != layers_.rend(); ++layer) {
    const Pack& pack = layer->pack();
    for (const auto& record : pack.FindUrl(url)) {
      if (!type.empty() && pack.TryRead(record.type) != type) continue;
      if (version.empty() || pack.TryRead(record.version) == version) return {&pack, &record};
      if (fallback.pack == nullptr) fallback = {&pack, &record};
    }
  }
  return fallback;
}

std::optional<ResourceText> Library::Find(std::string_view canonical, std::string_view type) const {
  Found found = Locate(canonical, type);
  if (found.pack == nullptr) return std::nullopt;
  return TextOf(*found.pack, *static_cast<const format::Resource*>(found.record));
}

std::vector<ResourceText> Library::All(std::string_view type) const {
  std::vector<ResourceText> all;
  for (auto layer = layers_.rbegin(); layer != layers_.rend(); ++layer) {
    const Pack& pack = layer->pack();
    for (const auto& record : pack.Records<format::Resource>(pack.header().resources))
      if (pack.TryRead(record.type) == type) all.push_back(TextOf(pack, record));
  }
  return all;
}

const Profile* Library::FindProfile(std::string_view canonical) const {
  Found found = Locate(canonical, "StructureDefinition");
  if (found.pack == nullptr) return nullptr;
  const auto& record = *static_cast<const format::Resource*>(found.record);
  if (record.profile_size == 0) return nullptr;
  std::lock_guard lock(profiles_->mutex);
  auto [it, fresh] = profiles_->read.try_emplace(found.record);
  if (fresh) {
    auto profile = std::make_unique<Profile>();
    Decoder decoder(*found.pack, found.pack->ProfileBytes(record));
    format::Members(decoder, *profile);
    if (!decoder.failed()) {
      Connect(*profile);
      it->second = std::move(profile);
    }
  }
  return it->second.get();
}

const Profile* Library::FindType(std::string_view name) const {
  return FindProfile("http://hl7.org/fhir/StructureDefinition/" + std::string(name));
}

}  // namespace passerelle::spec
