#pragma once
// Program: compiled mapping tables, immutable. Rows name each other, codes and conditions by number. Private
// to this room.

#include <cstdint>
#include <memory>
#include <string>
#include <string_view>
#include <unordered_map>
#include <vector>

#include "fhir_model/spec/spec.h"
#include "mappers/convert/convert.h"
#include "mappers/engine/condition.h"
#include "mappers/engine/engine.h"
#include "mappers/engine/probe.h"
#include "mappers/engine/required.h"
#include "mappers/engine/source.h"
#include "mappers/engine/table.h"

namespace passerelle::engine {

inline constexpr std::uint32_t kNoNumber = 0xFFFF'FFFFu;

// A resource as rows name it: type and label ("Provenance:source").
struct Slot {
  spec::ShapeId shape = 0;
  node::NameId type = 0;
  std::string label;
};

struct TargetStep {
  // First: the one that is there, whichever run of a map made it
  enum Mode : std::uint8_t { Shared, First, Each, Extension, EachExtension };
  const spec::ChildInfo* child = nullptr;
  Mode mode = Shared;
  std::uint32_t key = 0;  // of Shared: 0 without brackets, else the number of the key's text
  std::string url;        // of extensions
};

enum class TargetKind : std::uint8_t {
  Element,   // path from the element in hand; an empty path is that element itself
  Resource,  // a new one, then the path
  Nearest,   // the nearest of the slot, made if need be, then the path
  Best,      // *
  Kept,      // an extension of the resource around, for what no row has used
  Drop,
  Block  // when EXPR: only the rows below
};

struct Row;

// Rows that run one after the other on the same node. Their probes stand close together: a row is touched
// only when it may have something to do.
class Rows {
 public:
  Rows() = default;
  Rows(std::vector<Row> rows, const Program::Compiled& program);
  const Row& operator[](std::size_t i) const;
  bool empty() const { return rows_.empty(); }
  const std::vector<Probe>& probes() const { return probes_; }
  auto begin() const { return rows_.begin(); }
  auto end() const { return rows_.end(); }

 private:
  std::vector<Row> rows_;
  std::vector<Probe> probes_;
};

using Maps = std::vector<std::uint32_t>;  // numbers of maps, in the order they are tried

// What every row is asked stands first, close together.
struct Row {
  TargetKind target = TargetKind::Element;
  convert::Name converter = convert::Name::None;
  convert::Form form = convert::Form::Any;  // of a text's target
  bool reads_text = false;  // text converter named by the row: all the text of an element
  bool calls_map = false;
  bool best_map = false;  // the map is the best one for the node, of those with this target shape
  bool is_else = false;
  bool chained = false;       // an else row follows, or this is one
  bool else_by_node = false;  // an else row of the same source: for the nodes that the others did not take
  std::uint32_t condition = kNoNumber;
  std::uint32_t number = 0;  // in Compiled::spots
  Source source;
  std::vector<TargetStep> path;
  Rows below;
  std::uint32_t slot = kNoNumber;       // of Resource and Nearest; of `reference`
  std::uint32_t codes = kNoNumber;      // code map
  std::uint32_t reference = kNoNumber;  // slot of `reference`
  std::uint32_t source_expression = kNoNumber;
  Maps maps;
  spec::ShapeId map_target = 0;           // shape that a best map must have
  std::string text;                       // argument of coding, join, prefix, after, before, drop
  std::string url;                        // of Kept: how the extension's begins
  std::vector<std::uint32_t> identities;  // of rows that make a resource without a map
};

inline const Row& Rows::operator[](std::size_t i) const { return rows_[i]; }

struct IdentityPart {
  enum Kind : std::uint8_t { Element, Resource, Constant, Path };
  Kind kind = Element;
  node::NameId element = 0;
  std::uint32_t slot = kNoNumber;
  std::string text;
  std::uint32_t expression = kNoNumber;  // on the resource
};

struct Identity {
  std::vector<IdentityPart> parts;
  std::uint32_t condition = kNoNumber;
  std::uint32_t number = 0;
};

struct Map {
  MapKind kind = MapKind::Segment;
  std::string name;
  spec::ShapeId shape = 0;
  bool makes_resource = false;
  std::uint32_t slot = kNoNumber;  // of the resource it makes
  std::uint32_t condition = kNoNumber;
  Spot spot;
  Rows rows;
  std::vector<std::uint32_t> identities;

  // Whether it gives that shape and, where a slot with a label is asked for, a resource of no other label.
  bool Makes(spec::ShapeId wanted, std::uint32_t wanted_slot, const Program::Compiled& program) const;
};

struct CodeLine {
  std::string system;  // limited to, as a URI; empty: any
  std::string code, display, target_system;
  bool same = false;        // `=`: the code itself
  bool is_default = false;  // the line of "*"
  bool LeftToOthers() const { return code.empty(); }  // `* ->`: another row takes it, or nothing is to be said
};

struct StringHash {
  using is_transparent = void;
  std::size_t operator()(std::string_view text) const { return std::hash<std::string_view>()(text); }
};
template <class T>
using ByText = std::unordered_map<std::string, T, StringHash, std::equal_to<>>;

// Lines by code; `otherwise` is the line of "*".
struct CodeMap {
  std::string name, system;
  std::string table;  // the system of the codes it maps, where its name is that of a table
  ByText<std::vector<CodeLine>> lines;
  std::vector<CodeLine> otherwise;
};

// The `systems` tables.
class SystemTable final : public convert::Systems {
 public:
  std::string_view Find(std::string_view key) const override;
  void Set(std::string from, std::string to) { systems_[std::move(from)] = std::move(to); }
  bool Has(std::string_view key) const { return systems_.find(key) != systems_.end(); }

 private:
  ByText<std::string> systems_;
};

// A row of `everywhere`: what a leaf's names upwards must be.
struct Program::Compiled {
  const spec::Definitions definitions;
  std::vector<std::string> files;
  std::vector<Spot> spots;  // by row number
  std::vector<Map> maps;
  std::vector<Identity> identities;
  std::vector<Slot> slots;
  std::vector<CodeMap> codes;
  std::vector<Condition> conditions;
  std::vector<path::Expression> expressions;
  std::vector<Source> externals;  // names in expressions and conditions
  SystemTable systems;
  std::vector<Row> everywhere;
  std::unordered_map<node::NameId, std::vector<std::uint32_t>> everywhere_drops;  // by the last step's name
  bool everywhere_drops_only = true, everywhere_keeps = false;
  ByText<std::uint32_t> events;  // "ADT^A01": its message map
  ByText<Maps> templates;        // by templateId, in the order they are tried
  std::unordered_map<node::NameId, Maps> elements;
  Maps documents;  // maps of ClinicalDocument
  std::vector<std::string> precedence;
  std::vector<node::NameId> apart;  // groups that stand for themselves (finder.h)
  std::unordered_map<std::uint32_t, std::string> reasons;  // of drop rows, by number
  std::string digest;

  Required required;

  explicit Compiled(const spec::Definitions& d) : definitions(d), required(d) {}
  // "v2/segments/PID.map:12"
  std::string RowName(std::uint32_t number) const;
};

inline bool Map::Makes(spec::ShapeId wanted, std::uint32_t wanted_slot,
                       const Program::Compiled& program) const {
  if (shape != wanted) return false;
  if (wanted_slot == kNoNumber || slot == kNoNumber || slot == wanted_slot) return true;
  return program.slots[slot].label.empty();
}

}  // namespace passerelle::engine
