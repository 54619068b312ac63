// The whole index: what each kind of search parameter finds in each kind of value.

#include "gateway/store/definitions_indexer.h"

#include <catch2/catch.hpp>

#include "fhir_model/json/json.h"
#include "tests/gateway/store/fixture.h"
#include "tests/support/pack.h"

namespace passerelle::store {

using pipeline::SearchTerm;
using pipeline::Transaction;

namespace {

using Names = std::vector<std::string>;

struct Record : Fixture {
  Record() {
    store.reset();
    auto options = Options();
    options.indexer = MakeDefinitionsIndexer(tests::Pack());
    store = *SqliteStore::Open(std::move(options));
  }
  void Put(std::string type, std::string id, std::string members) {
    REQUIRE(Write([&](Transaction& t) -> Status {
      TRY(auto made, t.Put(type, id, R"({"resourceType":")" + type + "\"," + members + "}", "PUT"));
      (void)made;
      return Ok();
    }));
  }
  Names Find(std::string type, std::string parameter, std::string value) {
    std::vector<SearchTerm> terms{{std::move(parameter), {std::move(value)}}};
    auto page = store->Read()->Search(type, terms, 100, {});
    if (!page) return {std::string(page.error().info->name)};
    Names ids;
    for (const auto& match : page->matches) ids.push_back(match.id);
    return ids;
  }
};

}  // namespace

TEST_CASE("patients are found by what people know of them") {
  Record r;
  r.Put("Patient", "p1",
        R"("name":[{"family":"Lefèvre","given":["Zoé","Ana"]}],"gender":"female","birthDate":"1980-02-29",)"
        R"("telecom":[{"system":"email","value":"z@example.org"},{"system":"phone","value":"0600000000"}],)"
        R"("address":[{"city":"Œuilly","postalCode":"51480"}],"deceasedDateTime":"2024-05")");
  r.Put("Patient", "p2",
        R"("name":[{"family":"Lefort"}],"gender":"male","birthDate":"1980-03","active":true,)"
        R"("generalPractitioner":[{"reference":"Practitioner/d1"}],"deceasedBoolean":false)");
  CHECK(r.Find("Patient", "family", "lefev") == Names{"p1"});
  CHECK(r.Find("Patient", "name", "LEF") == Names{"p1", "p2"});
  CHECK(r.Find("Patient", "given", "ana") == Names{"p1"});
  CHECK(r.Find("Patient", "name:exact", "Lefèvre") == Names{"p1"});
  CHECK(r.Find("Patient", "name:exact", "Lefevre").empty());
  CHECK(r.Find("Patient", "family:contains", "for") == Names{"p2"});
  CHECK(r.Find("Patient", "gender", "female") == Names{"p1"});
  CHECK(r.Find("Patient", "birthdate", "1980-02-29") == Names{"p1"});
  CHECK(r.Find("Patient", "birthdate", "ge1980-03-01") == Names{"p2"});
  CHECK(r.Find("Patient", "email", "z@example.org") == Names{"p1"});
  CHECK(r.Find("Patient", "phone", "z@example.org").empty());
  CHECK(r.Find("Patient", "address-postalcode", "51480") == Names{"p1"});
  CHECK(r.Find("Patient", "active", "true") == Names{"p2"});
  CHECK(r.Find("Patient", "general-practitioner", "Practitioner/d1") == Names{"p2"});
  CHECK(r.Find("Patient", "deceased", "true") == Names{"p1"});
  CHECK(r.Find("Patient", "death-date", "2024-05") == Names{"p1"});
  CHECK(r.Find("Patient", "shoe-size", "43") == Names{"SearchParameterUnknown"});
}

