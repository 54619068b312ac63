// The structure of resources: what is there that may not be, what is missing, what has the wrong form.

#include <catch2/catch.hpp>

#include "profiles/validator/primitives.h"
#include "profiles/validator/rules.h"
#include "tests/support/validate.h"

namespace passerelle::validator {
namespace {

using tests::Findings;
using Found = std::vector<std::string>;

Found Structure(std::string text) {
  ValidateOptions options;
  options.structure_only = true;
  return Findings(std::move(text), options);
}

TEST_CASE("a correct resource has no finding", "[validator]") {
  CHECK(Structure(R"({"resourceType":"Patient","id":"p1","active":true,"name":[{"family":"Testard"}]})")
            .empty());
}

TEST_CASE("an unknown element is named where it stands", "[validator]") {
  CHECK(Structure(R"({"resourceType":"Patient","colour":"red"})") == Found{"structure.unknown Patient"});
  CHECK(Structure(R"({"resourceType":"Patient","name":[{"familly":"x"}]})") ==
        Found{"structure.unknown Patient.name[0]"});
}

TEST_CASE("required elements, also one of a choice", "[validator]") {
  CHECK(Structure(R"({"resourceType":"Observation","status":"final"})") ==
        Found{"structure.min Observation"});
  CHECK(Structure(R"({"resourceType":"MedicationRequest","status":"active","intent":"order",
                      "subject":{"reference":"Patient/1"}})") == Found{"structure.min MedicationRequest"});
}

TEST_CASE("a choice is taken once", "[validator]") {
  CHECK(Structure(R"({"resourceType":"Observation","status":"final","code":{"text":"x"},
                      "valueString":"a","valueInteger":1})") == Found{"structure.max Observation"});
}

TEST_CASE("arrays where they belong and only there", "[validator]") {
  CHECK(Structure(R"({"resourceType":"Patient","name":{"family":"x"}})") ==
        Found{"structure.array-expected Patient.name"});
  CHECK(Structure(R"({"resourceType":"Patient","gender":["male"]})") ==
        Found{"structure.array-unexpected Patient.gender[0]"});
  CHECK(Structure(R"({"resourceType":"Patient","name":[]})") == Found{"structure.array-empty Patient.name"});
}

TEST_CASE("JSON forms follow the type", "[validator]") {
  CHECK(Structure(R"({"resourceType":"Patient","active":"true"})") == Found{"structure.form Patient.active"});
  CHECK(Structure(R"({"resourceType":"Patient","multipleBirthInteger":"2"})") ==
        Found{"structure.form Patient.multipleBirth.ofType(integer)"});
  CHECK(Structure(R"({"resourceType":"Patient","maritalStatus":"M"})") ==
        Found{"structure.form Patient.maritalStatus"});
}

TEST_CASE("empty things are found", "[validator]") {
  CHECK(Structure(R"({"resourceType":"Patient","maritalStatus":{}})") ==
        Found{"structure.empty Patient.maritalStatus"});
  CHECK(Structure(R"({"resourceType":"Patient","gender":""})") ==
        Found{"structure.primitive-empty Patient.gender", "value.empty Patient.gender"});
}

TEST_CASE("XML wants the order of the definitions and no text", "[validator]") {
  CHECK(
      Structure(
          R"(<Patient xmlns="http://hl7.org/fhir"><gender value="male"/><active value="true"/></Patient>)") ==
      Found{"structure.order Patient.active"});
  CHECK(Structure(R"(<Patient xmlns="http://hl7.org/fhir">oops<active value="true"/></Patient>)") ==
        Found{"structure.text Patient"});
}

TEST_CASE("resources within resources", "[validator]") {
  CHECK(
      Structure(
          R"({"resourceType":"Bundle","type":"collection","entry":[{"resource":{"resourceType":"Chicken"}}]})") ==
      Found{"structure.resource-type Bundle.entry[0].resource"});
  CHECK(Structure(R"({"resourceType":"Bundle","type":"collection","entry":[{"resource":{"id":"x"}}]})") ==
        Found{"structure.resource-type-missing Bundle.entry[0].resource"});
  CHECK(Structure(R"({"resourceType":"Patient","id":"bad_id"})").front() == "id.characters Patient.id");
}

TEST_CASE("lexical rules of the primitives", "[validator]") {
  struct Row {
    Primitive type;
    std::string_view text;
    const RuleInfo* broken;
  };
  const Row rows[] = {
      {Primitive::Date, "2024-02-29", nullptr},
      {Primitive::Date, "2023-02-29", &rules::DateMalformed},
      {Primitive::Date, "2024-13", &rules::DateMalformed},
      {Primitive::DateTime, "2024-01-01T10:00:00", &rules::DateWithoutZone},
      {Primitive::DateTime, "2024-01-01T10:00Z", &rules::DateMalformed},
      {Primitive::DateTime, "2024-01-01T10:00:00.123+02:00", nullptr},
      {Primitive::Instant, "2024-01-01", &rules::DateMalformed},
      {Primitive::Decimal, "1.0e-3", nullptr},
      {Primitive::Decimal, "01.5", &rules::DecimalMalformed},
      {Primitive::Integer, "2147483648", &rules::IntegerOutOfRange},
      {Primitive::PositiveInt, "0", &rules::IntegerOutOfRange},
      {Primitive::Code, "a b", nullptr},
      {Primitive::Code, " a", &rules::CodeWhiteSpace},
      {Primitive::Uri, "http://a b", &rules::UriWhiteSpace},
      {Primitive::Oid, "urn:oid:1.2.250.1.213", nullptr},
      {Primitive::Oid, "urn:oid:1.02", &rules::OidMalformed},
      {Primitive::Uuid, "urn:uuid:C757873D-ec9a-4326-a141-556f43239520", &rules::UuidMalformed},
      {Primitive::Base64Binary, "aGVsbG8=", nullptr},
      {Primitive::Base64Binary, "%%%2@", &rules::Base64Malformed},
      {Primitive::Time, "24:00:00", &rules::TimeMalformed}};
  for (const auto& row : rows) {
    INFO(row.text);
    CHECK(CheckLexical(row.type, row.text) == row.broken);
  }
}

}  // namespace
}  // namespace passerelle::validator
