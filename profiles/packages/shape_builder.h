#pragma once
// Shapes out of the snapshots of the base types: which children stand where, choices written out once per type.

#include <cstdint>
#include <map>
#include <string>
#include <string_view>
#include <vector>

#include "fhir_model/node/tree.h"

namespace passerelle::packages {

struct TypeInfo {
  std::string name, url, base;
  bool resource = false, primitive = false, abstract = false;
  std::uint32_t shape = 0;
};

struct ChildRow {
  std::string name, element_name, type;
  std::string content_of;  // path whose shape it has (contentReference), else empty
  std::string backbone;    // its own path when its children are written in place, else empty
  std::uint32_t order = 0, min = 0, max = 0, shape = 0;
  std::uint8_t form = 0;
  bool choice = false, xml_attribute = false;
};

struct ShapeRow {
  std::string name;  // "Patient", "Patient.contact"
  std::uint32_t type = 0;
  std::vector<ChildRow> children;
};

class ShapeBuilder {
 public:
  // A StructureDefinition of a base type; the second of the same name is passed over.
  void Add(const node::Tree& definition);
  // Resolves types and content references to numbers. Shape 0 is nobody.
  void Finish();

  std::vector<TypeInfo> types;
  std::vector<ShapeRow> shapes{ShapeRow{}};

 private:
  void AddElement(const node::Tree& tree, node::NodeIndex element, std::uint32_t order, std::uint32_t type);
  std::uint32_t ShapeOf(const std::string& path, std::uint32_t type);

  std::map<std::string, std::uint32_t, std::less<>> type_numbers_, shape_numbers_;
};

}  // namespace passerelle::packages
