// FHIR in: resources and Bundles with ids of ours, references placed, nothing lost.

#include "tests/mappers/normalise/fixture.h"

namespace passerelle::normalise {

TEST_CASE("formats are told apart by their bytes", "[normalise]") {
  CHECK(Detect("MSH|^~\\&|") == Format::Hl7v2);
  CHECK(Detect("\x0bMSH|^~\\&|") == Format::Hl7v2);
  CHECK(Detect("BHS|^~\\&|") == Format::Hl7v2);
  CHECK(Detect(std::string("\0M\0S\0H\0|\0^", 10)) == Format::Hl7v2);
  CHECK(Detect("\xEF\xBB\xBF{\"resourceType\":\"Patient\"}") == Format::Fhir);
  CHECK(Detect("<Patient xmlns=\"http://hl7.org/fhir\"/>") == Format::Fhir);
  CHECK(Detect(Example("laboratory/report.xml")) == Format::Cda);
  CHECK(Detect("%PDF-1.4") == Format::Unknown);
  CHECK(Detect("") == Format::Unknown);
}

TEST_CASE("a Bundle's references follow its resources", "[normalise]") {
  auto done = Run(Example("fhir/weight.json"));
  REQUIRE(RefusalOf(done).empty());
  CHECK(Count(done, "Patient") == 1);
  CHECK(Count(done, "Observation") == 1);
  CHECK(BundleText(done).find("\"value\":63.40") != std::string::npos);
  CHECK(BundleText(done).find("5b6c2a50-1111-4a5f-9d0e-000000000001") == std::string::npos);
  REQUIRE(done.patient);
  CHECK(BundleText(done).find("\"subject\":{\"reference\":\"" + done.patient->url + "\"}") !=
        std::string::npos);
  CHECK(done.draft->ledger.Count(engine::Fate::Unmapped) == 0);
}

TEST_CASE("a dangling urn:uuid is refused with its place, a foreign URL is kept", "[normalise]") {
  auto dangling =
      Run(R"({"resourceType":"Bundle","type":"collection","entry":[{"resource":{"resourceType":"Observation",
    "status":"final","code":{"text":"x"},"subject":{"reference":"urn:uuid:00000000-0000-4000-8000-000000000000"}}}]})");
  CHECK(RefusalOf(dangling) == "ReferenceDangling");
  auto foreign = Run(R"({"resourceType":"Observation","status":"final","code":{"text":"x"},
    "subject":{"reference":"https://elsewhere.example/fhir/Patient/1"}})");
  CHECK(RefusalOf(foreign).empty());
  CHECK(BundleText(foreign).find("https://elsewhere.example/fhir/Patient/1") != std::string::npos);
}

TEST_CASE("the same business identifier is the same resource, homonyms are not", "[normalise]") {
  auto patient = [](std::string identifier) {
    auto done = Run(R"({"resourceType":"Patient","identifier":[{"system":"urn:oid:1.2.3","value":")" +
                    identifier + R"("}],"name":[{"family":"LAGRANGE"}]})");
    REQUIRE(done.patient);
    return done.patient->url;
  };
  CHECK(patient("1") == patient("1"));
  CHECK(patient("1") != patient("2"));
}

TEST_CASE("what is no FHIR R4 is refused", "[normalise]") {
  CHECK(RefusalOf(Run(R"({"resourceType":"Nonsense"})")) == "NotAResource");
  CHECK(RefusalOf(Run(R"({"resourceType":"Patient","id":"a","id":"b"})")) == "JsonDuplicateMember");
  CHECK(RefusalOf(Run("%PDF-1.4")) == "FormatNotKnown");
  CHECK(RefusalOf(Run(std::string(100'000, '[') + std::string(100'000, ']'))) != "");
  CHECK(
      RefusalOf(Run(R"({"resourceType":"Observation","valueQuantity":{"value":0.000000000001e-2147483639}})"))
          .empty());
}

TEST_CASE("a transaction puts each resource under its id; a document begins with its Composition",
          "[normalise]") {
  auto bundle_of = [](const char* example, BundleForm form) {
    auto done = Run(Example(example));
    REQUIRE(done.draft);
    return BundleAs(*std::move(done.draft), form);
  };
  auto transaction = bundle_of("laboratory/report.xml", BundleForm::Transaction);
  REQUIRE(transaction);
  CHECK(json::Write(*transaction).find("\"method\":\"PUT\"") != std::string::npos);
  auto document = bundle_of("laboratory/report.xml", BundleForm::Document);
  REQUIRE(document);
  auto text = json::Write(*document);
  CHECK(text.find("\"type\":\"document\"") != std::string::npos);
  CHECK(text.find("\"resourceType\":\"Composition\"") < text.find("\"resourceType\":\"Patient\""));
  CHECK_FALSE(bundle_of("fhir/weight.json", BundleForm::Document));
}

}  // namespace passerelle::normalise
