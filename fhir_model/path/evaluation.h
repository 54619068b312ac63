#pragma once
// Evaluation: one run of a Program over a focus, on memory that is used again by the next.
//
// Collections live on one stack of items: an operation pushes its result on top and leaves what was there
// alone. A function finds its input in stack[base, end) and puts its result in the same place. Text that is
// made lives in the arena until the next run. Every member that gives bool gives false after Fail: the run is
// over.

#include <memory>
#include <memory_resource>
#include <optional>
#include <span>
#include <string>
#include <unordered_map>
#include <vector>

#include "fhir_model/base/decimal.h"
#include "fhir_model/path/program.h"

namespace passerelle::path {

// What $this, $index and $total are. `self` outlives the calls it is handed to.
struct Context {
  const Item* self = nullptr;
  std::int64_t index = 0;
  std::span<const Item> total;
};

// True, False, or nothing to tell.
enum class Truth : std::uint8_t { False, True, Unknown };
inline Truth Of(bool value) { return value ? Truth::True : Truth::False; }

class Evaluation {
 public:
  Evaluation();

  Result<std::span<const Item>> Run(const Program& program, const Item& focus,
                                    const Environment& environment);

  // -- for operations and functions
  // ---------------------------------------------------------------------------------
  std::vector<Item> stack;

  bool Eval(OpIndex op, const Context& context);
  bool Fail(const ErrorInfo& info, std::string what);
  bool Fail(Error error);
  bool Execution(std::string what);
  // Takes from the budget; false when it is used up.
  bool Spend(std::size_t steps) {
    if (steps <= steps_left_) {
      steps_left_ -= steps;
      return true;
    }
    return TooCostly();
  }
  bool Push(const Item& item) {
    if (stack.size() >= kItemsMax) return TooCostly();
    stack.push_back(item);
    return true;
  }
  bool Push(bool value) { return Push(Item::Of(value)); }
  bool Push(std::int64_t value);
  bool Push(const Decimal& value);
  bool PushText(std::string_view text) { return Push(Item::Of(Keep(text))); }
  std::string_view Keep(std::string_view text);
  // Puts `item` in place of stack[base, end).
  bool Replace(std::size_t base, const Item& item) {
    stack.resize(base);
    stack.push_back(item);
    return true;
  }
  bool Replace(std::size_t base, bool value) { return Replace(base, Item::Of(value)); }
  bool ReplaceText(std::size_t base, std::string_view text) { return Replace(base, Item::Of(Keep(text))); }
  bool Clear(std::size_t base) {
    stack.resize(base);
    return true;
  }
  // Drops stack[begin, end) and lets what lies above slide down.
  void Drop(std::size_t begin, std::size_t end);

  // stack[base, end) as one value (a primitive node as the System value it holds): nothing if there is none,
  // an error if there are several.
  bool Single(std::size_t base, std::optional<Item>& out);
  // Argument i of a function: evaluated for `context` and taken off the stack again.
  bool Argument(const Op& op, std::size_t i, const Context& context, std::optional<Item>& out);
  bool TextArgument(const Op& op, std::size_t i, const Context& context,
                    std::optional<std::string_view>& out);
  bool IntegerArgument(const Op& op, std::size_t i, const Context& context, std::optional<std::int64_t>& out);
  // stack[base, end) as a condition (N1, singleton evaluation).
  bool Condition(std::size_t base, Truth& out);
  // Argument i as a condition on an item.
  bool Test(OpIndex op, const Context& context, Truth& out);

  // The System value of a primitive or a Quantity; other items as they are.
  Item Value(const Item& item);
  std::string_view TypeOf(const Item& item) const;  // "Patient", "code", "BackboneElement"; empty: not known
  bool Is(const Item& item, const TypeName& type, bool exactly) const;

  // Pushes what one step finds below an item.
  bool Walk(const Item& item, const Step& step);
  bool WalkAll(std::size_t base, std::span<const Step> steps);
  bool PushChildren(const Item& item, bool deep);

  // Equality (N1, 6.1): as far as it can be told.
  Truth Equal(const Item& a, const Item& b);
  bool Equivalent(const Item& a, const Item& b);
  // -1, 0, 1 in `order`, nothing if open; false: these cannot be compared.
  bool Compare(const Item& a, const Item& b, std::optional<int>& order);
  // Keeps the first of equal items of stack[base, end).
  bool MakeDistinct(std::size_t base);
  std::uint64_t Hash(const Item& item);

  const re2::RE2* Pattern(OpIndex op, std::string_view pattern, std::string_view flags);

  const Program& program() const { return *program_; }
  const Environment& environment() const { return *environment_; }
  const Item& focus() const { return focus_; }
  Services& services() const;
  OpIndex IndexOf(const Op& op) const { return static_cast<OpIndex>(&op - program_->ops.data()); }
  std::span<const OpIndex> ArgumentsOf(const Op& op) const {
    return std::span(program_->arguments).subspan(op.right, op.count);
  }

 private:
  static constexpr std::size_t kItemsMax = 4'000'000;

  bool TooCostly();
  bool EvalSteps(const Op& op, const Context& context);
  bool WalkPath(const node::Tree& tree, node::NodeIndex node, std::span<const Step> steps);
  bool Matches(const node::Tree& tree, node::NodeIndex child, const Step& step) const;
  bool EvalTypeRoot(const Op& op, const Context& context);
  bool EvalVariable(const Op& op);
  bool EvalExternal(const Op& op, const Context& context);
  bool EvalFunction(const Op& op, const Context& context);
  bool EvalHostFunction(const Op& op, const Context& context);
  bool EvalAt(const Op& op, const Context& context);
  bool EvalSign(const Op& op, const Context& context);
  bool EvalType(const Op& op, const Context& context);
  bool EvalLogic(const Op& op, const Context& context);
  bool EvalEquality(const Op& op, const Context& context);
  bool EvalOrder(const Op& op, const Context& context);
  bool EvalMembership(const Op& op, const Context& context);
  bool EvalUnion(const Op& op, const Context& context);
  bool EvalArithmetic(const Op& op, const Context& context);
  bool PushResource(const Item& given, bool root);

  Item QuantityOf(const node::Tree& tree, node::NodeIndex node);
  Truth EqualNodes(const Item& a, const Item& b);
  bool EquivalentNodes(const Item& a, const Item& b);

  const Program* program_ = nullptr;
  const Environment* environment_ = nullptr;
  Item focus_;
  std::size_t steps_left_ = 0;
  std::optional<Error> error_;
  std::vector<char> first_block_;
  std::optional<std::pmr::monotonic_buffer_resource> arena_;
  std::size_t arena_bytes_ = 0;
  std::unordered_map<std::string, std::shared_ptr<const re2::RE2>> patterns_;
};

using FunctionBody = bool (*)(Evaluation&, const Op&, const Context&, std::size_t base);
FunctionBody BodyOf(Function function);

// Arithmetic on two values; puts the result, if any, on the stack.
bool Calculate(Evaluation& run, Code code, const Item& a, const Item& b);

// Values.
Decimal DecimalOf(const Item& item);  // of an Integer, Decimal or Quantity; 0 for what is none
bool IsNumber(const Item& item);
// The value of a quantity in the unit of another; nothing if they measure different things.
std::optional<Decimal> InUnitOf(const Item& quantity, const Item& other);

}  // namespace passerelle::path
