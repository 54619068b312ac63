// The record: versions, history, tombstones, identifiers and search.

#include <catch2/catch.hpp>

#include "fhir_model/json/json.h"
#include "gateway/store/errors.h"
#include "gateway/store/record.h"
#include "tests/gateway/store/fixture.h"

namespace passerelle::store {

using pipeline::ResourceVersion;
using pipeline::SearchTerm;
using pipeline::Transaction;

namespace {

struct Record : Fixture {
  ResourceVersion Put(std::string type, std::string id, std::string json) {
    ResourceVersion version;
    REQUIRE(Write([&](Transaction& t) -> Status {
      TRY(version, t.Put(type, id, json, "PUT"));
      return Ok();
    }));
    return version;
  }
  void Delete(std::string type, std::string id) {
    REQUIRE(Write([&](Transaction& t) { return t.Delete(type, id); }));
  }
  std::vector<std::string> Ids(std::string type, std::vector<SearchTerm> terms) {
    auto page = store->Read()->Search(type, terms, 100, {});
    REQUIRE(page);
    std::vector<std::string> ids;
    for (const auto& match : page->matches) ids.push_back(match.id);
    CHECK(page->total == static_cast<std::int64_t>(ids.size()));
    return ids;
  }
};

std::string Patient(std::string ipp, std::string family) {
  return R"({"resourceType":"Patient","identifier":[{"system":"urn:oid:1.2.3","value":")" + ipp +
         R"("}],"name":[{"family":")" + family + R"("}]})";
}

using Names = std::vector<std::string>;

}  // namespace

TEST_CASE("a resource is stamped with its id, version and time, and keeps the rest as it was") {
  Record record;
  auto made =
      record.Put("Patient", "p1", R"({"resourceType":"Patient","active":true,"multipleBirthInteger":2})");
  CHECK(made.version == 1);
  CHECK(
      made.json ==
      R"({"resourceType":"Patient","id":"p1","meta":{"versionId":"1","lastUpdated":"2026-03-01T12:00:00.000Z"},)"
      R"("active":true,"multipleBirthInteger":2})");
  record.Reopen();
  auto read = record.store->Read()->Read("Patient", "p1");
  REQUIRE((read && *read));
  CHECK((*read)->json == made.json);
  CHECK((*read)->method == "PUT");
  CHECK_FALSE(*record.store->Read()->Read("Patient", "p2"));
}

TEST_CASE("content equal to the latest version makes no new one") {
  Record record;
  record.Put("Patient", "p1", R"({"resourceType":"Patient","id":"p1","active":true,"gender":"female"})");
  auto same =
      GENERATE(R"({"resourceType":"Patient","gender":"female","active":true})",
               R"({"resourceType":"Patient","meta":{"versionId":"7","lastUpdated":"2020-01-01T00:00:00Z"},
                          "active":true,"gender":"female"})",
               R"({"resourceType":"Patient","id":"other","active":true,"gender":"female"})");
  CHECK(record.Put("Patient", "p1", same).version == 1);
  CHECK(record.store->Read()->History("Patient", "p1", 10, {})->total == 1);
  auto other =
      GENERATE(R"({"resourceType":"Patient","active":false,"gender":"female"})",
               R"({"resourceType":"Patient","active":"true","gender":"female"})",
               R"({"resourceType":"Patient","gender":"female"})",
               R"({"resourceType":"Patient","meta":{"source":"urn:x"},"active":true,"gender":"female"})");
  CHECK(record.Put("Patient", "p1", other).version == 2);
}

TEST_CASE("order counts within a list and not between members") {
  auto digest = [](const char* text) { return ContentDigest(*json::Parse(text, kWireLimits)); };
  CHECK(
      digest(
          R"({"resourceType":"Patient","name":[{"family":"A","use":"official"},{"text":"B"}],"active":true})") ==
      digest(
          R"({"resourceType":"Patient","active":true,"name":[{"use":"official","family":"A"},{"text":"B"}]})"));
  CHECK(digest(R"({"resourceType":"Patient","name":[{"text":"B"},{"family":"A"}]})") !=
        digest(R"({"resourceType":"Patient","name":[{"family":"A"},{"text":"B"}]})"));
  CHECK(digest(R"({"resourceType":"Patient","contact":[{"name":{"text":"ab"}}]})") !=
        digest(R"({"resourceType":"Patient","contact":[{"name":{"text":"a"}}]})"));
}

