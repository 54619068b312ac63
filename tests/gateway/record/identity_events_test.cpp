// Safety rules 7 and 9: patients are linked, never guessed; merges, moves and replaced identifiers.

#include <catch2/catch.hpp>

#include "gateway/pipeline/errors.h"
#include "tests/gateway/record/fixture.h"

namespace passerelle::record {
namespace {

using pipeline::MergeFacts;

Prepared Merge(MergeFacts::Kind kind, std::string survivor, std::string survivor_id, std::string loser_ipp,
               std::string account = {}) {
  Prepared prepared = RecordFixture::Message({std::move(survivor)}, "ADT^A40");
  prepared.merges = {MergeFacts{kind, "urn:uuid:" + survivor_id, std::string(kLocal), std::move(loser_ipp),
                                std::move(account)}};
  return prepared;
}

// The patient as another hospital sends it: the same but for the local identifier.
std::string Elsewhere(std::string id, std::string ipp, bool qualified, std::string family = "LAGRANGE",
                      std::string birth_date = "1985-06-12") {
  std::string json = PatientJson(std::move(id), std::move(ipp), "285067599900116", qualified,
                                 std::move(family), std::move(birth_date));
  return json.replace(json.find(kLocal), kLocal.size(), "urn:oid:1.2.250.1.213.1.1.9.777");
}

std::string Changed(std::string text, std::string_view from, std::string_view to) {
  auto at = text.find(from);
  REQUIRE(at != text.npos);
  return text.replace(at, from.size(), to);
}

}  // namespace

TEST_CASE_METHOD(RecordFixture, "A40: the loser is inactive and points to the winner", "[record]") {
  REQUIRE(Apply(Message({PatientJson("p1", "1", "", false)})));
  REQUIRE(Apply(Message({PatientJson("p2", "2", "", false)})));
  REQUIRE(Apply(Merge(MergeFacts::Kind::Patients, PatientJson("p1", "1", "", false), "p1", "2")));
  CHECK(Text("Patient", "p2").find(R"("active":false)") != std::string::npos);
  CHECK(Text("Patient", "p2").find(R"("reference":"Patient/p1"},"type":"replaced-by")") != std::string::npos);
  CHECK(Text("Patient", "p1").find(R"("reference":"Patient/p2"},"type":"replaces")") != std::string::npos);

  SECTION("once, however often it is sent") {
    std::string before = Text("Patient", "p1");
    REQUIRE(Apply(Merge(MergeFacts::Kind::Patients, PatientJson("p1", "1", "", false), "p1", "2")));
    CHECK(Text("Patient", "p1") == before);
  }
  SECTION("and with what the message itself says of the loser") {
    std::string before = Text("Patient", "p1");
    Prepared again = Merge(MergeFacts::Kind::Patients, PatientJson("p1", "1", "", false), "p1", "2");
    std::string loser = PatientJson("p2", "2", "", false);
    loser.insert(loser.rfind('}'),
                 R"(,"active":false,"link":[{"other":{"reference":"urn:uuid:p1"},"type":"replaced-by"}])");
    Prepared both = Message({PatientJson("p1", "1", "", false), loser}, "ADT^A40");
    both.merges = again.merges;
    REQUIRE(Apply(std::move(both)));
    CHECK(Text("Patient", "p1") == before);
  }
  SECTION("what comes for the loser later belongs to the winner") {
    REQUIRE(Apply(Message({PatientJson("p2", "2", "", false), DocumentMessage::Result("o1", "p2")})));
    CHECK(Text("Observation", "o1").find("Patient/p1") != std::string::npos);
  }
}

TEST_CASE_METHOD(RecordFixture, "A40 with several pairs: each is applied, in their order, or none", "[record]") {
  for (std::string number : {"1", "2", "3", "4"})
    REQUIRE(Apply(Message({PatientJson("p" + number, number, "", false)})));
  auto pairs = [](std::initializer_list<std::pair<std::string, std::string>> survivors_and_losers) {
    std::vector<std::string> survivors;
    std::vector<MergeFacts> merges;
    for (const auto& [survivor, loser] : survivors_and_losers) {
      survivors.push_back(PatientJson("p" + survivor, survivor, "", false));
      merges.push_back(
          {MergeFacts::Kind::Patients, "urn:uuid:p" + survivor, std::string(kLocal), loser, {}});
    }
    Prepared prepared = RecordFixture::Message(std::move(survivors), "ADT^A40");
    prepared.merges = std::move(merges);
    return prepared;
  };
  REQUIRE(Apply(pairs({{"1", "2"}, {"3", "4"}})));
  CHECK(Text("Patient", "p2").find(R"("reference":"Patient/p1"},"type":"replaced-by")") != std::string::npos);
  CHECK(Text("Patient", "p4").find(R"("reference":"Patient/p3"},"type":"replaced-by")") != std::string::npos);
  CHECK(Text("Patient", "p3").find(R"("reference":"Patient/p4"},"type":"replaces")") != std::string::npos);
  CHECK(Text("Patient", "p1").find("Patient/p4") == std::string::npos);

  SECTION("once, however often it is sent") {
    std::string before = Text("Patient", "p1") + Text("Patient", "p3");
    REQUIRE(Apply(pairs({{"1", "2"}, {"3", "4"}})));
    CHECK(Text("Patient", "p1") + Text("Patient", "p3") == before);
  }
  SECTION("one of them is for a person to decide: none is applied") {
    REQUIRE(Apply(Message({PatientJson("p5", "5", "285067599900116", true)})));
    REQUIRE(Apply(Message({PatientJson("p6", "6", "179031399904205", true)})));
    std::string before = Text("Patient", "p3");
    CHECK_FALSE(Apply(pairs({{"1", "3"}, {"5", "6"}})));
    CHECK(Text("Patient", "p3") == before);
  }
}

TEST_CASE_METHOD(RecordFixture, "A40 between two qualified INS is for a person to decide", "[record]") {
  REQUIRE(Apply(Message({PatientJson("p1", "1", "285067599900116", true)})));
  REQUIRE(Apply(Message({PatientJson("p2", "2", "179031399904205", true)})));
  std::string before = Text("Patient", "p2");
  auto merged =
      Apply(Merge(MergeFacts::Kind::Patients, PatientJson("p1", "1", "285067599900116", true), "p1", "2"));
  REQUIRE_FALSE(merged);
  CHECK(merged.error().info == &errors::PatientUnclear);
  CHECK(Text("Patient", "p2") == before);
}

TEST_CASE_METHOD(RecordFixture, "A40 of a patient nobody knows changes nothing and says so", "[record]") {
  REQUIRE(Apply(Merge(MergeFacts::Kind::Patients, PatientJson("p1", "1", "", false), "p1", "unknown")));
  CHECK(Count("Patient") == 1);
  REQUIRE(issues.all().size() == 1);
  CHECK(issues.all()[0].rule->id == "record.merged-unknown");
}

TEST_CASE_METHOD(RecordFixture, "A44 moves the named visit and nothing else", "[record]") {
  auto visit = [](std::string id, std::string number) {
    return R"({"resourceType":"Encounter","id":")" + id + R"(","identifier":[{"value":")" + number +
           R"("}],"status":"in-progress","subject":{"reference":"urn:uuid:p2"}})";
  };
  REQUIRE(Apply(Message({PatientJson("p1", "1", "", false)})));
  REQUIRE(Apply(Message({PatientJson("p2", "2", "", false), visit("e1", "V1"), visit("e2", "V2")})));
  REQUIRE(Apply(Merge(MergeFacts::Kind::Visit, PatientJson("p1", "1", "", false), "p1", "2", "V1")));
  CHECK(Text("Encounter", "e1").find("Patient/p1") != std::string::npos);
  CHECK(Text("Encounter", "e2").find("Patient/p2") != std::string::npos);
  CHECK(Text("Patient", "p2").find("replaced-by") == std::string::npos);
}

