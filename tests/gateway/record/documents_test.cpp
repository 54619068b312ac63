// Safety rules 3, 4 and 5: masks on all that is derived, replacement, deletion.

#include <catch2/catch.hpp>

#include "gateway/pipeline/errors.h"
#include "tests/gateway/record/fixture.h"

namespace passerelle::record {
namespace {

struct DocumentsFixture : RecordFixture {
  static std::string Patient() { return PatientJson("p1", "1", "285067599900116", true); }

  // Document `n` ("d1", named "urn:oid:1.n") with Observation `observation`.
  static Prepared Document(std::string n, std::string observation, std::string replaces = {},
                           std::vector<std::string> labels = {}, bool labels_given = false) {
    Prepared prepared = Message({Patient(), DocumentMessage::Reference("d" + n, "urn:oid:1." + n, "p1"),
                                 DocumentMessage::Result(observation, "p1")},
                                "ORU^R01");
    DocumentFacts facts;
    facts.url = "urn:uuid:d" + n;
    facts.identifier = "urn:oid:1." + n;
    facts.replaces = std::move(replaces);
    if (!facts.replaces.empty()) facts.action = DocumentAction::Replace;
    facts.derived = {"urn:uuid:" + observation};
    facts.labels = std::move(labels);
    facts.labels_given = labels_given;
    prepared.documents.push_back(std::move(facts));
    return prepared;
  }
  static Prepared Deletion(std::string identifier, std::string patient = Patient()) {
    Prepared prepared = Message({std::move(patient)}, "MDM^T04");
    DocumentFacts facts;
    facts.action = DocumentAction::Delete;
    facts.identifier = std::move(identifier);
    prepared.documents.push_back(std::move(facts));
    return prepared;
  }
  std::string Status(std::string_view type, std::string_view id) {
    return std::string(Read(type, id).ChildText(node::kRoot, "status"));
  }
};

constexpr std::string_view kHidden = R"("code":"MASQUE_PS")";

}  // namespace

TEST_CASE_METHOD(DocumentsFixture, "a replaced document is superseded and its own results withdrawn",
                 "[record]") {
  REQUIRE(Apply(Document("1", "o1")));
  REQUIRE(Apply(Document("2", "o2", "urn:oid:1.1")));
  CHECK(Status("DocumentReference", "d1") == "superseded");
  CHECK(Status("Observation", "o1") == "entered-in-error");
  CHECK(Status("DocumentReference", "d2") == "current");
  CHECK(Status("Observation", "o2") == "final");

  SECTION("the old version again stays withdrawn") {
    REQUIRE(Apply(Document("1", "o1")));
    CHECK(Status("DocumentReference", "d1") == "superseded");
    CHECK(Status("Observation", "o1") == "entered-in-error");
  }
  SECTION("a version that is not the latest cannot be replaced again") {
    auto again = Apply(Document("3", "o3", "urn:oid:1.1"));
    REQUIRE_FALSE(again);
    CHECK(again.error().info == &errors::DocumentNotLatest);
    CHECK(Text("DocumentReference", "d3").empty());
  }
}

TEST_CASE_METHOD(DocumentsFixture, "a result that both versions have is kept, in place", "[record]") {
  REQUIRE(Apply(Document("1", "o1")));
  REQUIRE(Apply(Document("2", "o1", "urn:oid:1.1")));
  CHECK(Status("Observation", "o1") == "final");
  // Nobody saw it withdrawn in between.
  auto history = store->Read()->History("Observation", "o1", 10, {});
  REQUIRE(history);
  for (const auto& version : history->matches)
    CHECK(version.json.find("entered-in-error") == std::string::npos);
}

TEST_CASE_METHOD(DocumentsFixture,
                 "a result that another document has too outlives the one that is withdrawn", "[record]") {
  REQUIRE(Apply(Document("1", "o1")));
  REQUIRE(Apply(Document("2", "o1")));
  REQUIRE(Apply(Deletion("urn:oid:1.1")));
  CHECK(Status("DocumentReference", "d1") == "entered-in-error");
  CHECK(Status("Observation", "o1") == "final");
}

TEST_CASE_METHOD(DocumentsFixture, "to replace what is not here is refused until it is", "[record]") {
  auto order = [] {
    Prepared ordered = Document("2", "o2", "urn:oid:1.1");
    ordered.documents[0].replacement_ordered = true;
    return ordered;
  };
  auto refused = Apply(order());
  REQUIRE_FALSE(refused);
  CHECK(refused.error().info == &errors::ReplacedNotHere);
  CHECK(refused.error().info->ack_code == "AR");  // a repeat of the message is tried anew
  CHECK(Text("DocumentReference", "d2").empty());

  REQUIRE(Apply(Document("1", "o1")));
  REQUIRE(Apply(order()));
  CHECK(Status("DocumentReference", "d1") == "superseded");

  SECTION("a document on its own tells its history alone") {
    REQUIRE(Apply(Document("9", "o9", "urn:oid:1.404")));
    CHECK(Status("DocumentReference", "d9") == "current");
    REQUIRE(issues.all().size() == 1);
    CHECK(issues.all()[0].rule->id == "record.replaced-unknown");
  }
}

TEST_CASE_METHOD(DocumentsFixture, "a document that comes after its own replacement is superseded on arrival",
                 "[record]") {
  settings.targets.emplace_back().name = "dmp";
  auto reference = [](std::string n, std::string replaces) {
    std::string json = DocumentMessage::Reference("d" + n, "urn:oid:1." + n, "p1");
    json.insert(json.rfind('}'), R"(,"relatesTo":[{"code":"replaces","target":{"identifier":{"value":"urn:oid:1.)" +
                                     replaces + R"("}}}])");
    return json;
  };
  // The second version, by a document on its own.
  Prepared second = Document("2", "o1", "urn:oid:1.1");
  auto facts = second.documents[0];
  second = Message({Patient(), reference("2", "1"), DocumentMessage::Result("o1", "p1")}, "ClinicalDocument");
  second.documents = {facts};
  REQUIRE(Apply(std::move(second)));
  std::string result = Text("Observation", "o1");

  auto late = Document("1", "o1");
  late.documents[0].derived.push_back("urn:uuid:o9");
  SECTION("with its results left out") {
    auto applied = Apply(std::move(late));
    REQUIRE(applied);
    CHECK(Status("DocumentReference", "d1") == "superseded");
    CHECK(Status("DocumentReference", "d2") == "current");
    CHECK(Text("Observation", "o1") == result);
    CHECK(Text("Observation", "o9").empty());
    CHECK(issues.all().back().rule->id == "record.document-retracted");
    CHECK(applied->state == pipeline::State::Withheld);  // nobody there has it, nobody there needs it
    CHECK(applied->cause == "gate.retracted");
  }
  SECTION("its mask covers what replaced it without one, and the targets hear of it") {
    late = Document("1", "o9", {}, {"MASQUE_PS"}, true);
    auto applied = Apply(std::move(late));
    REQUIRE(applied);
    for (auto [type, id] : {std::pair("DocumentReference", "d1"), {"DocumentReference", "d2"}, {"Observation", "o1"}})
      CHECK(Text(type, id).find(kHidden) != std::string::npos);
    CHECK(Status("DocumentReference", "d2") == "current");
    CHECK(issues.all().back().rule->id == "record.replacement-masked");
    CHECK(applied->state == pipeline::State::Stored);
  }
  SECTION("its mask keeps what a scan of the replacement holds") {
    pipeline::Content scan{{std::string(32, 'h'), 7, 4}, {}, 3, "digest"};
    REQUIRE(Write([&](pipeline::Transaction& t) -> passerelle::Status {
      CHECK_OK(t.AddDerived("DocumentReference/d2", "Binary/scan"));
      constexpr auto kJson = R"({"resourceType":"Binary","contentType":"application/pdf"})";
      TRY(auto put, t.Put("Binary", "scan", kJson, "PUT", scan));
      return Ok();
    }));
    REQUIRE(Apply(Document("1", "o9", {}, {"MASQUE_PS"}, true)));
    CHECK(Text("Binary", "scan").find(kHidden) != std::string::npos);
    auto binary = store->Read()->Read("Binary", "scan");
    REQUIRE((*binary)->content);
    CHECK((*binary)->content->base64.offset == 7);
  }
  SECTION("its mask leaves alone what replaced it with another") {
    REQUIRE(Apply(Document("2", "o1", {}, {"INVISIBLE_PATIENT"}, true)));
    REQUIRE(Apply(Document("1", "o9", {}, {"MASQUE_PS"}, true)));
    CHECK(Text("DocumentReference", "d2").find(kHidden) == std::string::npos);
    CHECK(Text("Observation", "o1").find(kHidden) == std::string::npos);
  }
  SECTION("what it had replaced itself is superseded too") {
    REQUIRE(Apply(Document("0", "o0")));
    late.documents[0].replaces = "urn:oid:1.0";
    REQUIRE(Apply(std::move(late)));
    CHECK(Status("DocumentReference", "d0") == "superseded");
    CHECK(Status("Observation", "o0") == "entered-in-error");
    CHECK(Status("DocumentReference", "d1") == "superseded");
  }
  SECTION("another patient's document supersedes nothing") {
    Prepared other = Message({PatientJson("p2", "2", "", false), DocumentMessage::Reference("d1", "urn:oid:1.1", "p2"),
                              DocumentMessage::Result("o2", "p2")},
                             "ORU^R01");
    DocumentFacts of_other;
    of_other.url = "urn:uuid:d1";
    of_other.identifier = "urn:oid:1.1";
    other.documents = {of_other};
    REQUIRE(Apply(std::move(other)));
    CHECK(Status("DocumentReference", "d1") == "current");
  }
}

