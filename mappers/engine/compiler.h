#pragma once
// Compiler: tables into a program. Every target is checked against the definitions, every name against the
// tables; what is wrong becomes an error with its file and line, and the rest is checked all the same.
// Private to this room.

#include <memory>
#include <optional>
#include <set>
#include <string>
#include <string_view>
#include <vector>

#include "mappers/engine/program.h"

namespace passerelle::engine {

class Compiler {
 public:
  Compiler(const std::vector<TableFile>& files, Program::Compiled& out, std::vector<Error>& errors)
      : files_(files), out_(out), errors_(errors) {}

  void Compile(Tables tables);

 private:
  // Where a row stands: the map it belongs to and the shape of the element in hand (0: none).
  struct Context {
    const Map* map = nullptr;
    spec::ShapeId shape = 0;
    std::uint32_t map_number = kNoNumber;
  };
  struct Target {
    TargetKind kind = TargetKind::Element;
    std::uint32_t slot = kNoNumber;
    std::vector<TargetStep> path;
    spec::ShapeId shape = 0;  // of the element that the target is; 0: none
    std::string_view type;    // "CodeableConcept"
    std::string url;          // of Kept
  };

  // compiler.cpp: names, code maps, conditions
  void Fail(const ErrorInfo& info, Spot spot, std::string what);
  void AddMaps(const std::vector<MapText>& maps);
  void AddEvents(const MapText& text, std::uint32_t number);
  void AddCodes(std::vector<CodesText> codes);
  void AddSystems(std::vector<SystemText> systems);
  void SortTemplates();
  std::vector<RowText> Expanded(const MapText& map, std::vector<std::size_t>& open);
  const MapText* FindIncluded(const RowText& row, const MapText& into);
  std::uint32_t ConditionOf(const std::string& text, Spot spot);
  std::uint32_t ExpressionOf(std::string_view text, Spot spot, spec::ShapeId shape);
  std::uint32_t SourceNumber(Source source);
  std::uint32_t SlotOf(std::string_view text, Spot spot);
  std::uint32_t SlotOf(spec::ShapeId shape, std::string_view label);
  std::optional<std::uint32_t> IdentityOf(const RowText& text, const Context& context);
  std::optional<IdentityPart> PartOf(const std::string& text, Spot spot, const Context& context);
  std::uint32_t KeyOf(std::string_view text);
  void CheckSlots();
  void CheckCycles();
  void FindCircle(std::uint32_t map, std::vector<std::uint8_t>& state);

  // compiler_rows.cpp
  std::vector<Row> RowsOf(const std::vector<RowText>& texts, const Context& context,
                          std::vector<std::uint32_t>& identities);
  std::optional<Row> RowOf(const RowText& text, const Context& context);
  std::optional<Row> BlockOf(const RowText& text, const Context& context);
  bool SetSource(const RowText& text, Row& row);
  bool SetConverter(const RowText& text, const Target& target, const Context& context, Row& row);
  bool SetDefault(const RowText& text, const Target& target, const Context& context, Row& row);
  bool SetBuiltIn(const RowText& text, const Target& target, const convert::NameInfo& info, Row& row);
  bool SetArgument(const RowText& text, const Target& target, const convert::NameInfo& info, Row& row);
  bool SetMap(const RowText& text, const Target& target, Row& row);
  bool SetMapForReference(const RowText& text, const Maps& named, Row& row);
  bool HasBestMap(const Source& source, const Context& context, spec::ShapeId shape,
                  std::uint32_t slot) const;
  void MarkChains(std::vector<Row>& rows, const std::vector<std::string_view>& sources) const;

  // compiler_targets.cpp
  std::optional<Target> TargetOf(const RowText& text, const Context& context);
  bool SetKept(std::string_view rest, const RowText& text, const Context& context, Target& target);
  bool AddSteps(std::string_view path, const RowText& text, Target& target);
  bool AddStep(std::string_view step, const RowText& text, Target& target);
  const spec::ChildInfo* FindChild(spec::ShapeId shape, std::string_view name, std::string_view bracket,
                                   bool& bracket_used) const;

  const std::vector<TableFile>& files_;
  Program::Compiled& out_;
  std::vector<Error>& errors_;
  std::vector<MapText> texts_;  // by number of map
  ByText<Maps> by_name_;
  ByText<std::uint32_t> codes_, keys_;
  std::set<std::uint32_t> made_;  // slots that some row makes
  std::vector<std::pair<std::uint32_t, Spot>> wanted_;
};

}  // namespace passerelle::engine
