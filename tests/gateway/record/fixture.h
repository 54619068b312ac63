#pragma once
// A record in a real store, fed with prepared messages written as FHIR.

#include "fhir_model/base/limits.h"
#include "fhir_model/json/json.h"
#include "gateway/record/record.h"
#include "tests/gateway/store/fixture.h"
#include "tests/support/pack.h"

namespace passerelle::record {

using pipeline::DocumentAction;
using pipeline::DocumentFacts;
using pipeline::Prepared;

inline constexpr std::string_view kLocal = "urn:oid:1.2.250.1.213.1.1.9.999";
inline constexpr std::string_view kTestIns = "urn:oid:1.2.250.1.213.1.4.10";

// A patient resource; `ins` empty: without one. `qualified`: the identity's status is VALI.
inline std::string PatientJson(std::string id, std::string ipp, std::string ins, bool qualified,
                               std::string family = "LAGRANGE", std::string birth_date = "1985-06-12") {
  std::string json = R"({"resourceType":"Patient","id":")" + id + "\"";
  if (qualified)
    json +=
        R"(,"extension":[{"url":"https://hl7.fr/ig/fhir/core/StructureDefinition/fr-core-identity-reliability",)"
        R"("extension":[{"url":"identityStatus","valueCoding":{"code":"VALI"}}]}])";
  json += R"(,"identifier":[{"system":")" + std::string(kLocal) + R"(","value":")" + ipp + "\"}";
  if (!ins.empty()) json += R"(,{"system":")" + std::string(kTestIns) + R"(","value":")" + ins + "\"}";
  return json + R"(],"name":[{"use":"official","family":")" + family +
         R"(","given":["CAMILLE"]}],"gender":"female",)" + R"("birthDate":")" + birth_date + "\"}";
}

struct RecordFixture : store::Fixture {
  Settings settings;
  Issues issues;
  int messages = 0;

  RecordFixture() {
    settings.lane_key = "lane";
    tests::Pack();  // its names are known before anything is read, as in the gateway
  }

  static Prepared Message(std::vector<std::string> resources, std::string event = "ADT^A01") {
    std::string bundle = R"({"resourceType":"Bundle","type":"collection","entry":[)";
    for (std::size_t i = 0; i < resources.size(); ++i) {
      auto at = resources[i].find("\"id\":\"") + 6;
      std::string id = resources[i].substr(at, resources[i].find('"', at) - at);
      bundle += (i == 0 ? "" : ",") + std::string(R"({"fullUrl":"urn:uuid:)") + id + R"(","resource":)" +
                resources[i] + "}";
    }
    Prepared prepared;
    prepared.format = "hl7v2";
    prepared.event = std::move(event);
    auto tree = json::Parse(bundle + "]}", kFileLimits);
    REQUIRE(tree);
    prepared.bundle = *std::move(tree);
    return prepared;
  }

  // Applies one message; what an Error leaves behind is nothing.
  Result<pipeline::Record::Applied> Apply(Prepared prepared) {
    pipeline::Record::Applied applied;
    RecordKeeper keeper(settings);
    auto frame = FrameOf("message " + std::to_string(++messages));
    auto receipt = Wait(store->Keep(frame));
    REQUIRE(receipt);
    auto written = Write([&](pipeline::Transaction& t) -> Status {
      TRY(applied, keeper.Apply(t, receipt->seq, frame, prepared, prepared.issues));
      return Ok();
    });
    issues = std::move(prepared.issues);
    if (!written) return written.error();
    return applied;
  }

  node::Tree Read(std::string_view type, std::string_view id) {
    auto version = store->Read()->Read(type, id);
    REQUIRE(version);
    REQUIRE(*version);
    auto tree = json::Parse((*version)->json, kFileLimits);
    REQUIRE(tree);
    return *std::move(tree);
  }
  std::string Text(std::string_view type, std::string_view id) {
    auto version = store->Read()->Read(type, id);
    return version && *version ? (*version)->json : std::string();
  }
  std::size_t Count(std::string_view type) {
    auto page = store->Read()->Search(type, {}, 100, {});
    REQUIRE(page);
    return page->matches.size();
  }
};

// A document about patient `patient` and one Observation derived from it.
struct DocumentMessage {
  std::string reference, identifier, observation;

  static std::string Reference(std::string id, std::string identifier, std::string patient) {
    return R"({"resourceType":"DocumentReference","id":")" + id + R"(","masterIdentifier":{"value":")" +
           identifier + R"("},"status":"current","subject":{"reference":"urn:uuid:)" + patient + R"("}})";
  }
  static std::string Result(std::string id, std::string patient) {
    return R"({"resourceType":"Observation","id":")" + id +
           R"(","status":"final","subject":{"reference":"urn:uuid:)" + patient + R"("}})";
  }
};

}  // namespace passerelle::record
