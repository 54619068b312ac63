#pragma once
// Source: the left side of a row, read: where to look from the node in hand. Private to this room.

#include <array>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "fhir_model/node/names.h"

namespace passerelle::engine {

enum class SourceKind : std::uint8_t {
  Self,        // .
  Constant,    // "active"
  Expression,  // {EXPR}
  Components,  // CX.4.2: by position below the node in hand
  Fields,      // PID-3.4: of the segment in hand, else of the nearest of that name
  Steps,       // assignedAuthor.id.@root: children by name
  Nearest,     // (PID), (section).code
  Segments     // PATIENT.PID, ORDER/NTE: segments below the root, or in the group of the node in hand
};

struct Filter {
  enum Kind : std::uint8_t { Attribute, HasAttribute, NoAttribute, Template, Number };
  Kind kind;
  node::NameId name = 0;  // of the attribute, with its @
  std::string value;
  std::uint32_t number = 0;
};

struct Step {
  node::NameId name = 0;
  std::vector<Filter> filters;
};

// A field, a component and a sub-component at most, in place: sources are read far more often than made.
class Positions {
 public:
  bool Add(std::uint16_t position) {
    if (size_ == at_.size()) return false;
    at_[size_++] = position;
    return true;
  }
  std::size_t size() const { return size_; }
  std::uint16_t operator[](std::size_t i) const { return at_[i]; }

 private:
  std::array<std::uint16_t, 3> at_{};
  std::uint8_t size_ = 0;
};

struct Source {
  SourceKind kind = SourceKind::Self;
  Positions positions;                   // Components; Fields: the field first
  node::NameId origin = 0;               // Fields: the segment; Nearest: what is looked for
  std::uint32_t repetition = 0;          // PID-5[1]
  std::vector<Step> steps;               // Steps; Nearest: from there on; Segments: groups, then the segment
  bool direct = false;                   // Segments, ORDER/NTE: in no group within the last one
  std::string text;                      // Constant, Expression
};

// nullopt when `text` is no source.
std::optional<Source> ReadSource(std::string_view text);

}  // namespace passerelle::engine
