// Safety rules 1 and 2: what may leave, one case for each reason why it may not; consents by their declared
// date.

#include <catch2/catch.hpp>

#include "tests/gateway/record/fixture.h"

namespace passerelle::record {
namespace {

std::string Feeding(std::string policy, std::string date, std::string id = "c1") {
  return R"({"resourceType":"Consent","id":")" + id +
         R"(","status":"active","category":[{"coding":[{"code":"dmp-feeding"}]}],)" +
         R"("patient":{"reference":"urn:uuid:p1"},"dateTime":")" + date +
         R"(","policyRule":{"coding":[{"code":")" + policy + R"("}]}})";
}

std::string Consultation(std::string policy, std::string date) {
  std::string consent = Feeding(std::move(policy), std::move(date), "c9");
  return consent.replace(consent.find("dmp-feeding"), 11, "dmp-consultation");
}

TargetSettings Target(bool production) {
  TargetSettings target;
  target.name = "dmp";
  target.production = production;
  return target;
}

struct GateFixture : RecordFixture {
  std::string patient = PatientJson("p1", "1", "285067599900116", true);

  GateFixture() { settings.targets.push_back(Target(false)); }

  Prepared Document(std::optional<bool> to_record = true) {
    Prepared prepared = Message({patient, DocumentMessage::Reference("d1", "urn:oid:1.1", "p1")}, "ORU^R01");
    DocumentFacts facts;
    facts.url = "urn:uuid:d1";
    facts.identifier = "urn:oid:1.1";
    prepared.documents.push_back(std::move(facts));
    prepared.to_record = to_record;
    return prepared;
  }
  std::size_t Owed() {
    auto owed = store->Read()->Deliveries("owed", 0, 100);
    REQUIRE(owed);
    return owed->size();
  }
  // Applies the document and says why it was withheld; empty: it may leave.
  std::string Withheld(Prepared prepared) {
    std::size_t before = Owed();
    auto applied = Apply(std::move(prepared));
    REQUIRE(applied);
    CHECK((Owed() == before) == (applied->state == pipeline::State::Withheld));
    return applied->cause;
  }
};

}  // namespace

TEST_CASE_METHOD(GateFixture, "a document of a qualified patient leaves", "[gate]") {
  CHECK(Withheld(Document()).empty());
  CHECK(Owed() == 1);
}

TEST_CASE_METHOD(GateFixture, "an active opposition withholds", "[gate]") {
  REQUIRE(Apply(Message({patient, Feeding("OPTOUT", "2024-03-06T08:00:00+01:00")})));
  CHECK(Withheld(Document()) == "gate.opposition");

  SECTION("lifting it lets later documents go and never sends the backlog") {
    std::size_t before = Owed();
    REQUIRE(Apply(Message({Feeding("OPTIN", "2024-03-07T08:00:00+01:00"), patient})));
    auto owed = store->Read()->Deliveries("owed", 0, 100);
    REQUIRE(owed);
    for (std::size_t i = before; i < owed->size(); ++i)
      CHECK((*owed)[i].payload.find("DocumentReference") == std::string::npos);
  }
}

TEST_CASE_METHOD(GateFixture, "the later declaration wins, not the later arrival", "[gate]") {
  REQUIRE(Apply(Message({patient, Feeding("OPTOUT", "2024-03-06T08:00:00+01:00")})));
  REQUIRE(Apply(Message({patient, Feeding("OPTIN", "2024-01-02T10:00:00+01:00", "c2")})));
  CHECK(Count("Consent") == 1);
  CHECK(Withheld(Document()) == "gate.opposition");
}

TEST_CASE_METHOD(GateFixture, "dates are compared across time zones", "[gate]") {
  REQUIRE(Apply(Message({patient, Feeding("OPTOUT", "2024-03-06T08:00:00-04:00")})));
  REQUIRE(Apply(Message({patient, Feeding("OPTIN", "2024-03-06T09:00:00+01:00", "c2")})));
  CHECK(Withheld(Document()) == "gate.opposition");
}

