#pragma once
// Library: everything that is known about FHIR, in layers: the mapped pack below, what a user adds on top
// (`--package`). What a later layer says wins.
//
// The base types' shapes come from the lowest layer alone. Layers are added before the library is shared; after
// that it may be used from any thread. What is returned lives as long as the library.

#include <memory>
#include <mutex>
#include <optional>
#include <string_view>
#include <unordered_map>
#include <vector>

#include "fhir_model/spec/profile.h"
#include "fhir_model/spec/spec.h"

namespace passerelle::spec {

// A conformance resource as it was published, without its narrative.
struct ResourceText {
  std::string_view type, url, version, id;
  std::string_view json;
};

class Library {
 public:
  explicit Library(Definitions base);
  void Add(Definitions layer);

  const Definitions& base() const { return layers_.front(); }

  // By canonical: "url|version", else what has the url. An empty type is any.
  std::optional<ResourceText> Find(std::string_view canonical, std::string_view type = {}) const;
  // Every resource of a type, the upper layers first; those that a newer one hides too.
  std::vector<ResourceText> All(std::string_view type) const;

  // The StructureDefinition of that canonical, with its snapshot; nullptr when there is none. Read at first use.
  const Profile* FindProfile(std::string_view canonical) const;
  // The definition of a base type: "Patient", "HumanName", "string".
  const Profile* FindType(std::string_view name) const;

 private:
  struct Found {
    const Pack* pack = nullptr;
    const void* record = nullptr;
  };
  Found Locate(std::string_view canonical, std::string_view type) const;

  std::vector<Definitions> layers_;  // the lowest first
  struct Profiles;
  std::shared_ptr<Profiles> profiles_;  // those read so far
};

}  // namespace passerelle::spec
