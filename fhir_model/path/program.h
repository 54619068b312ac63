#pragma once
// Program: a compiled expression, as a tree of operations in one array. Immutable once compiled.

#include <memory>
#include <string>
#include <string_view>
#include <unordered_map>
#include <vector>

#include "fhir_model/path/model.h"
#include "fhir_model/path/path.h"

namespace re2 {
class RE2;
}

namespace passerelle::path {

enum class Code : std::uint8_t {
  Empty,         // {}
  Literal,       // literals[left]
  This,          // $this
  Index,         // $index
  Total,         // $total
  Context,       // %context
  Resource,      // %resource
  RootResource,  // %rootResource
  Variable,      // %NAME, asked of the services; literals[right] is NAME
  External,      // a table name; `right` is the host's number
  Steps,         // steps[right, right + count) from `left`
  TypeRoot,      // steps[right]: the item itself if it is of that type, else its children of that name
  Function,
  HostFunction,  // literals[right + count] ... see Op::name
  At,            // left[right]
  Positive,
  Negative,
  Is,  // types[right]
  As,  // types[right]
  And,
  Or,
  Xor,
  Implies,
  Equal,
  NotEqual,
  Equivalent,
  NotEquivalent,
  Less,
  LessOrEqual,
  Greater,
  GreaterOrEqual,
  In,
  Contains,
  Union,
  Add,
  Subtract,
  Concatenate,
  Multiply,
  Divide,
  Div,
  Mod
};

enum class Function : std::uint8_t {
#define FUNCTION(name, text, fewest, most, flags, result) name,
#include "fhir_model/path/functions.def"
#undef FUNCTION
  End
};

using OpIndex = std::uint32_t;

struct Op {
  Code code = Code::Empty;
  Function function = Function::End;
  std::uint16_t count = 0;       // steps or arguments
  OpIndex left = 0;              // the operation that gives the input; of binary operations the left side
  std::uint32_t right = 0;       // the right side, or where steps, arguments, ... begin
  std::uint32_t name = 0;        // HostFunction: literals[name]
  std::uint32_t descending = 0;  // sort(): bit i for argument i
};

struct Step {
  node::NameId name = 0;  // 0: a name that nobody else knows; a tree may still have it for itself
  std::string_view text;
  std::uint32_t first_choice = 0, choice_count = 0;  // in Program::choices, sorted
  bool prefix = false;  // no definitions: a child "valueQuantity" is a "value" if there is no "value"
};

// A type as named in is, as, ofType.
struct TypeName {
  std::string_view name;              // without its namespace
  bool fhir = false, system = false;  // which namespaces it may stand in
  ItemKind kind = ItemKind::None;     // the System type of that name
};

struct Program {
  std::string text;
  std::shared_ptr<const Model> model;  // none: names are taken as they stand
  std::vector<Op> ops;
  std::vector<OpIndex> arguments;
  std::vector<Step> steps;
  std::vector<node::NameId> choices;
  std::vector<Item> literals;
  std::vector<TypeName> types;
  std::vector<std::unique_ptr<const std::string>> strings;  // what literals point at
  // Patterns that are literals, compiled once; by operation. nullptr: not a pattern RE2 takes.
  std::unordered_map<OpIndex, std::shared_ptr<const re2::RE2>> patterns;
  OpIndex top = 0;

  std::string_view Keep(std::string_view what) {
    strings.push_back(std::make_unique<const std::string>(what));
    return *strings.back();
  }
};

}  // namespace passerelle::path
