#pragma once
// UCUM: reading, comparing and converting units (unitsofmeasure.org, 2.2). Pure functions over a table
// compiled in.

#include <optional>
#include <string>
#include <string_view>

#include "fhir_model/base/result.h"

namespace passerelle::ucum {

bool IsUnit(std::string_view code);  // well-formed and made of known, prefixable atoms

// Whether both measure the same thing: "mg/dL" and "g/L".
bool AreComparable(std::string_view a, std::string_view b);

// `value` (a decimal as text) of unit `from` in unit `to`, as a decimal with the precision of the value;
// nothing when the units are not comparable or not known.
std::optional<std::string> Convert(std::string_view value, std::string_view from, std::string_view to);

// In base units: {"4000", "g"} gives {"4000", "g"}, {"4", "kg"} too. Nothing for unknown units.
struct Canonical {
  std::string value, unit;
};
std::optional<Canonical> Canonicalise(std::string_view value, std::string_view unit);

// -1, 0, 1, or nothing when they cannot be compared.
std::optional<int> Compare(std::string_view value_a, std::string_view unit_a, std::string_view value_b,
                           std::string_view unit_b);

}  // namespace passerelle::ucum
