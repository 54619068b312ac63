// Search: what is found, what comes with it, in which pages, and that no trait gets into an address.

#include <catch2/catch.hpp>

#include "gateway/store/definitions_indexer.h"
#include "tests/gateway/api/fixture.h"

namespace passerelle::api {
namespace {

struct SearchApi : Api {
  SearchApi() : Api(store::MakeDefinitionsIndexer(tests::Pack())) {
    Put("Patient/p1",
        R"({"resourceType":"Patient","id":"p1","identifier":[{"system":"urn:oid:1.2","value":"7"}],)"
        R"("name":[{"family":"DURAND"}],"managingOrganization":{"reference":"Organization/h"}})");
    Put("Patient/p2", R"({"resourceType":"Patient","id":"p2","name":[{"family":"PETIT"}]})");
    Put("Organization/h", R"({"resourceType":"Organization","id":"h","name":"CHU"})");
    for (int i = 1; i <= 5; ++i) {
      now += std::chrono::minutes(1);
      std::string id = "o" + std::to_string(i);
      Put("Observation/" + id, R"({"resourceType":"Observation","id":")" + id +
                                   R"(","subject":{"reference":"Patient/p)" + (i == 5 ? "2" : "1") +
                                   R"("},"performer":[{"reference":"Organization/h"}]})");
    }
  }
  // The ids of a searchset, in order, with the mode of those that are no match.
  static std::string Ids(const net::HttpResponse& response) {
    if (response.status != 200) return std::to_string(response.status) + " " + ErrorOf(response);
    auto tree = Parse(response.body);
    std::string out;
    for (node::NodeIndex entry : node::Children(tree, node::kRoot)) {
      if (tree.name(entry) != "entry") continue;
      std::string_view mode = tree.ChildText(tree.Child(entry, "search"), "mode");
      out += (out.empty() ? "" : " ") + std::string(tree.ChildText(tree.Child(entry, "resource"), "id"));
      if (mode != "match") out += "(" + std::string(mode) + ")";
    }
    return out;
  }
  std::string Get(std::string target) { return Ids(Call("GET", std::move(target))); }
  net::HttpResponse PostSearch(std::string type, std::string form) {
    return Call("POST", "/fhir/" + type + "/_search", std::move(form),
                {{"Content-Type", "application/x-www-form-urlencoded"}});
  }
  static std::string LinkOf(const net::HttpResponse& response, std::string_view relation) {
    auto tree = Parse(response.body);
    for (node::NodeIndex link : node::Children(tree, node::kRoot))
      if (tree.name(link) == "link" && tree.ChildText(link, "relation") == relation)
        return std::string(tree.ChildText(link, "url"));
    return {};
  }
  static std::string PathOf(const std::string& url) { return url.substr(url.find("/fhir")); }
};

TEST_CASE("search by GET and by POST finds the same") {
  SearchApi api;
  CHECK(api.Get("/fhir/Observation?patient=p1&_count=10") == "o1 o2 o3 o4");
  CHECK(api.Get("/fhir/Observation?subject=Patient/p1") == "o1 o2 o3 o4");
  CHECK(api.Get("/fhir/Observation?subject=http://127.0.0.1:8080/fhir/Patient/p2") == "o5");
  CHECK(SearchApi::Ids(api.PostSearch("Observation", "patient=Patient%2Fp2")) == "o5");
  CHECK(api.Get("/fhir/Patient?_id=p1,p2") == "p1 p2");
  CHECK(api.Get("/fhir/Patient?identifier=urn:oid:1.2%7C7") == "p1");
  CHECK(api.Get("/fhir/Patient?family=dur&identifier=7") == "p1");
  CHECK(api.Get("/fhir/Observation?_lastUpdated=gt2026-03-01T12:03:30Z") == "o4 o5");
  CHECK(api.Get("/fhir/Observation?_sort=-_lastUpdated&_count=2") == "o5 o4");
  CHECK(api.Get("/fhir/Observation?patient.identifier=urn:oid:1.2%7C7") == "o1 o2 o3 o4");
  CHECK(api.Get("/fhir/Observation?subject:Patient.family=petit") == "o5");
  CHECK(api.Get("/fhir/Observation?patient.family=nobody").empty());
  CHECK(api.Get("/fhir/Patient?organization.name=chu") == "p1");
}

TEST_CASE("what does not exist is an error, or is told when it may be passed over") {
  SearchApi api;
  CHECK(api.Get("/fhir/Patient?shoe-size=43") == "400 SearchParameterUnknown");
  CHECK(api.Get("/fhir/Patient?birthdate=yesterday") == "400 SearchValueMalformed");
  CHECK(api.Get("/fhir/Shoe") == "404 ResourceTypeUnknown");
  CHECK(api.Get("/fhir/Patient?_sort=shoe") == "400 ParameterInvalid");
  CHECK(api.Get("/fhir/Patient?_count=many") == "400 ParameterInvalid");
  auto lenient = api.Call("GET", "/fhir/Patient?_id=p1&shoe-size=43", {}, {{"Prefer", "handling=lenient"}});
  CHECK(SearchApi::Ids(lenient) == "p1 (outcome)");
  CHECK(lenient.body.find("shoe-size") != std::string::npos);
  CHECK(api.Call("POST", "/fhir/Patient/_search", "{}", {{"Content-Type", "application/json"}}).status ==
        415);
}