TEST_CASE_METHOD(GateFixture, "an opposition to consultation is a consent of its own and withholds nothing",
                 "[gate]") {
  REQUIRE(Apply(Message({patient, Feeding("OPTIN", "2024-03-06T08:00:00+01:00")})));
  REQUIRE(Apply(Message({patient, Consultation("OPTOUT", "2024-03-07T08:00:00+01:00")})));
  CHECK(Count("Consent") == 2);
  CHECK(Withheld(Document()).empty());
}

TEST_CASE_METHOD(GateFixture, "DESTDMP = N withholds", "[gate]") {
  CHECK(Withheld(Document(false)) == "gate.destdmp");
}

TEST_CASE_METHOD(GateFixture, "a deletion passes the gate like everything else", "[gate]") {
  REQUIRE(Apply(Document()));
  Prepared deletion = Message({patient}, "MDM^T04");
  DocumentFacts facts;
  facts.action = DocumentAction::Delete;
  facts.identifier = "urn:oid:1.1";
  deletion.documents.push_back(std::move(facts));
  SECTION("open") { CHECK(Withheld(std::move(deletion)).empty()); }
  SECTION("shut by the message") {
    deletion.to_record = false;
    CHECK(Withheld(std::move(deletion)) == "gate.destdmp");
  }
  SECTION("shut by the patient") {
    REQUIRE(Apply(Message({patient, Feeding("OPTOUT", "2024-03-06T08:00:00+01:00")})));
    CHECK(Withheld(std::move(deletion)) == "gate.opposition");
  }
  auto document = Read("DocumentReference", "d1");
  CHECK(document.ChildText(node::kRoot, "status") == "entered-in-error");
}

TEST_CASE_METHOD(GateFixture, "an identity that is not qualified withholds", "[gate]") {
  patient = PatientJson("p1", "1", "285067599900116", false);
  CHECK(Withheld(Document()) == "gate.ins-not-qualified");
}

TEST_CASE_METHOD(GateFixture, "a patient without an INS is not sent", "[gate]") {
  patient = PatientJson("p1", "1", "", true);
  CHECK(Withheld(Document()) == "gate.ins-not-qualified");
}

TEST_CASE_METHOD(GateFixture, "a test INS does not leave a production environment", "[gate]") {
  settings.environment = access::Environment::Production;
  CHECK(Withheld(Document()) == "gate.ins-environment");
}

TEST_CASE_METHOD(GateFixture, "a test environment never owes to a production target", "[gate]") {
  settings.targets = {Target(true)};
  REQUIRE(Apply(Document()));
  CHECK(Owed() == 0);
}

TEST_CASE_METHOD(GateFixture, "a record store behind MLLP gets the message itself, behind the same gate", "[gate]") {
  settings.targets = {Target(false)};
  settings.targets[0].kind = "mllp";
  settings.targets[0].dmp = true;
  REQUIRE(Apply(Document(false)));
  CHECK(Owed() == 0);
  REQUIRE(Apply(Document()));
  auto owed = store->Read()->Deliveries("owed", 0, 1);
  REQUIRE(owed);
  REQUIRE(owed->size() == 1);
  CHECK(owed->front().payload == *store->Read()->MessageBytes(owed->front().seq));
}

TEST_CASE_METHOD(GateFixture, "the gate is asked again at the moment of sending", "[gate]") {
  REQUIRE(Apply(Document()));
  auto owed = store->Read()->Deliveries("owed", 0, 1);
  REQUIRE(owed);
  REQUIRE(owed->size() == 1);
  auto ask = [&] {
    auto view = store->Read();
    auto verdict = access::AskAgain(*view, owed->front(), access::Environment::Test);
    REQUIRE(verdict);
    return std::string(verdict->reason);
  };
  CHECK(ask().empty());
  SECTION("the document was withdrawn meanwhile") {
    Prepared deletion = Message({patient}, "MDM^T04");
    DocumentFacts facts;
    facts.action = DocumentAction::Delete;
    facts.identifier = "urn:oid:1.1";
    deletion.documents.push_back(std::move(facts));
    REQUIRE(Apply(std::move(deletion)));
    CHECK(ask() == "gate.retracted");
  }
  SECTION("the patient objected meanwhile") {
    REQUIRE(Apply(Message({patient, Feeding("OPTOUT", "2024-03-06T08:00:00+01:00")})));
    CHECK(ask() == "gate.opposition");
  }
}

}  // namespace passerelle::record
