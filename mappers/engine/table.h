#pragma once
// Table: a mapping table as it was written: maps, rows, code maps and systems, each with its line. The
// grammar is docs/mapping.md; names are not looked up and targets not checked here. Private to this room.

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "fhir_model/base/error.h"
#include "mappers/engine/engine.h"

namespace passerelle::engine {

struct Spot {
  std::uint32_t file = 0;  // index in the files of the program
  std::uint32_t line = 0;
};

enum class RowKind : std::uint8_t { Row, When, Identity, Include, Remove };

struct RowText {
  RowKind kind = RowKind::Row;
  Spot spot;
  std::string id;
  std::string source, target;
  std::string converter, argument;
  bool is_else = false;
  std::string when;                // condition; of a When row its own
  std::vector<std::string> parts;  // of Identity; the name of Include
  std::vector<RowText> below;

  // Rows of one group are replaced together by a later layer.
  std::string Group() const;
  bool SameGroup(const RowText& other) const;
};

enum class MapKind : std::uint8_t { Message, Segment, Datatype, Element, Template, Fragment };
std::string_view MapWord(MapKind kind);

struct MapText {
  MapKind kind = MapKind::Segment;
  std::vector<std::string> names;  // more than one for templates; with ":label"
  std::string target;              // empty for messages
  std::vector<std::string> events;
  std::string when;
  Spot spot;
  int layer = 0;
  std::vector<RowText> rows;
};

struct CodeText {
  std::string system, code;  // system: OID or URI the line is limited to, else empty
  std::string target, display, target_system;
  Spot spot;
};

struct CodesText {
  std::string name, system;
  std::vector<CodeText> lines;
  Spot spot;
};

struct SystemText {
  std::string from, to;
  Spot spot;
};

// `condition visit = EXPR`: what "%visit" stands for in conditions.
struct ConditionText {
  std::string name, text;
};

// What one file, or all files after layering, say.
struct Tables {
  std::vector<MapText> maps;
  std::vector<RowText> everywhere;
  std::vector<CodesText> codes;
  std::vector<SystemText> systems;
  std::vector<std::string> precedence;
  std::vector<std::string> apart;  // groups
  std::vector<ConditionText> conditions;  // once laid, the maps have them written out
};

// "file:line: what", as an Error whose place is the file and line.
Error TableError(const ErrorInfo& info, const std::vector<TableFile>& files, Spot spot, std::string what);

// Reads file number `file` of `files`. What cannot be read is in `errors`, the rest in the tables.
Tables ReadTable(const std::vector<TableFile>& files, std::uint32_t file, std::vector<Error>& errors);

// Lays the tables of all files over each other by their layers (docs/mapping.md, Layers).
Tables LayTables(const std::vector<TableFile>& files, std::vector<Tables> tables, std::vector<Error>& errors);

}  // namespace passerelle::engine
