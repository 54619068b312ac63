#pragma once
// Snapshots: the whole definition that a StructureDefinition's differential makes of its base (FHIR
// R4, 5.1.0.6).
//
// The base is walked element by element; what the differential says about each is merged in, and where it
// goes deeper than the base does, the walk goes on in the type or profile of the element. Definitions are
// found by canonical, and made on the way if they have no snapshot of their own. Not thread-safe; definitions
// handed out live as long.

#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <unordered_map>

#include "fhir_model/base/result.h"
#include "fhir_model/node/tree.h"

namespace passerelle::packages {

class Snapshots {
 public:
  // A StructureDefinition as published, or nothing.
  using Lookup = std::function<std::optional<node::Tree>(std::string_view canonical)>;

  explicit Snapshots(Lookup lookup);
  ~Snapshots();

  // The definition with a snapshot: its own, or one made now. SnapshotBaseMissing,
  // SnapshotBaseCircular, SnapshotRefused.
  Result<const node::Tree*> Get(std::string_view canonical);
  // `definition` with its snapshot made anew, whether it had one or not.
  Result<node::Tree> Make(const node::Tree& definition);

 private:
  struct Known;
  Result<node::Tree> MakeFrom(const node::Tree& definition, std::string_view base);
  Lookup lookup_;
  std::unordered_map<std::string, std::unique_ptr<Known>> known_;
};

}  // namespace passerelle::packages