TEST_CASE("observations are found by code, value, date and whose they are") {
  Record r;
  r.Put("Observation", "o1",
        R"("status":"final","code":{"coding":[{"system":"http://loinc.org","code":"718-7"},{"code":"HB"}]},)"
        R"("subject":{"reference":"Patient/p1","identifier":{"system":"urn:oid:1.2","value":"7"}},)"
        R"("effectiveDateTime":"2024-03-01T10:00:00+01:00",)"
        R"("valueQuantity":{"value":13.20,"system":"http://unitsofmeasure.org","code":"g/dL"})");
  r.Put(
      "Observation", "o2",
      R"("status":"final","code":{"text":"x"},"subject":{"reference":"Group/g1"},)"
      R"("effectivePeriod":{"start":"2024-01"},)"
      R"("valueCodeableConcept":{"coding":[{"code":"POS"}],"text":"Positif"},)"
      R"("performer":[{"reference":"Organization/lab"}])");
  CHECK(r.Find("Observation", "code", "http://loinc.org|718-7") == Names{"o1"});
  CHECK(r.Find("Observation", "code", "|HB") == Names{"o1"});
  CHECK(r.Find("Observation", "patient", "Patient/p1") == Names{"o1"});
  CHECK(r.Find("Observation", "subject", "Group/g1") == Names{"o2"});
  CHECK(r.Find("Observation", "patient", "Patient/g1").empty());
  CHECK(r.Find("Observation", "subject:identifier", "urn:oid:1.2|7") == Names{"o1"});
  CHECK(r.Find("Observation", "date", "2024-03-01") == Names{"o1"});
  CHECK(r.Find("Observation", "date", "ge2024-02") == Names{"o1", "o2"});
  CHECK(r.Find("Observation", "date", "lt2023").empty());
  CHECK(r.Find("Observation", "value-quantity", "13.2|http://unitsofmeasure.org|g/dL") == Names{"o1"});
  CHECK(r.Find("Observation", "value-quantity", "gt13.2").empty());
  CHECK(r.Find("Observation", "value-quantity", "lt14||g/dL") == Names{"o1"});
  CHECK(r.Find("Observation", "value-concept", "POS") == Names{"o2"});
  CHECK(r.Find("Observation", "value-string", "posi") == Names{"o2"});
  CHECK(r.Find("Observation", "performer", "Organization/lab") == Names{"o2"});
  CHECK(r.Find("Observation", "performer:missing", "true") == Names{"o1"});
}

TEST_CASE("documents are found by their labels, conformance resources by their addresses") {
  Record r;
  r.Put(
      "DocumentReference", "d1",
      R"("securityLabel":[{"coding":[{"system":"s","code":"MASQUE_PS"}]}],"masterIdentifier":{"value":"urn:oid:9"},)"
      R"("relatesTo":[{"code":"replaces","target":{"reference":"DocumentReference/d0"}}],)"
      R"("date":"2024-01-01T00:00:00Z")");
  r.Put("DocumentReference", "d2", R"("identifier":[{"system":"s","value":"9"}])");
  CHECK(r.Find("DocumentReference", "security-label", "MASQUE_PS") == Names{"d1"});
  CHECK(r.Find("DocumentReference", "security-label:not", "s|MASQUE_PS") == Names{"d2"});
  CHECK(r.Find("DocumentReference", "identifier", "urn:oid:9") == Names{"d1"});
  CHECK(r.Find("DocumentReference", "relatesto", "DocumentReference/d0") == Names{"d1"});
  r.Put("StructureDefinition", "s1",
        R"("url":"http://example.org/a/b","meta":{"profile":["http://example.org/p"],)"
        R"("security":[{"system":"s","code":"R"}]})");
  CHECK(r.Find("StructureDefinition", "url:below", "http://example.org/a") == Names{"s1"});
  CHECK(r.Find("StructureDefinition", "_profile", "http://example.org/p") == Names{"s1"});
  CHECK(r.Find("StructureDefinition", "_security", "s|R") == Names{"s1"});
}

TEST_CASE("pages by the time of change, forwards and backwards") {
  Record r;
  for (int i : {3, 1, 2}) {
    r.now += std::chrono::minutes(1);
    r.Put("Basic", "b" + std::to_string(i), R"("code":{"text":"x"})");
  }
  auto ids = [&](std::string sort) {
    Names all;
    std::vector<SearchTerm> terms{{"_sort", {std::move(sort)}}};
    std::string next;
    do {
      auto page = *r.store->Read()->Search("Basic", terms, 2, next);
      CHECK(page.total == 3);
      for (const auto& match : page.matches) all.push_back(match.id);
      next = page.next;
    } while (!next.empty());
    return all;
  };
  CHECK(ids("_lastUpdated") == Names{"b3", "b1", "b2"});
  CHECK(ids("-_lastUpdated") == Names{"b2", "b1", "b3"});
  std::vector<SearchTerm> wrong{{"_sort", {"name"}}};
  CHECK_FALSE(r.store->Read()->Search("Basic", wrong, 2, {}));
}

// Composite and special parameters aside, no expression of the definitions is beyond the index.
TEST_CASE("every search parameter of every type can be asked for") {
  auto indexer = MakeDefinitionsIndexer(tests::Pack());
  std::size_t known = 0;
  for (auto type : tests::Pack().ResourceTypes())
    for (const auto& parameter : tests::Pack().SearchParameters(type)) {
      bool kept =
          parameter.type != "composite" && parameter.type != "special" && !parameter.expression.empty();
      bool column = parameter.code == "_id" || parameter.code == "_lastUpdated";
      if (!kept || column) continue;
      CAPTURE(type, parameter.code, parameter.expression);
      CHECK_FALSE(indexer->TypeOf(type, parameter.code).empty());
      ++known;
    }
  CHECK(known > 1'300);
}

}  // namespace passerelle::store
