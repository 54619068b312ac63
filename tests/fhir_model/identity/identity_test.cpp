// Keys of the national identifiers, with values of official examples that are right and that are wrong.

#include "fhir_model/identity/identity.h"

#include <catch2/catch.hpp>
#include <cstdint>
#include <string>

namespace passerelle::identity {
namespace {

TEST_CASE("the key of an INS matricule is 97 minus the remainder", "[identity]") {
  CHECK(InsKeyAgrees("279035121518989"));
  CHECK(InsKeyAgrees("277076322082910"));
  CHECK_FALSE(InsKeyAgrees("276037510669380"));
  CHECK(InsKeyAgrees("276037510669326"));
}

TEST_CASE("a matricule born in Corsica counts 2A as 19 and 2B as 18", "[identity]") {
  auto key = [](std::int64_t n) { return std::to_string(100 + 97 - n % 97).substr(1); };
  CHECK(InsKeyAgrees("180012A004005" + key(1800119004005)));
  CHECK(InsKeyAgrees("180012B004005" + key(1800118004005)));
}

TEST_CASE("what is no matricule has no key", "[identity]") {
  for (auto value : {"", "2790351215189", "27903512151898X", "2790351215189890", "A79035121518989"})
    CHECK_FALSE(InsKeyAgrees(value));
}

TEST_CASE("only four roots are the INS", "[identity]") {
  CHECK(FindInsRoot("1.2.250.1.213.1.4.8")->kind == InsKind::Nir);
  CHECK(FindInsRoot("urn:oid:1.2.250.1.213.1.4.10")->fictitious);
  for (auto oid : {"1.2.250.1.213.1.4.2", "1.2.250.1.213.1.4.13", "1.2.250.1.213.1.4.14", "1.2.250.1.213.1.4", ""})
    CHECK(FindInsRoot(oid) == nullptr);
}

TEST_CASE("RPPS, SIREN and FINESS carry a Luhn key", "[identity]") {
  CHECK(IsSiren("732829320"));
  CHECK_FALSE(IsSiren("732829321"));
  int right = 0;
  for (char c = '0'; c <= '9'; ++c) right += IsRpps(std::string("1010000000") + c);
  CHECK(right == 1);
  CHECK_FALSE(IsRpps("1010000000"));
  CHECK(FindProfessionalIdKind('8')->name == "RPPS");
  CHECK(FindStructureIdKind('1')->name == "FINESS");
  CHECK(FindStructureIdKind('9') == nullptr);
}

}  // namespace
}  // namespace passerelle::identity