TEST_CASE("versions, history and tombstones") {
  Record record;
  record.Put("Patient", "p1", Patient("1", "DUPONT"));
  record.now += std::chrono::minutes(1);
  record.Put("Patient", "p1", Patient("1", "DURAND"));
  record.Put("Patient", "p2", Patient("2", "PETIT"));
  record.Delete("Patient", "p1");
  record.Put("Encounter", "e1", R"({"resourceType":"Encounter","subject":{"reference":"Patient/p1"}})");
  auto view = record.store->Read();
  auto latest = **view->Read("Patient", "p1");
  CHECK(latest.deleted);
  CHECK(latest.version == 3);
  CHECK((**view->ReadVersion("Patient", "p1", 1)).json.find("DUPONT") != std::string::npos);
  CHECK((**view->ReadVersion("Patient", "p1", 2)).last_updated == "2026-03-01T12:01:00.000Z");
  CHECK((**view->ReadVersion("Patient", "p1", 3)).method == "DELETE");
  CHECK_FALSE(*view->ReadVersion("Patient", "p1", 4));

  CHECK(view->History("Patient", "p1", 10, {})->total == 3);
  CHECK(view->History("Patient", "", 10, {})->total == 4);
  auto page = *view->History("", "", 2, {});
  CHECK(page.total == 5);
  CHECK(page.matches[0].id == "e1");
  CHECK(page.matches[1].deleted);
  page = *view->History("", "", 2, page.next);
  CHECK(page.matches[0].id == "p2");
  page = *view->History("", "", 2, page.next);
  REQUIRE(page.matches.size() == 1);
  CHECK(page.matches[0].version == 1);
  CHECK(page.next.empty());
  view.reset();

  CHECK(record.Ids("Patient", {}) == Names{"p2"});
  CHECK(record.Ids("Patient", {{"identifier", {"1"}}}).empty());
  auto again = record.Put("Patient", "p1", Patient("1", "DURAND"));
  CHECK(again.version == 4);
  CHECK(record.Ids("Patient", {{"identifier", {"1"}}}) == Names{"p1"});
}

TEST_CASE("deleting twice is one tombstone, and what never was cannot be deleted") {
  Record record;
  record.Put("Patient", "p1", Patient("1", "A"));
  record.Delete("Patient", "p1");
  record.Delete("Patient", "p1");
  CHECK(record.store->Read()->History("Patient", "p1", 10, {})->total == 2);
  auto unknown = record.Write([](Transaction& t) { return t.Delete("Patient", "nobody"); });
  REQUIRE_FALSE(unknown);
  CHECK(unknown.error().info == &errors::ResourceUnknown);
}

TEST_CASE("identifiers find the latest version only, by system or without") {
  Record record;
  record.Put("Patient", "p1", Patient("1", "A"));
  record.Put("Patient", "p2", R"({"resourceType":"Patient","identifier":[{"value":"1"}]})");
  auto find = [&](std::string_view system, std::string_view value) {
    Names ids;
    auto found = record.store->Read()->FindByIdentifier("Patient", system, value);
    for (const auto& match : *found) ids.push_back(match.id);
    return ids;
  };
  CHECK(find("urn:oid:1.2.3", "1") == Names{"p1"});
  CHECK(find("", "1") == Names{"p1", "p2"});
  CHECK(find("urn:oid:1.2", "1").empty());
  CHECK(record.Ids("Patient", {{"identifier", {"urn:oid:1.2.3|1"}}}) == Names{"p1"});
  CHECK(record.Ids("Patient", {{"identifier", {"|1"}}}) == Names{"p2"});
  CHECK(record.Ids("Patient", {{"identifier", {"1"}}}) == Names{"p1", "p2"});
  CHECK(record.Ids("Patient", {{"identifier", {"urn:oid:1.2.3|"}}}) == Names{"p1"});
  CHECK(record.Ids("Patient", {{"identifier:not", {"urn:oid:1.2.3|1"}}}) == Names{"p2"});
  CHECK(record.Ids("Patient", {{"identifier", {"2", "urn:oid:1.2.3|1"}}}) == Names{"p1"});
  record.Put("Patient", "p1", Patient("9", "A"));
  CHECK(find("urn:oid:1.2.3", "1").empty());
}

