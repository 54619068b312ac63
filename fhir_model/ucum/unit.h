#pragma once
// Unit: a UCUM code read into a factor and dimensions. Private to this room.

#include <array>
#include <cstdint>
#include <optional>
#include <string_view>
#include <vector>

#include "fhir_model/base/decimal.h"

namespace passerelle::ucum {

enum class Special : std::uint8_t {
  None,
  Celsius,
  Fahrenheit,
  Reaumur,
  Tangent,
  HomeopathicX,
  HomeopathicC,
  HomeopathicM,
  HomeopathicQ,
  Ph,
  Ln,
  Lg,
  LgTimes2,
  Ld,
  Root
};

// A power of something that cannot be taken apart: a base unit or an arbitrary unit, by its place in the
// table.
struct Power {
  std::uint16_t atom;
  int exponent;
  friend bool operator==(const Power&, const Power&) = default;
};

struct Unit {
  Decimal numerator = 1, denominator = 1;  // how many of the base units; a fraction, to stay exact
  std::vector<Power> powers;               // ascending by atom; none: a pure number
  Special special = Special::None;         // no ratio scale: the factor comes after the function
  Decimal scale = 1;                       // of a special unit: its prefix, before the function

  static std::optional<Unit> Parse(std::string_view code);

  void Multiply(const Unit& other, int exponent);
};

std::string_view AtomCode(std::uint16_t atom);

// A value of a unit in base units, and back.
std::optional<Decimal> ToBase(const Decimal& value, const Unit& unit);
std::optional<Decimal> FromBase(const Decimal& value, const Unit& unit);

}  // namespace passerelle::ucum