TEST_CASE_METHOD(RecordFixture, "A47 gives the same patient another identifier", "[record]") {
  REQUIRE(Apply(Message({PatientJson("p1", "old", "", false)})));
  REQUIRE(Apply(Merge(MergeFacts::Kind::Identifier, PatientJson("p9", "new", "", false), "p9", "old")));
  CHECK(Count("Patient") == 1);
  CHECK(Text("Patient", "p1").find(R"("value":"new")") != std::string::npos);
  CHECK(Text("Patient", "p1").find(R"("value":"old")") == std::string::npos);

  SECTION("unless it is somebody else's") {
    REQUIRE(Apply(Message({PatientJson("p3", "3", "", false)})));
    auto taken = Apply(Merge(MergeFacts::Kind::Identifier, PatientJson("p3", "3", "", false), "p3", "new"));
    REQUIRE_FALSE(taken);
    CHECK(taken.error().info == &errors::PatientUnclear);
  }
}

TEST_CASE_METHOD(RecordFixture, "two domains are one person only by qualified INS and equal traits",
                 "[record]") {
  const std::string known = PatientJson("p1", "1", "285067599900116", true);
  SECTION("linked") {
    REQUIRE(Apply(Message({known})));
    REQUIRE(Apply(Message({Elsewhere("p2", "77", true)})));
    CHECK(Count("Patient") == 1);
  }
  SECTION("the newcomer is not qualified: two patients") {
    REQUIRE(Apply(Message({known})));
    REQUIRE(Apply(Message({Elsewhere("p2", "77", false)})));
    CHECK(Count("Patient") == 2);
  }
  SECTION("the one that is known is not qualified: two patients") {
    REQUIRE(Apply(Message({PatientJson("p1", "1", "285067599900116", false)})));
    REQUIRE(Apply(Message({Elsewhere("p2", "77", true)})));
    CHECK(Count("Patient") == 2);
  }
  SECTION("another trait: two patients and a finding") {
    std::string other = Elsewhere("p2", "77", true);
    other = GENERATE_COPY(Changed(other, "LAGRANGE", "DUPONT"), Changed(other, "CAMILLE", "CLAUDE"),
                          Changed(other, "1985-06-12", "1985-06-13"), Changed(other, "female", "male"));
    REQUIRE(Apply(Message({known})));
    REQUIRE(Apply(Message({other})));
    CHECK(Count("Patient") == 2);
    REQUIRE(issues.all().size() == 1);
    CHECK(issues.all()[0].rule->id == "record.patient-not-linked");
  }
}

