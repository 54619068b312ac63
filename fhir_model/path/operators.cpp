// The binary operators on collections and values (N1, 6).

#include <algorithm>
#include <limits>

#include "fhir_model/path/date_time.h"
#include "fhir_model/path/errors.h"
#include "fhir_model/path/evaluation.h"

namespace passerelle::path {

bool Evaluation::EvalEquality(const Op& op, const Context& context) {
  std::size_t base = stack.size();
  if (!Eval(op.left, context)) return false;
  std::size_t middle = stack.size();
  if (!Eval(op.right, context)) return false;
  std::size_t left = middle - base, right = stack.size() - middle;
  const bool negated = op.code == Code::NotEqual || op.code == Code::NotEquivalent;
  Truth result = Truth::True;
  if (op.code == Code::Equal || op.code == Code::NotEqual) {
    if (left == 0 || right == 0) return Clear(base);
    if (left != right) result = Truth::False;
    for (std::size_t i = 0; i < left && result != Truth::False; ++i) {
      Truth one = Equal(stack[base + i], stack[middle + i]);
      if (one != Truth::True) result = one;
    }
  } else {
    if (left != right) result = Truth::False;
    // Each on the left finds one of its own on the right.
    std::vector<std::size_t> open;
    for (std::size_t i = middle; i < stack.size(); ++i) open.push_back(i);
    for (std::size_t i = base; i < middle && result == Truth::True; ++i) {
      auto match = std::find_if(open.begin(), open.end(),
                                [&](std::size_t j) { return Equivalent(stack[i], stack[j]); });
      if (match == open.end())
        result = Truth::False;
      else
        open.erase(match);
    }
  }
  if (error_) return false;
  if (result == Truth::Unknown) return Clear(base);
  return Replace(base, (result == Truth::True) != negated);
}

bool Evaluation::EvalOrder(const Op& op, const Context& context) {
  std::size_t base = stack.size();
  std::optional<Item> left, right;
  if (!Eval(op.left, context) || !Single(base, left)) return false;
  stack.resize(base);
  if (!Eval(op.right, context) || !Single(base, right)) return false;
  stack.resize(base);
  if (!left || !right) return true;
  std::optional<int> order;
  if (!Compare(*left, *right, order)) return Execution("an order between values that have none");
  if (!order) return true;
  switch (op.code) {
    case Code::Less: return Push(*order < 0);
    case Code::LessOrEqual: return Push(*order <= 0);
    case Code::Greater: return Push(*order > 0);
    default: return Push(*order >= 0);
  }
}

bool Evaluation::EvalMembership(const Op& op, const Context& context) {
  std::size_t base = stack.size();
  OpIndex one = op.code == Code::In ? op.left : op.right, many = op.code == Code::In ? op.right : op.left;
  std::optional<Item> item;
  if (!Eval(one, context) || !Single(base, item)) return false;
  if (!item) return true;
  std::size_t begin = stack.size();
  if (!Eval(many, context)) return false;
  bool found = false;
  for (std::size_t i = begin; i < stack.size() && !found; ++i)
    found = Equal(stack[base], stack[i]) == Truth::True;
  return !error_ && Replace(base, found);
}

bool Evaluation::EvalUnion(const Op& op, const Context& context) {
  std::size_t base = stack.size();
  return Eval(op.left, context) && Eval(op.right, context) && MakeDistinct(base) && !error_;
}

bool Evaluation::EvalArithmetic(const Op& op, const Context& context) {
  std::size_t base = stack.size();
  std::optional<Item> left, right;
  if (!Eval(op.left, context) || !Single(base, left)) return false;
  stack.resize(base);
  if (!Eval(op.right, context) || !Single(base, right)) return false;
  stack.resize(base);
  if (op.code == Code::Concatenate) {
    std::string text;
    for (const auto* side : {&left, &right}) {
      if (!*side) continue;
      if ((*side)->kind != ItemKind::String) return Execution("'&' of what is no text");
      text += (*side)->text;
    }
    return PushText(text);
  }
  if (!left || !right) return true;
  return Calculate(*this, op.code, *left, *right);
}

namespace {

// True and the result in `out`; false where 64 bits do not hold it.
bool WholeNumbers(Code code, std::int64_t a, std::int64_t b, std::int64_t& out) {
  switch (code) {
    case Code::Add: return !__builtin_add_overflow(a, b, &out);
    case Code::Subtract: return !__builtin_sub_overflow(a, b, &out);
    case Code::Multiply: return !__builtin_mul_overflow(a, b, &out);
    default: break;
  }
  if (a == std::numeric_limits<std::int64_t>::min() && b == -1) return false;
  out = code == Code::Div ? a / b : a % b;
  return true;
}

Decimal Remainder(const Decimal& a, const Decimal& b) {
  return a - (a / b).Rounded(0, Decimal::Rounding::TowardsZero) * b;
}

bool Numbers(Evaluation& run, Code code, const Item& a, const Item& b) {
  Decimal x = DecimalOf(a), y = DecimalOf(b);
  bool divides = code == Code::Divide || code == Code::Div || code == Code::Mod;
  if (divides && y.zero()) return true;
  if (a.kind == ItemKind::Integer && b.kind == ItemKind::Integer && code != Code::Divide) {
    std::int64_t whole = 0;
    return WholeNumbers(code, a.integer, b.integer, whole)
               ? run.Push(whole)
               : run.Execution("a whole number that is too large");
  }
  switch (code) {
    case Code::Add: return run.Push(x + y);
    case Code::Subtract: return run.Push(x - y);
    case Code::Multiply: return run.Push(x * y);
    case Code::Divide: return run.Push(x / y);
    case Code::Mod: return run.Push(Remainder(x, y).Normalised());
    default: break;
  }
  auto whole = (x / y).Rounded(0, Decimal::Rounding::TowardsZero).Integer();
  return whole ? run.Push(*whole) : run.Execution("a whole number that is too large");
}

std::string Bracketed(std::string_view unit) {
  bool simple = unit.find_first_of("./") == unit.npos;
  return simple ? std::string(unit) : "(" + std::string(unit) + ")";
}

// In the finer of both units the sum is exact; the result has the unit of the left side.
bool Quantities(Evaluation& run, Code code, const Item& a, const Item& b) {
  Item result = a;
  Decimal x = DecimalOf(a), y = DecimalOf(b);
  if (code == Code::Multiply || code == Code::Divide) {
    if (code == Code::Divide && y.zero()) return true;
    result.text = run.Keep((code == Code::Multiply ? x * y : x / y).Text());
    if (b.unit == "1")
      result.unit = a.unit;
    else if (code == Code::Multiply)
      result.unit = a.unit == "1" ? b.unit : run.Keep(Bracketed(a.unit) + "." + Bracketed(b.unit));
    else
      result.unit = a.unit == b.unit
                        ? std::string_view("1")
                        : run.Keep((a.unit == "1" ? "" : Bracketed(a.unit)) + "/" + Bracketed(b.unit));
    return run.Push(result);
  }
  if (code != Code::Add && code != Code::Subtract)
    return run.Execution("an operation that quantities do not have");
  auto converted = InUnitOf(b, a);
  if (!converted) return true;
  result.text = run.Keep((code == Code::Add ? x + *converted : x - *converted).Text());
  return run.Push(result);
}

}  // namespace

bool Calculate(Evaluation& run, Code code, const Item& a, const Item& b) {
  if (IsNumber(a) && IsNumber(b)) return Numbers(run, code, a, b);
  if (code == Code::Add && a.kind == ItemKind::String && b.kind == ItemKind::String)
    return run.PushText(std::string(a.text) + std::string(b.text));
  bool temporal = a.kind == ItemKind::Date || a.kind == ItemKind::DateTime || a.kind == ItemKind::Time;
  if (temporal && b.kind == ItemKind::Quantity && (code == Code::Add || code == Code::Subtract)) {
    auto moment = a.kind == ItemKind::Time ? DateTime::ParseTime(a.text)
                                           : DateTime::Parse(a.text, a.kind == ItemKind::DateTime);
    if (!moment || !moment->Add(DecimalOf(b), b.unit, code == Code::Add ? 1 : -1))
      return run.Execution("a span of time that cannot be added");
    Item result = a;
    result.text = run.Keep(moment->Text());
    return run.Push(result);
  }
  Item left = a, right = b;
  for (Item* side : {&left, &right}) {
    if (!IsNumber(*side)) continue;
    side->text = run.Keep(DecimalOf(*side).Text());
    side->unit = "1";
    side->kind = ItemKind::Quantity;
  }
  if (left.kind == ItemKind::Quantity && right.kind == ItemKind::Quantity)
    return Quantities(run, code, left, right);
  return run.Execution("arithmetic on values that have none");
}

}  // namespace passerelle::path