TEST_CASE_METHOD(DocumentsFixture, "a deleted document and its results are entered in error, never gone",
                 "[record]") {
  REQUIRE(Apply(Document("1", "o1")));
  REQUIRE(Apply(Deletion("urn:oid:1.1")));
  CHECK(Status("DocumentReference", "d1") == "entered-in-error");
  CHECK(Status("Observation", "o1") == "entered-in-error");
  auto history = store->Read()->History("Observation", "o1", 10, {});
  REQUIRE(history);
  CHECK(history->matches.size() == 2);
}

TEST_CASE_METHOD(DocumentsFixture, "what is already deleted cannot be deleted or replaced", "[record]") {
  REQUIRE(Apply(Document("1", "o1")));
  REQUIRE(Apply(Deletion("urn:oid:1.1")));
  std::string before = Text("DocumentReference", "d1");
  bool replaces = GENERATE(false, true);
  auto refused = Apply(replaces ? Document("2", "o2", "urn:oid:1.1") : Deletion("urn:oid:1.1"));
  REQUIRE_FALSE(refused);
  CHECK(refused.error().info == &errors::DocumentNotLatest);
  CHECK(Text("DocumentReference", "d1") == before);
  CHECK(Text("DocumentReference", "d2").empty());
}

TEST_CASE_METHOD(DocumentsFixture, "an unknown document cannot be deleted", "[record]") {
  auto deleted = Apply(Deletion("urn:oid:1.404"));
  REQUIRE_FALSE(deleted);
  CHECK(deleted.error().info == &errors::DocumentUnknown);
}