TEST_CASE("search by id, reference and time, in pages that do not move") {
  Record record;
  for (int i = 1; i <= 5; ++i) {
    record.now += std::chrono::hours(1);
    record.Put(
        "Observation", "o" + std::to_string(i),
        R"({"resourceType":"Observation","subject":{"reference":"Patient/)" + std::to_string(i % 2) + "\"}}");
  }
  CHECK(record.Ids("Observation", {{"subject", {"Patient/1"}}}) == Names{"o1", "o3", "o5"});
  CHECK(record.Ids("Observation", {{"patient", {"1"}}}) == Names{"o1", "o3", "o5"});
  CHECK(record.Ids("Observation", {{"subject:Patient", {"0"}}}) == Names{"o2", "o4"});
  CHECK(record.Ids("Observation", {{"_id", {"o2", "o9"}}}) == Names{"o2"});
  CHECK(record.Ids("Observation", {{"_lastUpdated", {"gt2026-03-01T15:00:00Z"}}}) == Names{"o4", "o5"});
  CHECK(record.Ids("Observation", {{"_lastUpdated", {"2026-03"}}, {"subject", {"Patient/0"}}}) ==
        Names{"o2", "o4"});
  CHECK(record.Ids("Observation", {{"subject:missing", {"true"}}}).empty());

  std::vector<SearchTerm> all;
  auto page = *record.store->Read()->Search("Observation", all, 2, {});
  CHECK(page.total == 5);
  CHECK(page.matches[1].id == "o2");
  record.Put("Observation", "o0", R"({"resourceType":"Observation"})");
  page = *record.store->Read()->Search("Observation", all, 2, page.next);
  CHECK(page.matches[0].id == "o3");
  page = *record.store->Read()->Search("Observation", all, 2, page.next);
  CHECK(page.matches[1].id == "o0");
  CHECK(page.next.empty());

  std::vector<SearchTerm> unknown{{"shoe-size", {"43"}}};
  CHECK(record.store->Read()->Search("Observation", unknown, 2, {}).error().info ==
        &errors::SearchParameterUnknown);
  std::vector<SearchTerm> bad{{"_lastUpdated", {"yesterday"}}};
  CHECK(record.store->Read()->Search("Observation", bad, 2, {}).error().info ==
        &errors::SearchValueMalformed);
  CHECK(record.store->Read()->Search("Observation", all, 2, "x").error().info == &errors::PageUnknown);
}

TEST_CASE("a view sees one moment, a transaction its own writing") {
  Record record;
  record.Put("Patient", "p1", Patient("1", "A"));
  auto view = record.store->Read();
  CHECK(view->Search("Patient", {}, 10, {})->total == 1);
  record.Put("Patient", "p2", Patient("2", "B"));
  CHECK(view->Search("Patient", {}, 10, {})->total == 1);
  CHECK(record.store->Read()->Search("Patient", {}, 10, {})->total == 2);
  REQUIRE(record.Write([](Transaction& t) -> Status {
    TRY(auto made, t.Put("Patient", "p3", Patient("3", "C"), "POST"));
    TRY(auto found, t.FindByIdentifier("Patient", "urn:oid:1.2.3", "3"));
    CHECK(found.size() == 1);
    return made.version == 1 ? Ok() : Status(Error{errors::StoreFault});
  }));
}

TEST_CASE("what was derived from which document") {
  Record record;
  REQUIRE(record.Write([](Transaction& t) -> Status {
    CHECK_OK(t.AddDerived("DocumentReference/a", "Observation/1"));
    CHECK_OK(t.AddDerived("DocumentReference/a", "Observation/1"));
    CHECK_OK(t.AddDerived("DocumentReference/a", "Patient/1"));
    CHECK_OK(t.AddDerived("DocumentReference/b", "Patient/1"));
    return t.RemoveDerived("DocumentReference/a", "Observation/1");
  }));
  auto view = record.store->Read();
  CHECK(*view->DerivedFrom("DocumentReference/a") == Names{"Patient/1"});
  CHECK(*view->DocumentsOf("Patient/1") == Names{"DocumentReference/a", "DocumentReference/b"});
}

TEST_CASE("intervals of dates by their precision") {
  auto width = [](std::string_view text) {
    std::int64_t low = 0, high = 0;
    return IntervalOf(text, low, high) ? high - low : -1;
  };
  CHECK(width("2024") == 366LL * 86'400'000);
  CHECK(width("2024-02") == 29LL * 86'400'000);
  CHECK(width("2024-12-31") == 86'400'000);
  CHECK(width("2024-02-01T10:00") == 60'000);
  CHECK(width("2024-02-01T10:00:05+01:00") == 1'000);
  CHECK(width("2024-02-01T10:00:05.12Z") == 10);
  for (const char* bad :
       {"", "20", "2024-13", "2024-1", "2024-02-01T", "2024-02-01T10:00:00+1", "2024-02-01X10:00"})
    CHECK(width(bad) == -1);
  std::int64_t a = 0, b = 0, ignored = 0;
  CHECK(IntervalOf("2024-02-01T10:00:00+01:00", a, ignored));
  CHECK(IntervalOf("2024-02-01T09:00:00Z", b, ignored));
  CHECK(a == b);
}

TEST_CASE("strings are compared without case and accents") {
  CHECK(Fold("Éléonore D'ÀÇÈ œuf Łódź ÿ") == "eleonore d'ace ouf lodz y");
  CHECK(Fold("e\xCC\x81t\xC3\xA9") == "ete");
  CHECK(Fold("日本") == "日本");
}

}  // namespace passerelle::store
