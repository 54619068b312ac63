#pragma once
// ShapeRules: what the base specification asks of one place with children ("Patient", "Patient.contact",
// "HumanName"), in the form in which the structure is walked: one probe for each child, required and single
// elements as bits.
//
// Made at first use, never changed afterwards, read from any thread.

#include <atomic>
#include <bit>
#include <cstdint>
#include <memory>
#include <mutex>
#include <vector>

#include "fhir_model/spec/library.h"
#include "profiles/validator/checks.h"
#include "profiles/validator/primitives.h"

namespace passerelle::validator {

class Run;
using TypeCheck = void (*)(Run& run, node::NodeIndex at);
// types.cpp: the rules that hold for every value of a type; nullptr when there are none.
TypeCheck TypeCheckOf(std::string_view type);

struct ChildRules {
  node::NameId name = 0;
  spec::ShapeId shape = 0;
  std::uint8_t group = 0;  // index into ShapeRules::groups
  Primitive primitive = Primitive::None;
  spec::JsonForm form = spec::JsonForm::Object;
  bool list = false;  // JSON writes it as an array
  bool any_resource = false;
  bool xml_attribute = false;
  std::string_view type;
  TypeCheck type_check = nullptr;         // the rules of its type
  const ElementChecks* checks = nullptr;  // nullptr: nothing beyond the structure
};

struct GroupRules {
  std::string_view path;  // "Patient.contact", "Observation.value[x]"
  std::uint32_t min = 0, max = 0;
};

struct ShapeRules {
  std::string_view name;
  std::vector<ChildRules> children;
  std::vector<GroupRules> groups;
  std::uint64_t required = 0, single = 0;  // bits of groups
  const ElementChecks* own = nullptr;      // of a type's root: its invariants
  std::vector<std::unique_ptr<ElementChecks>> owned;

  const ChildRules* Find(node::NameId id) const {
    for (std::size_t slot = id & mask_;; slot = (slot + 1) & mask_) {
      std::uint16_t number = slots_[slot];
      if (number == 0) return nullptr;
      if (children[number - 1u].name == id) return &children[number - 1u];
    }
  }
  void Index();

 private:
  std::vector<std::uint16_t> slots_;  // open addressing: index into children plus one
  std::size_t mask_ = 0;
};

class ShapeRulesTable {
 public:
  explicit ShapeRulesTable(const spec::Library& library, CheckMaker& maker);

  // nullptr for shape 0 and shapes without children.
  const ShapeRules* Of(spec::ShapeId shape) const {
    if (shape == 0 || shape >= count_) return nullptr;
    const ShapeRules* rules = table_[shape].load(std::memory_order_acquire);
    return rules != nullptr ? rules : Make(shape);
  }

 private:
  const ShapeRules* Make(spec::ShapeId shape) const;

  const spec::Library& library_;
  CheckMaker& maker_;
  std::size_t count_ = 0;
  std::unique_ptr<std::atomic<const ShapeRules*>[]> table_;
  mutable std::mutex mutex_;
  mutable std::vector<std::unique_ptr<const ShapeRules>> made_;
};

}  // namespace passerelle::validator