TEST_CASE_METHOD(DocumentsFixture, "another patient's document cannot be deleted", "[record]") {
  REQUIRE(Apply(Document("1", "o1")));
  auto deleted = Apply(Deletion("urn:oid:1.1", PatientJson("p2", "2", "", false)));
  REQUIRE_FALSE(deleted);
  CHECK(deleted.error().info == &errors::DocumentOfAnother);
  CHECK(Status("DocumentReference", "d1") == "current");
}

TEST_CASE_METHOD(DocumentsFixture, "a document's mask is on everything made of it, and not on the patient",
                 "[record]") {
  REQUIRE(Apply(Document("1", "o1", {}, {"MASQUE_PS"}, true)));
  CHECK(Text("DocumentReference", "d1").find(kHidden) != std::string::npos);
  CHECK(Text("Observation", "o1").find(kHidden) != std::string::npos);
  CHECK(Text("Patient", "p1").find(kHidden) == std::string::npos);

  SECTION("by a way without flags nothing changes") {
    REQUIRE(Apply(Document("1", "o1")));
    CHECK(Text("Observation", "o1").find(kHidden) != std::string::npos);
  }
  SECTION("a new version by a way without flags stays hidden, with what both have and what is new") {
    Prepared second = Document("2", "o1", "urn:oid:1.1");
    auto facts = second.documents[0];
    second = Message({Patient(), DocumentMessage::Reference("d2", "urn:oid:1.2", "p1"),
                      DocumentMessage::Result("o1", "p1"), DocumentMessage::Result("o2", "p1")},
                     "ORU^R01");
    facts.derived.push_back("urn:uuid:o2");
    second.documents = {facts};
    REQUIRE(Apply(std::move(second)));
    for (auto id : {"o1", "o2"}) CHECK(Text("Observation", id).find(kHidden) != std::string::npos);
    CHECK(Text("DocumentReference", "d2").find(kHidden) != std::string::npos);
    SECTION("until a later instruction says otherwise, whatever the old version was") {
      REQUIRE(Apply(Document("2", "o1", "urn:oid:1.1", {}, true)));
      REQUIRE(Apply(Document("2", "o1", "urn:oid:1.1")));
      CHECK(Text("DocumentReference", "d2").find(kHidden) == std::string::npos);
      CHECK(Text("Observation", "o1").find(kHidden) == std::string::npos);
    }
  }
  SECTION("an explicit instruction relaxes it") {
    REQUIRE(Apply(Document("1", "o1", {}, {}, true)));
    CHECK(Text("Observation", "o1").find(kHidden) == std::string::npos);
  }
  SECTION("the strictest label wins on a result that another document has too") {
    REQUIRE(Apply(Document("2", "o1", {}, {}, true)));
    CHECK(Text("Observation", "o1").find(kHidden) != std::string::npos);
    CHECK(Text("DocumentReference", "d2").find(kHidden) == std::string::npos);
  }
}

