// Decimal: what is written comes back, sums are exact, quotients end where they may.

#include "fhir_model/base/decimal.h"

#include <catch2/catch.hpp>
#include <string>

namespace passerelle {
namespace {

Decimal D(std::string_view text) { return Decimal::Parse(text).value(); }

TEST_CASE("decimals keep what was written", "[decimal]") {
  for (std::string_view text : {"0", "0.0", "1.50", "-12.500", "1234567890987654321.0", "0.00000001"})
    CHECK(D(text).Text() == text);
  CHECK(D("1e3").Text() == "1000");
  CHECK(D("1.5E-3").Text() == "0.0015");
  for (std::string_view text : {"", "-", ".5", "1.", "1e", "abc", "1.2.3", "1e99999"})
    CHECK_FALSE(Decimal::Parse(text));
}

TEST_CASE("decimal arithmetic is exact where it can be", "[decimal]") {
  CHECK((D("1.2") + D("1.8")).Text() == "3.0");
  CHECK((D("1.8") - D("1.2")).Text() == "0.6");
  CHECK((D("0.1") + D("1e30")).Text() == "1000000000000000000000000000000.1");
  CHECK((D("1.2") * D("1.8")).Text() == "2.16");
  CHECK((D("1") / D("2")).Text() == "0.5");
  CHECK((D("1.2") / D("1.8")).Text() == "0.6666666666666666666666666666666667");
  CHECK((D("1234567890123456789012345678901234") * D("1234567890123456789012345678901234")) ==
        D("1524157875323883675049535156256667e33"));
}

TEST_CASE("decimals compare by value and round as asked", "[decimal]") {
  CHECK(D("1.10") == D("1.1"));
  CHECK(Decimal::Compare(D("-1"), D("1e-30")) == -1);
  CHECK(Decimal::Compare(D("100"), D("99.999")) == 1);
  CHECK(D("3.14159").Rounded(3).Text() == "3.142");
  CHECK(D("-1.1").Rounded(0, Decimal::Rounding::Floor).Text() == "-2");
  CHECK(D("-1.1").Rounded(0, Decimal::Rounding::Ceiling).Text() == "-1");
  CHECK(D("7").Rounded(2).Text() == "7.00");
  CHECK(D("120.0").Integer() == 120);
  CHECK_FALSE(D("1.5").Integer());
  CHECK(Decimal(INT64_MIN).Text() == "-9223372036854775808");
}

}  // namespace
}  // namespace passerelle
