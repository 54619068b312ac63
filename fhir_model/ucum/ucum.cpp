#include "fhir_model/ucum/ucum.h"

#include "fhir_model/base/decimal.h"
#include "fhir_model/ucum/unit.h"

namespace passerelle::ucum {

bool IsUnit(std::string_view code) { return Unit::Parse(code).has_value(); }

bool AreComparable(std::string_view a, std::string_view b) {
  auto left = Unit::Parse(a), right = Unit::Parse(b);
  return left && right && left->powers == right->powers;
}

namespace {

// Ratio scales are converted in one fraction, so that 1 [in_i] in cm is 2.54 and not a thousandth away from
// it.
std::optional<Decimal> Converted(std::string_view value, const Unit& from, const Unit& to) {
  auto number = Decimal::Parse(value);
  if (!number || from.powers != to.powers) return std::nullopt;
  if (from.special == Special::None && to.special == Special::None)
    return *number * from.numerator * to.denominator / (from.denominator * to.numerator);
  auto base = ToBase(*number, from);
  return base ? FromBase(*base, to) : std::nullopt;
}

}  // namespace

std::optional<std::string> Convert(std::string_view value, std::string_view from, std::string_view to) {
  auto source = Unit::Parse(from), target = Unit::Parse(to);
  if (!source || !target) return std::nullopt;
  auto converted = Converted(value, *source, *target);
  if (!converted) return std::nullopt;
  return converted->Text();
}

std::optional<Canonical> Canonicalise(std::string_view value, std::string_view unit) {
  auto read = Unit::Parse(unit);
  auto number = Decimal::Parse(value);
  if (!read || !number) return std::nullopt;
  auto base = ToBase(*number, *read);
  if (!base) return std::nullopt;
  Canonical canonical{base->Normalised().Text(), {}};
  for (const auto& power : read->powers) {
    if (!canonical.unit.empty()) canonical.unit += '.';
    canonical.unit += AtomCode(power.atom);
    if (power.exponent != 1) canonical.unit += std::to_string(power.exponent);
  }
  if (canonical.unit.empty()) canonical.unit = "1";
  return canonical;
}

std::optional<int> Compare(std::string_view value_a, std::string_view unit_a, std::string_view value_b,
                           std::string_view unit_b) {
  auto left = Decimal::Parse(value_a), right = Decimal::Parse(value_b);
  if (!left || !right) return std::nullopt;
  if (unit_a == unit_b) return Decimal::Compare(*left, *right);
  auto a = Unit::Parse(unit_a), b = Unit::Parse(unit_b);
  if (!a || !b || a->powers != b->powers) return std::nullopt;
  if (a->special == Special::None && b->special == Special::None)
    return Decimal::Compare(*left * a->numerator * b->denominator, *right * b->numerator * a->denominator);
  auto x = ToBase(*left, *a), y = ToBase(*right, *b);
  if (!x || !y) return std::nullopt;
  return Decimal::Compare(*x, *y);
}

}  // namespace passerelle::ucum
