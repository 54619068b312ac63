#include "fhir_model/path/evaluation.h"

#include <algorithm>
#include <cstring>

#include "fhir_model/path/errors.h"
#include "fhir_model/path/regex.h"

namespace passerelle::path {

namespace {

constexpr std::size_t kFirstBlock = 4096;
constexpr std::size_t kArenaMax = 256u << 20;
constexpr std::size_t kStepsPerNode = 64;
constexpr std::size_t kPatternsMax = 64;

}  // namespace

Evaluation::Evaluation() : first_block_(kFirstBlock) {
  stack.reserve(64);
  arena_.emplace(first_block_.data(), first_block_.size());
}

Services& Evaluation::services() const {
  static Services nothing;
  return environment_->services != nullptr ? *environment_->services : nothing;
}

bool Evaluation::Fail(Error error) {
  if (!error_) error_ = std::move(error);
  return false;
}
bool Evaluation::Fail(const ErrorInfo& info, std::string what) { return Fail(Error{info, std::move(what)}); }
bool Evaluation::Execution(std::string what) { return Fail(errors::PathExecution, std::move(what)); }
bool Evaluation::TooCostly() { return Fail(errors::PathTooCostly, "an evaluation beyond its budget"); }

std::string_view Evaluation::Keep(std::string_view text) {
  if (text.empty()) return std::string_view("", 0);
  arena_bytes_ += text.size();
  if (arena_bytes_ > kArenaMax) {
    TooCostly();
    return std::string_view("", 0);
  }
  auto* copy = static_cast<char*>(arena_->allocate(text.size(), 1));
  std::memcpy(copy, text.data(), text.size());
  return {copy, text.size()};
}

bool Evaluation::Push(std::int64_t value) {
  Item item;
  item.kind = ItemKind::Integer;
  item.integer = value;
  return Push(item);
}

bool Evaluation::Push(const Decimal& value) {
  Item item;
  item.kind = ItemKind::Decimal;
  item.text = Keep(value.Text());
  return Push(item);
}

void Evaluation::Drop(std::size_t begin, std::size_t end) {
  if (begin == end) return;
  std::copy(stack.begin() + static_cast<std::ptrdiff_t>(end), stack.end(),
            stack.begin() + static_cast<std::ptrdiff_t>(begin));
  stack.resize(stack.size() - (end - begin));
}

Result<std::span<const Item>> Evaluation::Run(const Program& program, const Item& focus,
                                              const Environment& environment) {
  program_ = &program;
  environment_ = &environment;
  focus_ = focus;
  error_.reset();
  stack.clear();
  if (arena_bytes_ != 0) arena_->release();
  arena_bytes_ = 0;
  steps_left_ = environment.steps_max;
  if (focus.tree != nullptr) steps_left_ += focus.tree->size() * kStepsPerNode;
  Context context{focus.kind == ItemKind::None ? nullptr : &focus_, 0, {}};
  if (!Eval(program.top, context) || error_) return *std::move(error_);
  return std::span<const Item>(stack);
}

bool Evaluation::Single(std::size_t base, std::optional<Item>& out) {
  out.reset();
  if (stack.size() - base > 1) return Execution("several items where one is wanted");
  if (stack.size() - base == 1) out = Value(stack[base]);
  return true;
}

bool Evaluation::Argument(const Op& op, std::size_t i, const Context& context, std::optional<Item>& out) {
  out.reset();
  if (i >= op.count) return true;
  std::size_t base = stack.size();
  if (!Eval(program_->arguments[op.right + i], context) || !Single(base, out)) return false;
  return Clear(base);
}

bool Evaluation::TextArgument(const Op& op, std::size_t i, const Context& context,
                              std::optional<std::string_view>& out) {
  std::optional<Item> item;
  out.reset();
  if (!Argument(op, i, context, item)) return false;
  if (!item) return true;
  if (item->kind != ItemKind::String) return Execution("an argument that is no text");
  out = item->text;
  return true;
}

bool Evaluation::IntegerArgument(const Op& op, std::size_t i, const Context& context,
                                 std::optional<std::int64_t>& out) {
  std::optional<Item> item;
  out.reset();
  if (!Argument(op, i, context, item)) return false;
  if (!item) return true;
  if (item->kind != ItemKind::Integer) return Execution("an argument that is no integer");
  out = item->integer;
  return true;
}

bool Evaluation::Condition(std::size_t base, Truth& out) {
  out = Truth::Unknown;
  if (stack.size() == base) return true;
  if (stack.size() - base > 1) return Execution("several items where a condition is wanted");
  Item value = Value(stack[base]);
  out = value.kind == ItemKind::Boolean ? Of(value.boolean) : Truth::True;
  return true;
}

bool Evaluation::Test(OpIndex op, const Context& context, Truth& out) {
  std::size_t base = stack.size();
  return Eval(op, context) && Condition(base, out) && Clear(base);
}

bool Evaluation::Eval(OpIndex index, const Context& context) {
  const Op& op = program_->ops[index];
  if (!Spend(1)) return false;
  switch (op.code) {
    case Code::Empty: return true;
    case Code::Literal: return Push(program_->literals[op.left]);
    case Code::This: return context.self == nullptr || Push(*context.self);
    case Code::Index: return Push(context.index);
    case Code::Total:
      for (const auto& item : context.total)
        if (!Push(item)) return false;
      return true;
    case Code::Context: {
      const Item& given = environment_->context.kind == ItemKind::None ? focus_ : environment_->context;
      return given.kind == ItemKind::None || Push(given);
    }
    case Code::Resource: return PushResource(environment_->resource, false);
    case Code::RootResource: return PushResource(environment_->root_resource, true);
    case Code::Variable: return EvalVariable(op);
    case Code::External: return EvalExternal(op, context);
    case Code::Steps: return EvalSteps(op, context);
    case Code::TypeRoot: return EvalTypeRoot(op, context);
    case Code::Function: return EvalFunction(op, context);
    case Code::HostFunction: return EvalHostFunction(op, context);
    case Code::At: return EvalAt(op, context);
    case Code::Positive:
    case Code::Negative: return EvalSign(op, context);
    case Code::Is:
    case Code::As: return EvalType(op, context);
    case Code::And:
    case Code::Or:
    case Code::Xor:
    case Code::Implies: return EvalLogic(op, context);
    case Code::Equal:
    case Code::NotEqual:
    case Code::Equivalent:
    case Code::NotEquivalent: return EvalEquality(op, context);
    case Code::Less:
    case Code::LessOrEqual:
    case Code::Greater:
    case Code::GreaterOrEqual: return EvalOrder(op, context);
    case Code::In:
    case Code::Contains: return EvalMembership(op, context);
    case Code::Union: return EvalUnion(op, context);
    default: return EvalArithmetic(op, context);
  }
}

bool Evaluation::EvalVariable(const Op& op) {
  std::vector<Item> found;
  std::string_view name = program_->literals[op.right].text;
  if (!services().Variable(name, found)) return Execution("no variable %" + std::string(name));
  for (const auto& item : found)
    if (!Push(item)) return false;
  return true;
}

bool Evaluation::EvalExternal(const Op& op, const Context& context) {
  std::size_t base = stack.size();
  if (!Eval(op.left, context)) return false;
  std::vector<Item> found;
  for (std::size_t i = base; i < stack.size(); ++i) services().External(op.right, stack[i], found);
  stack.resize(base);
  for (const auto& item : found)
    if (!Push(item)) return false;
  return Spend(found.size());
}

bool Evaluation::EvalFunction(const Op& op, const Context& context) {
  std::size_t base = stack.size();
  return Eval(op.left, context) && BodyOf(op.function)(*this, op, context, base);
}

bool Evaluation::EvalHostFunction(const Op& op, const Context& context) {
  std::size_t base = stack.size();
  if (!Eval(op.left, context)) return false;
  std::vector<std::size_t> ends = {stack.size()};
  for (OpIndex argument : ArgumentsOf(op)) {
    if (!Eval(argument, context)) return false;
    ends.push_back(stack.size());
  }
  // Copies, because the host may evaluate on this machine's items while it answers.
  std::vector<Item> items(stack.begin() + static_cast<std::ptrdiff_t>(base), stack.end()), found;
  std::vector<std::span<const Item>> arguments;
  for (std::size_t i = 0; i < op.count; ++i)
    arguments.push_back(std::span<const Item>(items).subspan(ends[i] - base, ends[i + 1] - ends[i]));
  auto done = services().Call(program_->literals[op.name].text,
                              std::span<const Item>(items).first(ends[0] - base), arguments, found);
  if (!done) return Fail(std::move(done).error());
  stack.resize(base);
  for (const auto& item : found)
    if (!Push(item)) return false;
  return true;
}

bool Evaluation::EvalAt(const Op& op, const Context& context) {
  std::size_t base = stack.size();
  if (!Eval(op.left, context)) return false;
  std::size_t end = stack.size();
  std::optional<Item> index;
  if (!Eval(op.right, context) || !Single(end, index)) return false;
  if (index && index->kind != ItemKind::Integer) return Execution("an index that is no integer");
  bool inside = index && index->integer >= 0 && static_cast<std::uint64_t>(index->integer) < end - base;
  return inside ? Replace(base, Item(stack[base + static_cast<std::size_t>(index->integer)])) : Clear(base);
}

bool Evaluation::EvalSign(const Op& op, const Context& context) {
  std::size_t base = stack.size();
  std::optional<Item> item;
  if (!Eval(op.left, context) || !Single(base, item)) return false;
  if (!item) return true;
  if (!IsNumber(*item) && item->kind != ItemKind::Quantity)
    return Execution("a sign before what is no number");
  if (op.code == Code::Negative && item->kind == ItemKind::Integer)
    item->integer = -item->integer;
  else if (op.code == Code::Negative)
    item->text = Keep(DecimalOf(*item).Negated().Text());
  return Replace(base, *item);
}

bool Evaluation::EvalType(const Op& op, const Context& context) {
  std::size_t base = stack.size();
  if (!Eval(op.left, context)) return false;
  const TypeName& type = program_->types[op.right];
  if (op.code == Code::Is) {
    if (stack.size() == base) return true;
    if (stack.size() - base > 1) return Execution("'is' of several items");
    return Replace(base, Is(stack[base], type, false));
  }
  // R4's search parameters use the operator on lists: it filters.
  std::size_t kept = base;
  for (std::size_t i = base; i < stack.size(); ++i)
    if (Is(stack[i], type, true)) stack[kept++] = stack[i];
  return Clear(kept);
}

bool Evaluation::EvalLogic(const Op& op, const Context& context) {
  Truth left = Truth::Unknown, right = Truth::Unknown;
  if (!Test(op.left, context, left)) return false;
  // What the left side alone decides.
  if (op.code == Code::And && left == Truth::False) return Push(false);
  if (op.code == Code::Or && left == Truth::True) return Push(true);
  if (op.code == Code::Implies && left == Truth::False) return Push(true);
  if (op.code == Code::Xor && left == Truth::Unknown) return true;
  if (!Test(op.right, context, right)) return false;
  Truth result = Truth::Unknown;
  switch (op.code) {
    case Code::And:
      if (right == Truth::False)
        result = Truth::False;
      else if (left == Truth::True)
        result = right;
      break;
    case Code::Or:
      if (right == Truth::True)
        result = Truth::True;
      else if (left == Truth::False)
        result = right;
      break;
    case Code::Xor:
      if (right != Truth::Unknown) result = Of(left != right);
      break;
    default:  // implies
      if (right == Truth::True)
        result = Truth::True;
      else if (left == Truth::True)
        result = right;
      break;
  }
  return result == Truth::Unknown || Push(result == Truth::True);
}

const re2::RE2* Evaluation::Pattern(OpIndex op, std::string_view pattern, std::string_view flags) {
  if (auto it = program_->patterns.find(op); it != program_->patterns.end()) return it->second.get();
  if (patterns_.size() >= kPatternsMax) patterns_.clear();
  std::string key = std::string(flags) + '/' + std::string(pattern);
  auto it = patterns_.find(key);
  if (it == patterns_.end()) it = patterns_.emplace(key, CompileRegex(pattern, flags)).first;
  return it->second.get();
}

}  // namespace passerelle::path
