#pragma once
// Definitions: what the FHIR packages say, read from one memory-mapped pack that `passerelle definitions build`
// makes (docs/pack.md). Opening copies nothing but names; everything returned points into the pack, which must
// outlive it. Const functions are safe from any thread.
//
// This header is the part every room needs: the shape of the base types, as a walk. What only the validator and
// the package tools need (profiles, constraints, value sets) stands in the other headers of this room.

#include <cstddef>
#include <cstdint>
#include <memory>
#include <optional>
#include <span>
#include <string_view>
#include <vector>

#include "fhir_model/base/result.h"
#include "fhir_model/node/names.h"
#include "fhir_model/node/tree.h"

namespace passerelle::spec {

// A place in the base definitions that has children: a type ("Patient", "HumanName", also the primitives, whose
// children are id and extension) or a backbone element ("Patient.contact"). 0: not known.
using ShapeId = std::uint32_t;

inline constexpr std::uint32_t kUnbounded = 0xFFFF'FFFFu;

enum class JsonForm : std::uint8_t { Object, String, Number, Boolean, Xhtml };

// One way a child may be written. "value[x]" of Observation gives eleven: valueQuantity, valueString, ...
struct ChildInfo {
  node::NameId name;          // as in JSON and XML: "valueQuantity"
  node::NameId element_name;  // as in FHIRPath and the definitions: "value"
  ShapeId shape;              // where its own children stand; the any-resource shape for contained and entries
  std::string_view type;      // "Quantity", "code", "BackboneElement", "Resource"; System types as their R4 primitive
  std::uint32_t order;        // ascending in the order of the definitions, which XML must follow
  std::uint32_t min;
  std::uint32_t max;          // kUnbounded for *
  JsonForm form;
  bool choice;
  bool xml_attribute;         // id of elements, url of Extension
};

class Pack;  // the opened file, private to this room

class Definitions {
 public:
  // `pack` must stay mapped and unchanged while this and all copies of it live.
  static Result<Definitions> Open(std::span<const std::byte> pack);

  // By type name ("Patient", "HumanName", "string") or by its canonical.
  ShapeId FindShape(std::string_view type) const;
  ShapeId ShapeCount() const;  // shapes are the numbers below it
  std::string_view ShapeName(ShapeId shape) const;  // "Patient", "Patient.contact"
  bool IsResource(ShapeId shape) const;
  bool IsPrimitive(ShapeId shape) const;
  std::vector<std::string_view> ResourceTypes() const;  // those that instances can be of, in the order of the pack
  bool IsAnyResource(ShapeId shape) const;  // the content of Bundle.entry.resource and DomainResource.contained
  // True for the type itself and what it specialises: ("Patient", "DomainResource"), ("Age", "Quantity").
  bool IsA(std::string_view type, std::string_view ancestor) const;

  // nullptr when the shape has no such child. `name` as in JSON, without a leading underscore.
  const ChildInfo* FindChild(ShapeId shape, node::NameId name) const;
  // All children in the order of the definitions; choices once per type.
  std::span<const ChildInfo> Children(ShapeId shape) const;

  // Sets Node::shape from `from` downwards; where a nested resource starts, Node::resource says which shape goes on.
  // Unknown elements keep shape 0.
  void Type(node::Tree& tree, node::NodeIndex from, ShapeId shape) const;

  // Search parameters that name `resource_type` as a base, or one of its ancestors.
  struct SearchParameter {
    std::string_view code;        // "identifier"
    std::string_view type;        // "token", "reference", "date", ...
    std::string_view expression;  // FHIRPath, as published
    std::string_view url;
  };
  std::vector<SearchParameter> SearchParameters(std::string_view resource_type) const;
  // The codes by which `resource_type` belongs to the patient's compartment ("subject", "patient", ...).
  std::vector<std::string_view> PatientCompartment(std::string_view resource_type) const;

  // Every name in the pack, once: packages it was made from, as "hl7.fhir.r4.core#4.0.1".
  std::vector<std::string_view> Packages() const;

  const Pack& pack() const { return *pack_; }

 private:
  std::shared_ptr<const Pack> pack_;
};

}  // namespace passerelle::spec
