// Rehearsed work: what it wrote beforehand is put in as long as nothing that it read has changed; else it is
// done again. Either way the store ends as if the work had waited for its turn.

#include <catch2/catch.hpp>

#include "tests/gateway/store/fixture.h"

namespace passerelle::store {

using pipeline::Haste;
using pipeline::ResourceVersion;
using pipeline::SearchTerm;
using pipeline::Transaction;

namespace {

std::string Patient(const std::string& ipp, const std::string& family) {
  return R"({"resourceType":"Patient","identifier":[{"system":"urn:oid:1.2.3","value":")" + ipp +
         R"("}],"name":[{"family":")" + family + R"("}]})";
}

struct Rehearsals : Fixture {
  int runs = 0;

  // The work, counted.
  pipeline::Work Counted(std::function<Status(Transaction&)> work) {
    return [this, work](Transaction& t) {
      ++runs;
      return work(t);
    };
  }
  Status Play(pipeline::Work work, std::unique_ptr<pipeline::Rehearsed> rehearsed,
              std::shared_ptr<const pipeline::Keeping> of = nullptr) {
    return Wait(store->WriteRehearsed(std::move(work), std::move(rehearsed), std::move(of), Haste::Yes));
  }
  std::shared_ptr<pipeline::Keeping> Hand(std::string bytes, pipeline::KeepWhen when) {
    auto handed = Wait(store->Hand(std::make_shared<const pipeline::Frame>(FrameOf(std::move(bytes))), when));
    REQUIRE(handed);
    return *handed;
  }
  void Put(const std::string& type, const std::string& id, const std::string& json) {
    REQUIRE(Write([&](Transaction& t) { return PutIn(t, type, id, json); }));
  }
  static Status PutIn(Transaction& t, const std::string& type, const std::string& id,
                      const std::string& json) {
    TRY(auto made, t.Put(type, id, json, "PUT"));
    (void)made;
    return Ok();
  }
  std::optional<ResourceVersion> Latest(const std::string& type, const std::string& id) {
    return *store->Read()->Read(type, id);
  }
  std::size_t Found(const std::string& value) {
    return store->Read()->FindByIdentifier("Patient", "urn:oid:1.2.3", value)->size();
  }
};

// A new patient unless the identifier is known: what two feeds may do at the same moment.
Status Admit(Transaction& t, const std::string& id) {
  TRY(auto found, t.FindByIdentifier("Patient", "urn:oid:1.2.3", "7"));
  return Rehearsals::PutIn(t, "Patient", found.empty() ? id : found.front().id, Patient("7", "ESSAI"));
}

}  // namespace

TEST_CASE("what was rehearsed is written without doing the work again, and is found by its index") {
  Rehearsals bench;
  auto work = bench.Counted([](Transaction& t) { return Admit(t, "p1"); });
  auto rehearsed = bench.store->Rehearse(work);
  REQUIRE(rehearsed);
  CHECK_FALSE(bench.Latest("Patient", "p1"));
  bench.now += std::chrono::seconds(5);
  REQUIRE(bench.Play(work, std::move(rehearsed)));
  CHECK(bench.runs == 1);
  auto latest = bench.Latest("Patient", "p1");
  REQUIRE(latest);
  CHECK(latest->last_updated == "2026-03-01T12:00:05.000Z");  // the time of writing
  CHECK(latest->json.find(R"("lastUpdated":"2026-03-01T12:00:05.000Z")") != std::string::npos);
  CHECK(bench.Found("7") == 1);
}

TEST_CASE("a change of what was read sends the work through again") {
  Rehearsals bench;
  bench.Put("Patient", "p1", Patient("1", "ESSAI"));

  SECTION("a resource that was read") {
    auto work = bench.Counted([](Transaction& t) -> Status {
      TRY(auto known, t.Read("Patient", "p1"));
      return Rehearsals::PutIn(
          t, "Basic", "b",
          R"({"resourceType":"Basic","language":"v)" + std::to_string(known->version) + "\"}");
    });
    auto rehearsed = bench.store->Rehearse(work);
    bench.Put("Patient", "p1", Patient("1", "AUTRE"));
    REQUIRE(bench.Play(work, std::move(rehearsed)));
    CHECK(bench.runs == 2);
    CHECK(bench.Latest("Basic", "b")->json.find("\"v2\"") != std::string::npos);
  }
  SECTION("an identifier that was looked for") {
    auto first = bench.Counted([](Transaction& t) { return Admit(t, "p2"); });
    auto second = bench.Counted([](Transaction& t) { return Admit(t, "p3"); });
    auto a = bench.store->Rehearse(first), b = bench.store->Rehearse(second);
    REQUIRE(bench.Play(first, std::move(a)));
    REQUIRE(bench.Play(second, std::move(b)));
    CHECK(bench.runs == 3);
    CHECK(bench.Found("7") == 1);
    CHECK(bench.Latest("Patient", "p2"));
    CHECK_FALSE(bench.Latest("Patient", "p3"));
  }
  SECTION("a document that was looked for by what it replaces") {
    auto replacing = [](Transaction& t) -> Status {
      const pipeline::SearchTerm term{"relatesto:identifier", {"urn:oid:1.1"}};
      TRY(auto found, t.Search("DocumentReference", std::span(&term, 1), 10, {}));
      return t.AddDerived("DocumentReference/" + std::to_string(found.matches.size()), "Observation/o");
    };
    auto work = bench.Counted(replacing);
    auto rehearsed = bench.store->Rehearse(work);
    REQUIRE(rehearsed);
    bench.Put("DocumentReference", "d2",
              R"({"resourceType":"DocumentReference","relatesTo":[{"code":"replaces",)"
              R"("target":{"identifier":{"value":"urn:oid:1.1"}}}]})");
    REQUIRE(bench.Play(work, std::move(rehearsed)));
    CHECK(bench.runs == 2);
    CHECK(*bench.store->Read()->DocumentsOf("Observation/o") == std::vector<std::string>{"DocumentReference/1"});
  }
  SECTION("which documents a resource was made from") {
    auto work = bench.Counted([](Transaction& t) -> Status {
      TRY(auto documents, t.DocumentsOf("Observation/o"));
      return t.AddDerived("DocumentReference/" + std::to_string(documents.size()), "Observation/o");
    });
    auto rehearsed = bench.store->Rehearse(work);
    REQUIRE(
        bench.Write([](Transaction& t) { return t.AddDerived("DocumentReference/other", "Observation/o"); }));
    REQUIRE(bench.Play(work, std::move(rehearsed)));
    CHECK(*bench.store->Read()->DocumentsOf("Observation/o") ==
          std::vector<std::string>{"DocumentReference/1", "DocumentReference/other"});
  }
  SECTION("a resource that was withdrawn meanwhile") {
    auto watched = bench.Counted([](Transaction& t) -> Status {
      TRY(auto found, t.FindByIdentifier("Patient", "urn:oid:1.2.3", "1"));
      return t.AddDerived("DocumentReference/" + std::to_string(found.size()), "Observation/o");
    });
    auto rehearsed = bench.store->Rehearse(watched);
    REQUIRE(bench.Write([](Transaction& t) { return t.Delete("Patient", "p1"); }));
    REQUIRE(bench.Play(watched, std::move(rehearsed)));
    CHECK(*bench.store->Read()->DocumentsOf("Observation/o") ==
          std::vector<std::string>{"DocumentReference/0"});
  }
}