TEST_CASE_METHOD(DocumentsFixture, "twins of one message share a result with the strictest of their labels",
                 "[record]") {
  Prepared twins = Document("1", "o1", {}, {"MASQUE_PS"}, true);
  auto second = Document("2", "o1", {}, {"INVISIBLE_PATIENT"}, true);
  Prepared both =
      Message({Patient(), DocumentMessage::Reference("d1", "urn:oid:1.1", "p1"),
               DocumentMessage::Reference("d2", "urn:oid:1.2", "p1"), DocumentMessage::Result("o1", "p1")},
              "ORU^R01");
  both.documents = {twins.documents[0], second.documents[0]};
  REQUIRE(Apply(std::move(both)));
  CHECK(Text("Observation", "o1").find(kHidden) != std::string::npos);
  CHECK(Text("Observation", "o1").find("INVISIBLE_PATIENT") != std::string::npos);
}

TEST_CASE_METHOD(DocumentsFixture, "the confidentiality of the document's header stays beside its masks",
                 "[record]") {
  std::string document = DocumentMessage::Reference("d1", "urn:oid:1.1", "p1");
  document.insert(document.rfind('}'),
                  R"(,"securityLabel":[{"coding":[{"system":"urn:oid:2.16.840.1.113883.5.25",)"
                  R"("code":"R"}]}])");
  auto labelled = [&](std::vector<std::string> labels) {
    Prepared prepared = Document("1", "o1", {}, std::move(labels), true);
    auto facts = prepared.documents[0];
    prepared = Message({Patient(), document, DocumentMessage::Result("o1", "p1")}, "ORU^R01");
    prepared.documents.push_back(std::move(facts));
    return prepared;
  };
  for (const auto& labels : {std::vector<std::string>{"MASQUE_PS"}, std::vector<std::string>{}}) {
    REQUIRE(Apply(labelled(labels)));
    CHECK(Text("DocumentReference", "d1").find(R"("code":"R")") != std::string::npos);
    CHECK((Text("DocumentReference", "d1").find(kHidden) != std::string::npos) == !labels.empty());
  }
  CHECK(Text("Observation", "o1").find(R"("code":"R")") == std::string::npos);
}

TEST_CASE_METHOD(DocumentsFixture, "the scan of a large message stays there, guarded by its document", "[record]") {
  auto spool = store->MakeSpool();
  REQUIRE(spool);
  REQUIRE(Wait((*spool)->Append("{\"data\":\"" + EncodeBase64(std::string(100'000, 'x')) + "\"}")));
  auto frame = FrameOf((*spool)->End());
  frame.large = *std::move(spool);
  const auto& value = frame.large->values().at(0);
  Prepared prepared = Message({Patient(), DocumentMessage::Reference("d1", "urn:oid:1.1", "p1"),
                               R"({"resourceType":"Binary","id":"b1","contentType":"a/b",)"
                               R"("securityContext":{"reference":"urn:uuid:d1"},"data":")" + value.token + "\"}"},
                              "ORU^R01");
  REQUIRE(Wait(store->Keep(frame)));
  Issues found;
  REQUIRE(Write([&](pipeline::Transaction& t) -> passerelle::Status {
    TRY(auto applied, RecordKeeper(settings).Apply(t, 1, frame, prepared, found));
    CHECK(applied.resources.size() == 3);
    return Ok();
  }));
  auto binary = *store->Read()->Read("Binary", "b1");
  REQUIRE(binary);
  REQUIRE(binary->content);
  CHECK(binary->content->bytes == 100'000);
  CHECK(binary->json.find("\"data\"") == std::string::npos);
  CHECK(*store->Read()->DocumentsOf("Binary/b1") == std::vector<std::string>{"DocumentReference/d1"});
}

TEST_CASE_METHOD(DocumentsFixture, "the spelling of HL7 v2 becomes the terminology's", "[record]") {
  REQUIRE(Apply(Document("1", "o1", {}, {"INVISIBLE_REP_LEGAUX"}, true)));
  CHECK(Text("Observation", "o1").find("INVISIBLE_REPRESENTANTS_LEGAUX") != std::string::npos);
}

}  // namespace passerelle::record
