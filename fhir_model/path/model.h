#pragma once
// Model: what FHIRPath wants to know of the definitions beside their shapes: which nodes are which System
// values, and under which names a choice is written. Made once per pack and shared; read-only, safe from any
// thread.

#include <memory>
#include <span>
#include <string_view>
#include <unordered_map>
#include <vector>

#include "fhir_model/path/path.h"

namespace passerelle::path {

class Model {
 public:
  static std::shared_ptr<const Model> Of(const spec::Definitions& definitions);

  const spec::Definitions& definitions() const { return definitions_; }
  // Integer for positiveInt, Date for date, Quantity for Age, String for code; None for what has no value.
  ItemKind ValueKind(spec::ShapeId shape) const {
    return shape < kinds_.size() ? kinds_[shape] : ItemKind::None;
  }
  // "value" -> valueQuantity, valueString, ... of any type; sorted.
  std::span<const node::NameId> Choices(node::NameId element_name) const;
  bool IsType(std::string_view name) const { return definitions_.FindShape(name) != 0; }

 private:
  explicit Model(const spec::Definitions& definitions);

  spec::Definitions definitions_;
  std::vector<ItemKind> kinds_;
  std::unordered_map<node::NameId, std::vector<node::NameId>> choices_;
};

// The data types that may end the name of a choice: "Quantity" of "valueQuantity". For trees without
// definitions.
bool IsChoiceSuffix(std::string_view suffix);

}  // namespace passerelle::path
