// Whom a source names: found by these when the message was refused.

#include "gateway/inputs/named.h"

#include <catch2/catch.hpp>

#include "fhir_model/base/limits.h"
#include "fhir_model/json/json.h"
#include "mappers/cda/cda.h"
#include "mappers/hl7v2/grammar.h"
#include "mappers/hl7v2/reader.h"
#include "tests/support/pack.h"

namespace passerelle::inputs {
namespace {

std::string Listed(const node::Tree& source) {
  std::string all;
  for (const auto& [system, value] : NamedIn(source)) all += system + "|" + value + " ";
  return all;
}

TEST_CASE("a message names its patient in PID-3, each repetition, with and without an authority") {
  Issues issues;
  auto message = hl7v2::Parse(
      "MSH|^~\\&|A|B|||20260301||ADT^A01|1|P|2.5\rPID|||7^^^CHU&1.2.250.1.999.1&ISO^PI~8||DURAND\rNK1|1\r",
      {}, issues);
  REQUIRE(message);
  CHECK(Listed(*message) == "urn:oid:1.2.250.1.999.1|7 |8 ");
}

TEST_CASE("a message whose segments stand in groups names its patient too") {
  Issues issues;
  auto message = hl7v2::Parse(
      "MSH|^~\\&|A|B|||20260301||ORU^R01^ORU_R01|1|P|2.5\rPID|||7^^^CHU&1.2.250.1.999.1&ISO\r"
      "OBR|1|||X\rOBX|1|NM|Y||1\r",
      {}, issues);
  REQUIRE(message);
  hl7v2::Group(*message, issues);
  REQUIRE(message->Child(node::kRoot, "PID") == node::kNone);
  CHECK(Listed(*message) == "urn:oid:1.2.250.1.999.1|7 ");
}

TEST_CASE("a document names its patient in the recordTarget alone") {
  Issues issues;
  auto document = cda::Parse(
      "<ClinicalDocument xmlns=\"urn:hl7-org:v3\"><id root=\"1.2.3\" "
      "extension=\"no\"/><recordTarget><patientRole>"
      "<id root=\"1.2.250.1.213.1.4.10\" extension=\"7\"/><id root=\"1.2.4\" "
      "nullFlavor=\"UNK\"/></patientRole>"
      "</recordTarget></ClinicalDocument>",
      kFileLimits, issues);
  REQUIRE(document);
  CHECK(Listed(*document) == "urn:oid:1.2.250.1.213.1.4.10|7 ");
}

TEST_CASE("FHIR names the identifiers of its Patients, not of other resources") {
  auto parse = [](std::string text) { return *json::Parse(std::move(text), kFileLimits, &tests::Pack()); };
  CHECK(Listed(parse(
            R"({"resourceType":"Patient","identifier":[{"system":"urn:x","value":"7"},{"value":"8"}]})")) ==
        "urn:x|7 |8 ");
  CHECK(Listed(parse(R"({"resourceType":"Bundle","type":"message","entry":[
      {"resource":{"resourceType":"Observation","identifier":[{"value":"no"}]}},
      {"resource":{"resourceType":"Patient","identifier":[{"value":"9"}]}}]})")) == "|9 ");
}

}  // namespace
}  // namespace passerelle::inputs
