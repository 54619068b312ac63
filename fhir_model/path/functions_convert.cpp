// Conversion (N1, 5.5): each toX gives nothing where convertsToX is false.

#include <algorithm>
#include <array>
#include <limits>
#include <optional>

#include "fhir_model/path/date_time.h"
#include "fhir_model/path/functions.h"
#include "fhir_model/ucum/ucum.h"

namespace passerelle::path::functions {
namespace {

using Size = std::size_t;
using Converted = std::optional<Item>;
using Converter = Converted (*)(Evaluation&, const Item&);

bool Convert(Evaluation& run, Size base, Converter convert, bool ask) {
  std::optional<Item> item;
  if (!run.Single(base, item)) return false;
  run.Clear(base);
  if (!item) return true;
  Converted result = convert(run, *item);
  if (ask) return run.Push(result.has_value());
  return !result || run.Push(*result);
}

Item Number(std::int64_t value) {
  Item item;
  item.kind = ItemKind::Integer;
  item.integer = value;
  return item;
}

Item Text(ItemKind kind, std::string_view text) {
  Item item;
  item.kind = kind;
  item.text = text;
  return item;
}

struct BooleanWord {
  std::string_view word;
  bool value;
};
constexpr std::array<BooleanWord, 12> kBooleans = {{{"true", true},
                                                    {"t", true},
                                                    {"yes", true},
                                                    {"y", true},
                                                    {"1", true},
                                                    {"1.0", true},
                                                    {"false", false},
                                                    {"f", false},
                                                    {"no", false},
                                                    {"n", false},
                                                    {"0", false},
                                                    {"0.0", false}}};

Converted AsBoolean(Evaluation&, const Item& item) {
  if (item.kind == ItemKind::Boolean) return item;
  if (IsNumber(item)) {
    Decimal value = DecimalOf(item);
    if (value == Decimal(1)) return Item::Of(true);
    if (value.zero()) return Item::Of(false);
  }
  if (item.kind != ItemKind::String) return std::nullopt;
  auto same = [&](const BooleanWord& row) {
    return std::equal(row.word.begin(), row.word.end(), item.text.begin(), item.text.end(),
                      [](char a, char b) { return a == (b >= 'A' && b <= 'Z' ? b + 32 : b); });
  };
  auto row = std::find_if(kBooleans.begin(), kBooleans.end(), same);
  if (row == kBooleans.end()) return std::nullopt;
  return Item::Of(row->value);
}

Converted AsInteger(Evaluation&, const Item& item) {
  if (item.kind == ItemKind::Integer) return item;
  if (item.kind == ItemKind::Boolean) return Number(item.boolean ? 1 : 0);
  if (item.kind != ItemKind::String || item.text.find_first_of(".eE") != item.text.npos) return std::nullopt;
  auto value = Decimal::Parse(item.text);
  auto whole = value ? value->Integer() : std::nullopt;
  bool fits = whole && *whole >= std::numeric_limits<std::int32_t>::min() &&
              *whole <= std::numeric_limits<std::int32_t>::max();
  if (!fits) return std::nullopt;
  return Number(*whole);
}

Converted AsDecimal(Evaluation& run, const Item& item) {
  if (item.kind == ItemKind::Decimal) return item;
  if (item.kind == ItemKind::Boolean) return Text(ItemKind::Decimal, item.boolean ? "1.0" : "0.0");
  if (item.kind == ItemKind::Integer) return Text(ItemKind::Decimal, run.Keep(DecimalOf(item).Text()));
  bool plain = item.kind == ItemKind::String && item.text.find_first_of("eE") == item.text.npos;
  if (!plain || !Decimal::Parse(item.text)) return std::nullopt;
  return Text(ItemKind::Decimal, item.text.substr(item.text.starts_with('+') ? 1 : 0));
}

Converted AsDate(Evaluation&, const Item& item) {
  if (item.kind == ItemKind::Date) return item;
  if (item.kind == ItemKind::DateTime) return Text(ItemKind::Date, item.text.substr(0, item.text.find('T')));
  if (item.kind != ItemKind::String) return std::nullopt;
  auto value = DateTime::Parse(item.text);
  if (!value) return std::nullopt;
  return Text(ItemKind::Date, item.text.substr(0, item.text.find('T')));
}

Converted AsDateTime(Evaluation&, const Item& item) {
  if (item.kind == ItemKind::DateTime) return item;
  if (item.kind == ItemKind::Date) return Text(ItemKind::DateTime, item.text);
  if (item.kind != ItemKind::String || !DateTime::Parse(item.text, true)) return std::nullopt;
  return Text(ItemKind::DateTime, item.text);
}

Converted AsTime(Evaluation&, const Item& item) {
  if (item.kind == ItemKind::Time) return item;
  std::string_view text = item.text.starts_with('T') ? item.text.substr(1) : item.text;
  if (item.kind != ItemKind::String || !DateTime::ParseTime(text)) return std::nullopt;
  return Text(ItemKind::Time, text);
}

Item Quantity(std::string_view value, std::string_view unit) {
  Item item = Text(ItemKind::Quantity, value);
  item.unit = unit;
  return item;
}

// "1", "1 day", "1 'wk'"
Converted AsQuantity(Evaluation& run, const Item& item) {
  if (item.kind == ItemKind::Quantity) return item;
  if (item.kind == ItemKind::Boolean) return Quantity(item.boolean ? "1.0" : "0.0", "1");
  if (IsNumber(item)) return Quantity(run.Keep(DecimalOf(item).Text()), "1");
  if (item.kind != ItemKind::String) return std::nullopt;
  std::string_view text = item.text;
  Size end = std::min(text.find_first_not_of("+-0123456789."), text.size());
  std::string_view number = text.substr(0, end), unit = text.substr(end);
  if (!Decimal::Parse(number)) return std::nullopt;
  if (number.starts_with('+')) number.remove_prefix(1);
  unit.remove_prefix(std::min(unit.find_first_not_of(" \t\r\n"), unit.size()));
  if (unit.empty()) return Quantity(number, "1");
  if (unit.size() > 2 && unit.front() == '\'' && unit.back() == '\'')
    return Quantity(number, unit.substr(1, unit.size() - 2));
  bool definite = false;
  if (TimeUnit(unit, definite).empty() || definite) return std::nullopt;
  return Quantity(number, unit);
}

Converted AsText(Evaluation& run, const Item& item) {
  switch (item.kind) {
    case ItemKind::String: return item;
    case ItemKind::Boolean:
      return Item::Of(item.boolean ? std::string_view("true") : std::string_view("false"));
    case ItemKind::Integer: return Item::Of(run.Keep(std::to_string(item.integer)));
    case ItemKind::Quantity: {
      bool definite = false;
      bool word = !TimeUnit(item.unit, definite).empty() && !definite;
      std::string text =
          std::string(item.text) + (word ? " " : " '") + std::string(item.unit) + (word ? "" : "'");
      return Item::Of(run.Keep(text));
    }
    case ItemKind::Decimal:
    case ItemKind::Date:
    case ItemKind::DateTime:
    case ItemKind::Time: return Item::Of(item.text);
    default: return std::nullopt;
  }
}

// toQuantity(unit): in that unit, where it can be converted.
bool ConvertQuantity(Evaluation& run, const Op& op, const Context& context, Size base, bool ask) {
  std::optional<std::string_view> unit;
  if (!run.TextArgument(op, 0, context, unit)) return false;
  if (!unit) return Convert(run, base, AsQuantity, ask);
  std::optional<Item> item;
  if (!run.Single(base, item)) return false;
  run.Clear(base);
  if (!item) return true;
  Converted quantity = AsQuantity(run, *item);
  auto value = quantity ? InUnitOf(*quantity, Quantity("1", *unit)) : std::nullopt;
  if (ask) return run.Push(value.has_value());
  return !value || run.Push(Quantity(run.Keep(value->Text()), *unit));
}

}  // namespace

#define CONVERSION(to, asks, convert)                                \
  bool to(Evaluation& run, const Op&, const Context&, Size base) {   \
    return Convert(run, base, convert, false);                       \
  }                                                                  \
  bool asks(Evaluation& run, const Op&, const Context&, Size base) { \
    return Convert(run, base, convert, true);                        \
  }
CONVERSION(ToBoolean, ConvertsToBoolean, AsBoolean)
CONVERSION(ToInteger, ConvertsToInteger, AsInteger)
CONVERSION(ToDecimal, ConvertsToDecimal, AsDecimal)
CONVERSION(ToDate, ConvertsToDate, AsDate)
CONVERSION(ToDateTime, ConvertsToDateTime, AsDateTime)
CONVERSION(ToTime, ConvertsToTime, AsTime)
CONVERSION(ToString, ConvertsToString, AsText)
#undef CONVERSION

bool ToQuantity(Evaluation& run, const Op& op, const Context& context, Size base) {
  return ConvertQuantity(run, op, context, base, false);
}
bool ConvertsToQuantity(Evaluation& run, const Op& op, const Context& context, Size base) {
  return ConvertQuantity(run, op, context, base, true);
}

}  // namespace passerelle::path::functions