TEST_CASE("pages follow each other and keep what a trait was searched by out of their addresses") {
  SearchApi api;
  auto page = api.PostSearch("Observation", "patient.identifier=urn:oid:1.2%7C7&_count=3");
  CHECK(SearchApi::Ids(page) == "o1 o2 o3");
  CHECK(TextAt(Parse(page.body), {"total"}) == "4");
  std::string next = SearchApi::LinkOf(page, "next");
  for (const auto& url : {next, SearchApi::LinkOf(page, "self")}) CHECK(url.find("1.2") == std::string::npos);
  CHECK(api.Get(SearchApi::PathOf(next)) == "o4");
  CHECK(api.Get(SearchApi::PathOf(SearchApi::LinkOf(page, "self"))) == "o1 o2 o3");
  api.Give("ward", Role::Care);
  CHECK(api.Call("GET", SearchApi::PathOf(next), {}, {}, "ward").status == 410);  // another's search
  api.now += std::chrono::hours(2);
  CHECK(api.Get(SearchApi::PathOf(next)) == "410 SearchExpired");

  auto plain = api.Call("GET", "/fhir/Observation?patient=p1&_count=3");
  CHECK(SearchApi::LinkOf(plain, "self") == "http://127.0.0.1:8080/fhir/Observation?patient=p1&_count=3");
}

TEST_CASE("included resources come once, after the matches") {
  SearchApi api;
  CHECK(api.Get("/fhir/Observation?patient=p1&_count=2&_include=Observation:subject") == "o1 o2 p1(include)");
  CHECK(api.Get(
            "/fhir/Observation?_id=o5&_include=Observation:subject:Patient&_include=Observation:performer") ==
        "o5 p2(include) h(include)");
  CHECK(api.Get("/fhir/Observation?_id=o5&_include=Observation:*") == "o5 p2(include) h(include)");
  CHECK(api.Get("/fhir/Patient?_id=p2&_revinclude=Observation:subject") == "p2 o5(include)");
  CHECK(api.Get("/fhir/Observation?_id=o5&_include=Observation:shoe") == "400 ParameterInvalid");
}

TEST_CASE("conditions beside a patient or an identifier, in any order, and without a total") {
  SearchApi api;
  CHECK(api.Get("/fhir/Observation?performer=Organization/h&patient=p1&_count=2") == "o1 o2");
  CHECK(api.Get("/fhir/Observation?patient=p2&performer=Organization/h") == "o5");
  CHECK(api.Get("/fhir/Observation?patient=p2&performer=Organization/x").empty());
  CHECK(api.Get("/fhir/Patient?family=petit&identifier=7").empty());
  CHECK(api.Get("/fhir/Patient?organization=Organization/h&_id=p1,p2") == "p1");
  auto page = api.Call("GET", "/fhir/Observation?patient=p1&_total=none&_count=2");
  CHECK(SearchApi::Ids(page) == "o1 o2");
  CHECK(TextAt(Parse(page.body), {"total"}).empty());
}

TEST_CASE("what others refer to is found by what they are") {
  SearchApi api;
  api.Put("Observation/c",
          R"({"resourceType":"Observation","id":"c","status":"final","code":{"coding":[{"code":"718-7"}]},)"
          R"("subject":{"reference":"Patient/p2"},"performer":[{"reference":"Organization/h"}]})");
  CHECK(api.Get("/fhir/Patient?_has:Observation:subject:code=718-7") == "p2");
  CHECK(api.Get("/fhir/Patient?_has:Observation:patient:code=1-1") == "");
  CHECK(api.Get("/fhir/Patient?_has:Observation:subject:performer=Organization/h") == "p1 p2");
  CHECK(api.Get("/fhir/Organization?_has:Observation:performer:patient.name=petit") == "h");
  CHECK(api.Get("/fhir/Organization?_has:Patient:organization:_has:Observation:subject:_id=o1") == "h");
  CHECK(api.Get("/fhir/Patient?_has:Observation:subject=x") == "400 ParameterInvalid");
  CHECK(api.Get("/fhir/Patient?_has:Observation:nobody:code=1") == "400 ParameterInvalid");
}

TEST_CASE("only the number") {
  SearchApi api;
  for (std::string how : {"_summary=count", "_count=0"}) {
    auto answer = api.Call("GET", "/fhir/Observation?patient=p1&" + how);
    CHECK(TextAt(Parse(answer.body), {"total"}) == "4");
    CHECK(SearchApi::Ids(answer).empty());
  }
}

