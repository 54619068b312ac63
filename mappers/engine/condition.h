#pragma once
// Condition: a `when` of a table. Most compare what a source finds with a literal; those run without
// FHIRPath, to the same result. All others are FHIRPath. Private to this room.

#include <cstdint>
#include <functional>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "fhir_model/path/path.h"
#include "mappers/engine/source.h"

namespace passerelle::engine {

// A condition in reverse Polish order over three values: true, false, nothing.
struct Operation {
  enum Code : std::uint8_t {
    Equal,
    NotEqual,
    In,
    Starts,
    Contains,
    BeginsWithin,  // the first character is one of a set: matches('^[0-9]')
    IsWithin,      // all are, and there are so many: matches('^[0-9.]+$'), matches('^[0-9]{8}$')
    IsDecimal,     // convertsToDecimal()
    Exists,
    Empty,
    CountMore,
    CountIs,
    LengthMore,  // characters of the text
    LengthLess,
    LengthIs,
    Not,
    And,
    Or,
    SkipIfFalse,
    SkipIfTrue
  };
  Code code;
  std::uint32_t operand = 0;          // number of the source
  std::vector<std::string> literals{};  // of Equal to IsWithin; of a set 256 flags, '1' for what is in it
  std::uint32_t count =
      0;  // of Count... and Length...; IsWithin: 0 any; Skip...: operations up to the And or Or
  bool in_hand = false;     // %context: looked for from the node in hand, not from the source node
  std::vector<Operation> filter{};  // where(...), exists(...): only what it holds for counts
};

struct Condition {
  std::vector<Operation> operations;  // empty: `expression` is asked
  std::uint32_t expression = 0xFFFF'FFFFu;
};

// The quick form of `text`, if it has one. `add_source` keeps a source and numbers it.
std::optional<std::vector<Operation>> ReadQuickly(std::string_view text,
                                                  const std::function<std::uint32_t(Source)>& add_source);

}  // namespace passerelle::engine