TEST_CASE_METHOD(RecordFixture, "the place of birth is a strict trait, where both say it", "[record]") {
  // A patient of PatientJson or Elsewhere, qualified, born in the municipality of this INSEE code.
  auto born_in = [](std::string json, std::string code) {
    return Changed(
        std::move(json), R"("extension":[)",
        R"("extension":[{"url":"http://hl7.org/fhir/StructureDefinition/patient-birthPlace","valueAddress":)"
        R"({"extension":[{"url":"https://hl7.fr/ig/fhir/core/StructureDefinition/)"
        R"(fr-core-address-insee-code","valueCoding":{"code":")" +
            code + R"("}}]}},)");
  };
  const std::string known = PatientJson("p1", "1", "285067599900116", true);
  REQUIRE(Apply(Message({born_in(known, "75112")})));
  SECTION("the same place: one patient") {
    REQUIRE(Apply(Message({born_in(Elsewhere("p2", "77", true), "75112")})));
    CHECK(Count("Patient") == 1);
  }
  SECTION("one that says none: one patient") {
    REQUIRE(Apply(Message({Elsewhere("p2", "77", true)})));
    CHECK(Count("Patient") == 1);
  }
  SECTION("another place: two patients and a finding") {
    REQUIRE(Apply(Message({born_in(Elsewhere("p2", "77", true), "63113")})));
    CHECK(Count("Patient") == 2);
    REQUIRE(issues.all().size() == 1);
    CHECK(issues.all()[0].rule->id == "record.patient-not-linked");
  }
  SECTION("another place under the same local identifier: for a person to decide") {
    auto refused = Apply(Message({born_in(known, "63113")}));
    REQUIRE_FALSE(refused);
    CHECK(refused.error().info == &errors::PatientUnclear);
  }
}

TEST_CASE_METHOD(RecordFixture,
                 "one local identifier with another INS or other traits is for a person to decide",
                 "[record]") {
  REQUIRE(Apply(Message({PatientJson("p1", "1", "285067599900116", true)})));
  std::string before = Text("Patient", "p1");
  std::string other = GENERATE(PatientJson("p1", "1", "179031399904205", true),
                               PatientJson("p1", "1", "285067599900116", true, "DUPONT"));
  auto refused = Apply(Message({other}));
  REQUIRE_FALSE(refused);
  CHECK(refused.error().info == &errors::PatientUnclear);
  CHECK(Text("Patient", "p1") == before);
}

TEST_CASE_METHOD(RecordFixture, "one INS with two sets of traits is never merged", "[record]") {
  REQUIRE(Apply(Message({PatientJson("p1", "1", "285067599900116", true)})));
  REQUIRE(Apply(Message({Elsewhere("p2", "77", true, "DUPONT")})));
  Prepared merge =
      Merge(MergeFacts::Kind::Patients, PatientJson("p1", "1", "285067599900116", true), "p1", "77");
  merge.merges[0].loser_system = "urn:oid:1.2.250.1.213.1.1.9.777";
  auto refused = Apply(std::move(merge));
  REQUIRE_FALSE(refused);
  CHECK(refused.error().info == &errors::PatientUnclear);
}

TEST_CASE_METHOD(RecordFixture, "a number that nobody vouches for links nobody", "[record]") {
  std::string system = R"("system":")" + std::string(kLocal) + R"(",)";
  REQUIRE(Apply(Message({Changed(PatientJson("p1", "1", "", false), system, "")})));
  REQUIRE(Apply(Message({Changed(PatientJson("p2", "1", "", false, "DUPONT"), system, "")})));
  CHECK(Count("Patient") == 2);
}

}  // namespace passerelle::record
