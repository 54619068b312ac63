// Numbers (N1, 5.7), boundaries and precision, and what time it is.

#include <cmath>
#include <optional>

#include "fhir_model/path/date_time.h"
#include "fhir_model/path/functions.h"
#include "fhir_model/ucum/ucum.h"

namespace passerelle::path::functions {
namespace {

using Size = std::size_t;
using Rounding = Decimal::Rounding;

constexpr std::int64_t kScaleMax = 28;
constexpr int kDefaultScale = 8;
constexpr int kDateDigits = 8, kDateTimeDigits = 17, kTimeDigits = 9;

// The input as a number (or quantity, if allowed); nothing where there is none.
bool Input(Evaluation& run, Size base, std::optional<Item>& out, bool quantity = false) {
  if (!run.Single(base, out)) return false;
  run.Clear(base);
  if (!out || IsNumber(*out) || (quantity && out->kind == ItemKind::Quantity)) return true;
  return run.Execution("a number function of what is no number");
}

bool ToWhole(Evaluation& run, Size base, Rounding rounding) {
  std::optional<Item> item;
  if (!Input(run, base, item)) return false;
  if (!item) return true;
  if (item->kind == ItemKind::Integer) return run.Push(*item);
  auto whole = DecimalOf(*item).Rounded(0, rounding).Integer();
  return whole ? run.Push(*whole) : run.Execution("a whole number that is too large");
}

// What floating point gave, with the digits it can vouch for; nothing where there is no result.
bool PushDouble(Evaluation& run, double value) {
  if (!std::isfinite(value)) return true;
  char buffer[64];
  std::snprintf(buffer, sizeof buffer, "%.15g", value);
  auto decimal = Decimal::Parse(buffer);
  return !decimal || run.Push(*decimal);
}

bool OfDouble(Evaluation& run, Size base, double (*function)(double)) {
  std::optional<Item> item;
  if (!Input(run, base, item)) return false;
  return !item || PushDouble(run, function(DecimalOf(*item).Double()));
}

// What a number as written may stand for: half a unit of its last digit to both sides. Towards zero what goes
// beyond `scale` is cut off, away from zero it is rounded half up.
Decimal NumberBoundary(const Decimal& value, bool high, int scale) {
  Decimal half = Decimal::Parse("0.5").value();
  for (int i = 0; i < value.scale(); ++i) half = half * Decimal::Parse("0.1").value();
  Decimal bound = high ? value + half : value - half;
  bool outwards = value.zero() ? true : high != value.negative();
  return bound.Rounded(scale, outwards ? Rounding::HalfUp : Rounding::TowardsZero);
}

std::string SignedText(const Decimal& number, bool negative) {
  std::string text = number.Text();
  return negative && text[0] != '-' ? "-" + text : text;  // -0.0 keeps its side
}

bool Boundary(Evaluation& run, const Op& op, const Context& context, Size base, bool high) {
  std::optional<Item> item;
  std::optional<std::int64_t> digits;
  if (!run.Single(base, item) || !run.IntegerArgument(op, 0, context, digits)) return false;
  run.Clear(base);
  if (!item) return true;
  if (IsNumber(*item) || item->kind == ItemKind::Quantity) {
    std::int64_t scale = digits.value_or(kDefaultScale);
    if (scale < 0 || scale > kScaleMax) return true;
    Decimal value = DecimalOf(*item), bound = NumberBoundary(value, high, static_cast<int>(scale));
    item->text = run.Keep(SignedText(bound, value.negative() && !value.zero()));
    if (item->kind == ItemKind::Integer) item->kind = ItemKind::Decimal;
    return run.Push(*item);
  }
  bool time = item->kind == ItemKind::Time, clock = item->kind == ItemKind::DateTime;
  if (!time && !clock && item->kind != ItemKind::Date) return run.Execution("a boundary of what has none");
  auto value = time ? DateTime::ParseTime(item->text) : DateTime::Parse(item->text, clock);
  int wanted = static_cast<int>(digits.value_or(time ? kTimeDigits : clock ? kDateTimeDigits : kDateDigits));
  auto bound = value ? value->Boundary(high, wanted) : std::nullopt;
  if (!bound) return true;
  item->text = run.Keep(bound->Text());
  return run.Push(*item);
}

// The clock's parts: date [0, 10), time from 11 on.
bool PushNow(Evaluation& run, Size base, ItemKind kind) {
  run.Clear(base);
  std::string now = run.services().Now();
  auto moment = DateTime::Parse(now, true);
  if (!moment || moment->precision < DateTime::Precision::Minute) return run.Execution("no clock here");
  Item item;
  item.kind = kind;
  std::string_view text = now;
  if (kind == ItemKind::Date) text = text.substr(0, 10);
  if (kind == ItemKind::Time) text = text.substr(11, text.find_first_of("Z+-", 11) - 11);
  item.text = run.Keep(text);
  return run.Push(item);
}

}  // namespace

bool Abs(Evaluation& run, const Op&, const Context&, Size base) {
  std::optional<Item> item;
  if (!Input(run, base, item, true)) return false;
  if (!item) return true;
  if (item->kind == ItemKind::Integer)
    item->integer = std::abs(item->integer);
  else if (DecimalOf(*item).negative())
    item->text = run.Keep(DecimalOf(*item).Negated().Text());
  return run.Push(*item);
}

bool Ceiling(Evaluation& run, const Op&, const Context&, Size base) {
  return ToWhole(run, base, Rounding::Ceiling);
}
bool Floor(Evaluation& run, const Op&, const Context&, Size base) {
  return ToWhole(run, base, Rounding::Floor);
}
bool Truncate(Evaluation& run, const Op&, const Context&, Size base) {
  return ToWhole(run, base, Rounding::TowardsZero);
}
bool Exp(Evaluation& run, const Op&, const Context&, Size base) { return OfDouble(run, base, std::exp); }
bool Ln(Evaluation& run, const Op&, const Context&, Size base) { return OfDouble(run, base, std::log); }
bool Sqrt(Evaluation& run, const Op&, const Context&, Size base) { return OfDouble(run, base, std::sqrt); }

bool Log(Evaluation& run, const Op& op, const Context& context, Size base) {
  std::optional<Item> item, argument;
  if (!Input(run, base, item) || !run.Argument(op, 0, context, argument)) return false;
  if (!item || !argument) return true;
  if (!IsNumber(*argument)) return run.Execution("a base that is no number");
  double value = DecimalOf(*item).Double(), radix = DecimalOf(*argument).Double();
  if (radix == 10) return PushDouble(run, std::log10(value));
  return PushDouble(run, radix == 2 ? std::log2(value) : std::log(value) / std::log(radix));
}

bool Power(Evaluation& run, const Op& op, const Context& context, Size base) {
  constexpr std::int64_t kExactMax = 64;
  std::optional<Item> item, argument;
  if (!Input(run, base, item) || !run.Argument(op, 0, context, argument)) return false;
  if (!item || !argument) return true;
  if (!IsNumber(*argument)) return run.Execution("an exponent that is no number");
  auto exponent = DecimalOf(*argument).Integer();
  if (!exponent || *exponent < 0 || *exponent > kExactMax)
    return PushDouble(run, std::pow(DecimalOf(*item).Double(), DecimalOf(*argument).Double()));
  Decimal result(1), factor = DecimalOf(*item);
  for (std::int64_t i = 0; i < *exponent; ++i) result = result * factor;
  auto whole = result.Integer();
  return item->kind == ItemKind::Integer && argument->kind == ItemKind::Integer && whole ? run.Push(*whole)
                                                                                         : run.Push(result);
}

bool Round(Evaluation& run, const Op& op, const Context& context, Size base) {
  std::optional<Item> item;
  std::optional<std::int64_t> scale;
  if (!Input(run, base, item) || !run.IntegerArgument(op, 0, context, scale)) return false;
  if (!item) return true;
  if (scale && (*scale < 0 || *scale > kScaleMax)) return run.Execution("a precision that is none");
  if (item->kind == ItemKind::Integer) return run.Push(*item);
  Decimal value = DecimalOf(*item);
  return run.Push(value.Rounded(static_cast<int>(scale.value_or(0))));
}

bool LowBoundary(Evaluation& run, const Op& op, const Context& context, Size base) {
  return Boundary(run, op, context, base, false);
}
bool HighBoundary(Evaluation& run, const Op& op, const Context& context, Size base) {
  return Boundary(run, op, context, base, true);
}

bool Precision(Evaluation& run, const Op&, const Context&, Size base) {
  std::optional<Item> item;
  if (!run.Single(base, item)) return false;
  run.Clear(base);
  if (!item) return true;
  if (IsNumber(*item)) return run.Push(static_cast<std::int64_t>(DecimalOf(*item).scale()));
  bool time = item->kind == ItemKind::Time, clock = item->kind == ItemKind::DateTime;
  if (!time && !clock && item->kind != ItemKind::Date) return run.Execution("a precision of what has none");
  auto value = time ? DateTime::ParseTime(item->text) : DateTime::Parse(item->text, clock);
  return !value || run.Push(static_cast<std::int64_t>(value->Digits()));
}

bool Comparable(Evaluation& run, const Op& op, const Context& context, Size base) {
  std::optional<Item> item, other;
  if (!run.Single(base, item) || !run.Argument(op, 0, context, other)) return false;
  run.Clear(base);
  if (!item || !other) return true;
  if (item->kind != ItemKind::Quantity || other->kind != ItemKind::Quantity)
    return run.Execution("comparable() of what is no quantity");
  return run.Push(InUnitOf(*item, *other).has_value());
}

bool Now(Evaluation& run, const Op&, const Context&, Size base) {
  return PushNow(run, base, ItemKind::DateTime);
}
bool Today(Evaluation& run, const Op&, const Context&, Size base) {
  return PushNow(run, base, ItemKind::Date);
}
bool TimeOfDay(Evaluation& run, const Op&, const Context&, Size base) {
  return PushNow(run, base, ItemKind::Time);
}

}  // namespace passerelle::path::functions
