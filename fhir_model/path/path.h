#pragma once
// FHIRPath (N1, with the R4 additions): read, checked, compiled once, run over any node::Tree.
//
// An Expression is immutable and safe from any thread; it lives as long as somebody holds it. A Machine is
// the memory that evaluations need; each thread keeps one and uses it again and again. Evaluation is bounded:
// steps, depth and size of collections; what goes beyond is an Error, never a hang.
//
// Errors: PathSyntax, PathSemantic (types, unknown functions and variables), PathExecution, PathTooCostly.

#include <cstdint>
#include <functional>
#include <memory>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "fhir_model/base/result.h"
#include "fhir_model/node/tree.h"
#include "fhir_model/spec/spec.h"

namespace passerelle::path {

enum class ItemKind : std::uint8_t {
  None,
  Node,
  Boolean,
  Integer,
  Decimal,
  String,
  Date,
  DateTime,
  Time,
  Quantity,
  Type
};

// One element of a collection. Text points into the tree, the expression or the machine that made it.
struct Item {
  ItemKind kind = ItemKind::None;
  bool boolean = false;
  node::NodeIndex node = node::kNone;  // Node
  const node::Tree* tree = nullptr;    // Node
  std::int64_t integer = 0;            // Integer
  std::string_view
      text;  // String; Decimal, Date, DateTime, Time as written; value of a Quantity; "FHIR.Patient"
  std::string_view unit;  // Quantity: UCUM code, or a calendar word ("year")

  static Item Of(const node::Tree& tree, node::NodeIndex node) {
    return {ItemKind::Node, false, node, &tree, 0, {}, {}};
  }
  static Item Of(bool value) { return {ItemKind::Boolean, value, node::kNone, nullptr, 0, {}, {}}; }
  static Item Of(std::string_view text) {
    return {ItemKind::String, false, node::kNone, nullptr, 0, text, {}};
  }
};

// What a value says as text: of a primitive node its text, of a value its written form; empty for what has
// none.
std::string_view TextOf(const Item& item);

// What an evaluation may ask of the world. The defaults know nothing: that gives an empty collection.
class Services {
 public:
  virtual ~Services() = default;
  // Whether a code, Coding, CodeableConcept or Quantity is in the value set; nothing: cannot tell.
  virtual std::optional<bool> MemberOf(const Item& coded, std::string_view value_set);
  virtual std::optional<bool> ConformsTo(const Item& resource, std::string_view profile);
  // The resource that a Reference, canonical or URI names.
  virtual std::optional<Item> Resolve(const Item& reference);
  // %name that the expression does not define itself; false: there is none (then PathExecution).
  virtual bool Variable(std::string_view name, std::vector<Item>& out);
  // A name that CompileOptions::external claimed, asked from `focus`.
  virtual void External(std::uint32_t slot, const Item& focus, std::vector<Item>& out);
  // A function that CompileOptions::host_functions named. `arguments` are evaluated on the focus.
  virtual Status Call(std::string_view function, std::span<const Item> focus,
                      std::span<const std::span<const Item>> arguments, std::vector<Item>& out);
  virtual std::string
  Now();  // "2026-03-01T12:00:00.000+00:00"; empty: now(), today(), timeOfDay() are errors
};

struct CompileOptions {
  // With definitions the expression is checked and typed from `type` ("Patient", "HumanName") and runs faster
  // on typed trees; without, names are taken as they stand (HL7 v2, CDA).
  const spec::Definitions* definitions = nullptr;
  std::string_view type;
  bool strict =
      false;  // an element that the type does not have is PathSemantic instead of an empty collection
  // Mapping tables: `PID-32`, `CX.4`, `@root` are single tokens and minus wants spaces (docs/mapping.md,
  // Conditions). Each such token is offered to `external`, which answers with a number for
  // Services::External.
  bool table_names = false;
  std::function<std::optional<std::uint32_t>(std::string_view token)> external;
  std::vector<std::string_view> host_functions;
  bool trusted = true;  // false: the text comes from outside, its names are not added to the vocabulary
};

class Machine;
struct Program;

class Expression {
 public:
  static Result<Expression> Compile(std::string_view text, const CompileOptions& options = {});
  std::string_view text() const;

 private:
  friend class Machine;
  std::shared_ptr<const Program> program_;
};

// %context is the focus. %resource and %rootResource are found from the focus where they are not given.
struct Environment {
  Item resource, root_resource;
  Services* services = nullptr;
  std::size_t steps_max = 1'000'000;  // and as many again as the tree of the focus has nodes, 64 times
  Item context = {};  // %context, where it is not the focus
};

class Machine {
 public:
  Machine();
  ~Machine();
  Machine(Machine&&) noexcept;
  Machine& operator=(Machine&&) noexcept;

  // The collection; it lives until the next call on this machine.
  Result<std::span<const Item>> Evaluate(const Expression& expression, const Item& focus,
                                         const Environment& environment = {});
  // As a condition (an invariant, a table's `when`): a single Boolean is itself, anything else there is is
  // true, the empty collection is false.
  Result<bool> Test(const Expression& expression, const Item& focus, const Environment& environment = {});

 private:
  struct State;
  std::unique_ptr<State> state_;
};

}  // namespace passerelle::path