TEST_CASE("a rehearsal sees what it wrote itself") {
  Rehearsals bench;
  bench.Put("Patient", "p1", Patient("1", "ESSAI"));
  auto work = [](Transaction& t) -> Status {
    CHECK_OK(Rehearsals::PutIn(t, "Patient", "p1", Patient("2", "ESSAI")));
    CHECK_OK(Rehearsals::PutIn(t, "Consent", "c1",
                               R"({"resourceType":"Consent","patient":{"reference":"Patient/p1"}})"));
    CHECK_OK(t.AddDerived("DocumentReference/d", "Observation/o"));
    TRY(auto read, t.Read("Patient", "p1"));
    CHECK(read->version == 2);
    TRY(auto old, t.FindByIdentifier("Patient", "urn:oid:1.2.3", "1"));
    TRY(auto renamed, t.FindByIdentifier("Patient", "urn:oid:1.2.3", "2"));
    CHECK((old.empty() && renamed.size() == 1));
    SearchTerm of_patient{"patient", {"Patient/p1"}};
    TRY(auto consents, t.Search("Consent", std::span(&of_patient, 1), 10, {}));
    CHECK(consents.matches.size() == 1);
    TRY(auto documents, t.DocumentsOf("Observation/o"));
    TRY(auto derived, t.DerivedFrom("DocumentReference/d"));
    CHECK((documents.size() == 1 && derived.size() == 1));
    return Ok();
  };
  auto rehearsed = bench.store->Rehearse(work);
  REQUIRE(rehearsed);
  REQUIRE(bench.Play(work, std::move(rehearsed)));
  CHECK(bench.Found("2") == 1);
}

TEST_CASE("content that is the latest already makes no version") {
  Rehearsals bench;
  bench.Put("Patient", "p1", Patient("1", "ESSAI"));
  auto work = [](Transaction& t) { return Rehearsals::PutIn(t, "Patient", "p1", Patient("1", "ESSAI")); };
  REQUIRE(bench.Play(work, bench.store->Rehearse(work)));
  CHECK(bench.Latest("Patient", "p1")->version == 1);
}

TEST_CASE("what is only done in turn cannot be rehearsed, and is done in turn") {
  Rehearsals bench;
  bench.Put("Patient", "p1", Patient("1", "ESSAI"));
  auto work = bench.Counted([](Transaction& t) { return t.Delete("Patient", "p1"); });
  auto rehearsed = bench.store->Rehearse(work);
  CHECK_FALSE(rehearsed);
  REQUIRE(bench.Play(work, std::move(rehearsed)));
  CHECK(bench.Latest("Patient", "p1")->deleted);
}

TEST_CASE("a frame that waits for its decision is kept before those that came after it, and without a decision too") {
  Rehearsals bench;
  auto first = bench.Hand("first", pipeline::KeepWhen::WithDecision);
  auto second = bench.Hand("second", pipeline::KeepWhen::AtOnce);
  auto third = bench.Hand("third", pipeline::KeepWhen::WithDecision);
  for (const auto& keeping : {third, second, first}) REQUIRE(bench.Wait(keeping->Done()));
  CHECK(*bench.store->Read()->MessageBytes(first->seq()) == "first");
  CHECK(first->seq() < second->seq());
  auto chains = bench.store->VerifyChains();
  REQUIRE(chains);
  CHECK(chains->messages.broken_at == 0);
}

TEST_CASE("nothing is written for a frame that turned out to be a repeat") {
  Rehearsals bench;
  REQUIRE(bench.Keep("the same"));
  auto keeping = bench.Hand("the same", pipeline::KeepWhen::WithDecision);
  auto work = [](Transaction& t) { return Admit(t, "p1"); };
  REQUIRE(bench.Play(work, bench.store->Rehearse(work), keeping));
  CHECK_FALSE(keeping->IsNew());
  CHECK_FALSE(bench.Latest("Patient", "p1"));
}

}  // namespace passerelle::store