TEST_CASE("a patient who was merged is read and searched through the one that goes on") {
  SearchApi api;
  api.Put("Patient/p2", R"({"resourceType":"Patient","id":"p2","active":false,)"
                        R"("link":[{"other":{"reference":"Patient/p1"},"type":"replaced-by"}]})");
  api.Put("Patient/p1", R"({"resourceType":"Patient","id":"p1","name":[{"family":"DURAND"}],)"
                        R"("link":[{"other":{"reference":"Patient/p2"},"type":"replaces"}]})");
  auto read = api.Call("GET", "/fhir/Patient/p2");
  CHECK(IdOf(read) == "p1");
  CHECK(read.headers.Get("Content-Location") == "http://127.0.0.1:8080/fhir/Patient/p1");
  CHECK(IdOf(api.Call("GET", "/fhir/Patient/p2/_history/1")) == "p2");
  CHECK(api.Get("/fhir/Observation?patient=p2") == "o1 o2 o3 o4 o5");
  CHECK(api.Get("/fhir/Observation?patient=p1") == "o1 o2 o3 o4 o5");
}

TEST_CASE("what was merged by mistake comes apart again") {
  Api api(store::MakeDefinitionsIndexer(tests::Pack()));
  std::string one = R"({"resourceType":"Patient","id":"p1","name":[{"family":"PREMIER"}]})",
              other = R"({"resourceType":"Patient","id":"p2","name":[{"family":"SECOND"}]})";
  api.Put("Patient/p1", one);
  api.Put("Patient/p2", other);
  api.Put("Patient/p1", R"({"resourceType":"Patient","id":"p1","name":[{"family":"PREMIER"}],)"
                        R"("link":[{"other":{"reference":"Patient/p2"},"type":"replaces"}]})");
  api.Put("Patient/p2", R"({"resourceType":"Patient","id":"p2","active":false,"name":[{"family":"SECOND"}],)"
                        R"("link":[{"other":{"reference":"Patient/p1"},"type":"replaced-by"}]})");
  REQUIRE(IdOf(api.Call("GET", "/fhir/Patient/p2")) == "p1");
  // Their earlier versions are in the history; putting them again restores the former state.
  for (std::string id : {"p1", "p2"}) {
    auto before = api.Call("GET", "/fhir/Patient/" + id + "/_history/1");
    REQUIRE(before.status == 200);
    CHECK(api.Put("Patient/" + id, before.body).status == 200);
  }
  auto read = api.Call("GET", "/fhir/Patient/p2");
  CHECK(IdOf(read) == "p2");
  CHECK(read.body.find("replaced-by") == std::string::npos);
}

TEST_CASE("_elements and _summary give a part of each resource, marked as one") {
  SearchApi api;
  const std::string tag =
      R"("tag":[{"system":"http://terminology.hl7.org/CodeSystem/v3-ObservationValue","code":"SUBSETTED"}])";
  api.Put("Observation/v",
          R"({"resourceType":"Observation","id":"v","meta":{"tag":[{"code":"a"}],"profile":["urn:p"]},)"
          R"("text":{"status":"generated","div":"<div xmlns=\"http://www.w3.org/1999/xhtml\">1</div>"},)"
          R"("implicitRules":"urn:r","status":"final","code":{"text":"c"},"valueInteger":1,"note":[{"text":"n"}],)"
          R"("component":[{"code":{"text":"d"},"valueInteger":2,"interpretation":[{"text":"i"}]}]})");
  auto members = [&](const std::string& query) {
    auto tree = Parse(api.Call("GET", "/fhir/Observation/v?" + query).body);
    std::string names;
    for (node::NodeIndex child : node::Children(tree, node::kRoot))
      names += (names.empty() ? "" : " ") + std::string(tree.name(child));
    return names;
  };
  CHECK(members("_elements=value") == "id meta implicitRules status code valueInteger");
  CHECK(members("_elements=note,text") == "id meta text implicitRules status code note");
  CHECK(members("_summary=true") == "id meta implicitRules status code valueInteger component");
  CHECK(members("_summary=text") == "id meta text implicitRules status code");
  CHECK(members("_summary=data") == "id meta implicitRules status code valueInteger note component");
  CHECK(members("_summary=false") == "id meta text implicitRules status code valueInteger note component");
  std::string cut = api.Call("GET", "/fhir/Observation/v?_summary=true").body;
  CHECK(cut.find(R"("interpretation")") == cut.npos);
  CHECK(cut.find(R"("tag":[{"code":"a"},{"system":)") != cut.npos);

  auto found = api.Call("GET", "/fhir/Patient?_id=p1&_elements=name&_include=Patient:organization").body;
  CHECK(found.find("DURAND") != found.npos);
  CHECK(found.find("urn:oid:1.2") == found.npos);
  CHECK(found.find(tag) != found.npos);
  CHECK(found.find("CHU") != found.npos);  // what is brought along comes whole
  CHECK(api.Call("GET", "/fhir/Patient/p2?_elements=name").body.find("SUBSETTED") == found.npos);  // all of it
  CHECK(api.Get("/fhir/Patient?_elements=nom") == "400 ParameterInvalid");
  CHECK(api.Get("/fhir/Patient?_summary=yes") == "400 ParameterInvalid");
}

}  // namespace
}  // namespace passerelle::api
