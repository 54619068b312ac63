// Units: what is one, what compares with what, and exact conversions.

#include "fhir_model/ucum/ucum.h"

#include <catch2/catch.hpp>

namespace passerelle::ucum {
namespace {

TEST_CASE("units are atoms with prefixes, exponents and brackets", "[ucum]") {
  for (std::string_view unit :
       {"m", "mg/dL", "10*3/uL", "10^9/L", "mm[Hg]", "kg.m/s2", "{score}", "/min", "g/(24.h)", "mmol/L",
        "[in_i'H2O]", "B[10.nV]", "ug{creat}/L", "Cel", "[IU]/L", "1", "%", "m[H2O]"})
    CHECK(IsUnit(unit));
  for (std::string_view unit :
       {"", "mgs", "kmin", "m//s", "(m", "m)", "m2.", "{open", "kk", "m m", "c[in_i]", "days"})
    CHECK_FALSE(IsUnit(unit));
}

TEST_CASE("units of the same thing compare", "[ucum]") {
  CHECK(AreComparable("mg/dL", "g/L"));
  CHECK(AreComparable("N", "kg.m/s2"));
  CHECK(AreComparable("[IU]", "[iU]"));
  CHECK_FALSE(AreComparable("[IU]", "[arb'U]"));
  CHECK_FALSE(AreComparable("mg", "mL"));
  CHECK(Compare("4", "g", "4000", "mg") == 0);
  CHECK(Compare("1", "[in_i]", "2.5", "cm") == 1);
  CHECK_FALSE(Compare("1", "cm", "1", "s"));
}

TEST_CASE("conversions are exact where the factors are", "[ucum]") {
  CHECK(Convert("4040", "mg", "g") == "4.04");
  CHECK(Convert("1", "[in_i]", "cm") == "2.54");
  CHECK(Convert("185", "[lb_av]", "kg") == "83.91458845");
  CHECK(Convert("1", "[mi_i]", "m") == "1609.344");
  CHECK(Convert("37.0", "Cel", "K") == "310.15");
  CHECK(Convert("98.6", "[degF]", "Cel") == "37");
  CHECK(Convert("90", "mg/dL", "g/L") == "0.9");
  CHECK_FALSE(Convert("1", "mg", "mL"));
}

TEST_CASE("base units are canonical", "[ucum]") {
  auto canonical = Canonicalise("4", "kg");
  REQUIRE(canonical);
  CHECK(canonical->value == "4000");
  CHECK(canonical->unit == "g");
  CHECK(Canonicalise("1", "N")->unit == Canonicalise("1", "kg.m/s2")->unit);
  CHECK(Canonicalise("5", "%")->unit == "1");
}

}  // namespace
}  // namespace passerelle::ucum
