// Who sees what: masks on every way to a document and what was made of it, a patient's own record, the audit
// of every read, and no trait where it should not be (safety rules 3, 17, 19).

#include <catch2/catch.hpp>
#include <set>

#include "gateway/access/masks.h"
#include "gateway/store/definitions_indexer.h"
#include "tests/gateway/api/fixture.h"

namespace passerelle::api {
namespace {

constexpr std::string_view kCanary = "KANARIENVOGEL";  // stands in all that is hidden

std::string Labels(std::string_view label) {
  return R"([{"coding":[{"system":")" + std::string(access::kVisibilitySystem) + R"(","code":")" +
         std::string(label) + R"("}]}])";
}

// One patient with two documents, one of them masked, and what was made of both.
struct MaskedApi : Api {
  explicit MaskedApi(std::string_view label) : Api(store::MakeDefinitionsIndexer(tests::Pack())) {
    Put("Patient/p1", R"({"resourceType":"Patient","id":"p1","name":[{"family":"DURAND"}]})");
    Put("Patient/p2", R"({"resourceType":"Patient","id":"p2","name":[{"family":"PETIT"}]})");
    Put("Binary/b1",
        R"({"resourceType":"Binary","id":"b1","contentType":"text/plain","data":"S0FOQVJJRU5WT0dFTA=="})");
    Put("Observation/o1", Observation("o1", kCanary));
    Put("Observation/o2", Observation("o2", "visible"));
    Put("DocumentReference/d1", Document("d1", label));
    Put("DocumentReference/d2",
        R"({"resourceType":"DocumentReference","id":"d2","status":"current",)"
        R"("subject":{"reference":"Patient/p1"},"content":[{"attachment":{"title":"x"}}]})");
    Put("Provenance/v1",
        R"({"resourceType":"Provenance","id":"v1","target":[{"reference":"DocumentReference/d2"}],)"
        R"("entity":[{"role":"source","what":{"reference":"DocumentReference/d1"}}]})");
    REQUIRE(Write([](pipeline::Transaction& t) -> Status {
      CHECK_OK(t.AddDerived("DocumentReference/d1", "Observation/o1"));
      return t.AddDerived("DocumentReference/d2", "Observation/o2");
    }));
    // Said again: the labels reach what is derived.
    Put("DocumentReference/d1", Document("d1", label, "2"));
    Give("care", Role::Care);
    Give("patient", Role::Patient, "Patient/p1");
    Give("other", Role::Patient, "Patient/p2");
  }
  static std::string Document(std::string id, std::string_view label, std::string title = "1") {
    return R"({"resourceType":"DocumentReference","id":")" + id + R"(","status":"current","description":")" +
           std::string(kCanary) + R"(","subject":{"reference":"Patient/p1"},"securityLabel":)" +
           Labels(label) + R"(,"content":[{"attachment":{"url":"Binary/b1","title":")" + title + R"("}}]})";
  }
  static std::string Observation(std::string id, std::string_view text) {
    return R"({"resourceType":"Observation","id":")" + id + R"(","status":"final","code":{"text":")" +
           std::string(text) + R"("},"subject":{"reference":"Patient/p1"}})";
  }
  std::string As(std::string token, std::string target) {
    return Call("GET", std::move(target), {}, {}, token).body;
  }
};

// Every way there is to something of a patient.
const std::vector<std::string> kWays = {
    "/fhir/DocumentReference/d1",
    "/fhir/DocumentReference/d1/_history/1",
    "/fhir/DocumentReference/d1/_history/2",
    "/fhir/DocumentReference/d1/_history",
    "/fhir/DocumentReference",
    "/fhir/DocumentReference?patient=p1",
    "/fhir/DocumentReference?_id=d1",
    "/fhir/DocumentReference?description=kanarienvogel",
    "/fhir/Observation/o1",
    "/fhir/Observation/o1/_history/1",
    "/fhir/Observation/o1/_history",
    "/fhir/Observation?patient=p1",
    "/fhir/Observation?code=x",
    "/fhir/Binary/b1",
    "/fhir/Binary/b1/_history/1",
    "/fhir/Binary/b1?_format=json",
    "/fhir/Binary?_id=b1",
    "/fhir/Patient?_id=p1&_revinclude=Observation:subject",
    "/fhir/Patient?_id=p1&_revinclude=DocumentReference:subject",
    "/fhir/Provenance?_id=v1&_include=Provenance:entity",
    "/fhir/Provenance?_id=v1&_include=*:*",
};

bool Tells(const std::string& body) {
  return body.find(kCanary) != std::string::npos || body.find("S0FOQVJJRU5WT0dFTA") != std::string::npos;
}

TEST_CASE("nothing of a masked document reaches those it is hidden from, on any way") {
  struct Row {
    const char *label, *hidden_from, *shown_to;
  };
  auto row = GENERATE(Row{"MASQUE_PS", "care", "patient"}, Row{"INVISIBLE_PATIENT", "patient", "care"});
  MaskedApi api(row.label);
  int shown = 0;
  for (const auto& way : kWays) {
    CAPTURE(row.label, way);
    CHECK_FALSE(Tells(api.As(row.hidden_from, way)));
    shown += Tells(api.As(row.shown_to, way));
    CHECK_FALSE(Tells(api.As("other", way)));
  }
  CHECK(shown >= 12);  // the ways lead there for those who may
  // Neither a number nor a status tells that there is something.
  CHECK(TextAt(Parse(api.As(row.hidden_from, "/fhir/DocumentReference?patient=p1")), {"total"}) == "1");
  CHECK(TextAt(Parse(api.As(row.shown_to, "/fhir/DocumentReference?patient=p1")), {"total"}) == "2");
  CHECK(TextAt(Parse(api.As(row.hidden_from, "/fhir/Observation?patient=p1")), {"total"}) == "1");
  CHECK(api.Call("GET", "/fhir/DocumentReference/d1", {}, {}, row.hidden_from).body ==
        api.Call("GET", "/fhir/DocumentReference/d9", {}, {}, row.hidden_from).body);
  std::string batch = R"({"resourceType":"Bundle","type":"batch","entry":[)"
                      R"({"request":{"method":"GET","url":"DocumentReference/d1"}},)"
                      R"({"request":{"method":"GET","url":"Observation?patient=p1"}}]})";
  if (std::string(row.hidden_from) == "care")
    CHECK_FALSE(Tells(api.Call("POST", "/fhir", batch, {}, "care").body));
}

TEST_CASE("an update that says nothing of labels changes none, one that says so lifts them everywhere") {
  MaskedApi api("MASQUE_PS");
  api.Put("DocumentReference/d1", R"({"resourceType":"DocumentReference","id":"d1","status":"current",)"
                                  R"("subject":{"reference":"Patient/p1"},"description":"KANARIENVOGEL"})");
  CHECK(api.Call("GET", "/fhir/DocumentReference/d1", {}, {}, "care").status == 404);
  api.Put("Observation/o1", MaskedApi::Observation("o1", kCanary));
  CHECK(api.Call("GET", "/fhir/Observation/o1", {}, {}, "care").status == 404);
  api.Put(
      "DocumentReference/d1",
      R"({"resourceType":"DocumentReference","id":"d1","status":"current","subject":{"reference":"Patient/p1"},)"
      R"("securityLabel":[{"coding":[{"system":"urn:oid:2.16.840.1.113883.5.25","code":"N"}]}]})");
  CHECK(api.Call("GET", "/fhir/DocumentReference/d1", {}, {}, "care").status == 200);
  CHECK(api.Call("GET", "/fhir/Observation/o1", {}, {}, "care").status == 200);
  CHECK(api.Call("GET", "/fhir/Binary/b1", {}, {}, "care").status == 200);
}

TEST_CASE("a label of today hides what was written before it, and bytes by the document that guards them") {
  MaskedApi api("MASQUE_PS");
  std::string plain = R"({"resourceType":"DocumentReference","id":"d5","status":"current","description":")" +
                      std::string(kCanary) + R"(","subject":{"reference":"Patient/p1"}})";
  api.Put("DocumentReference/d5", plain);
  CHECK(Tells(api.As("care", "/fhir/DocumentReference/d5/_history/1")));
  api.Put("DocumentReference/d5", MaskedApi::Document("d5", "MASQUE_PS"));
  CHECK_FALSE(Tells(api.As("care", "/fhir/DocumentReference/d5/_history/1")));
  CHECK_FALSE(Tells(api.As("care", "/fhir/DocumentReference/d5/_history")));

  api.Put("Binary/b5",
          R"({"resourceType":"Binary","id":"b5","contentType":"text/plain",)"
          R"("securityContext":{"reference":"DocumentReference/d1"},"data":"S0FOQVJJRU5WT0dFTA=="})");
  CHECK_FALSE(Tells(api.As("care", "/fhir/Binary/b5")));
}

TEST_CASE("what is hidden from representatives is hidden from them alone") {
  MaskedApi api("INVISIBLE_REPRESENTANTS_LEGAUX");
  auto tokens = api.tokens.All();
  tokens.push_back({Sha256Hex("parent"), Caller{"a parent", Role::Patient, "Patient/p1", true, false}, {}});
  api.tokens.Take(std::move(tokens));
  for (const char* way : {"/fhir/DocumentReference/d1", "/fhir/Observation/o1", "/fhir/Binary/b1"}) {
    CAPTURE(way);
    CHECK_FALSE(Tells(api.As("parent", way)));
    CHECK(Tells(api.As("patient", way)));
    CHECK(Tells(api.As("care", way)));
  }
}

TEST_CASE("who may not see a document may not write over it either") {
  MaskedApi api("MASQUE_PS");
  CHECK(api.Call("PUT", "/fhir/DocumentReference/d1", MaskedApi::Document("d1", "N"), {}, "care").status ==
        404);
}

TEST_CASE("a document that says it replaces another makes that one superseded") {
  Api api(store::MakeDefinitionsIndexer(tests::Pack()));
  int asked = 0;
  api.services->supersede =
      [&](pipeline::Transaction& t,
          const pipeline::ResourceVersion& document) -> Result<std::vector<std::string>> {
    ++asked;
    std::string json = document.json;
    json.replace(json.find("\"current\""), 9, "\"superseded\"");
    TRY(auto put, t.Put("DocumentReference", document.id, json, "PUT"));
    return std::vector<std::string>{"DocumentReference/" + put.id};
  };
  auto document = [](std::string id, std::string patient, std::string replaces) {
    return R"({"resourceType":"DocumentReference","id":")" + id +
           R"(","status":"current","subject":{"reference":")" + patient +
           R"("},"relatesTo":[{"code":"replaces","target":{"reference":"DocumentReference/)" + replaces +
           R"("}}]})";
  };
  api.Put("DocumentReference/d1", document("d1", "Patient/p1", "d0"));
  api.Put("DocumentReference/d3", document("d3", "Patient/p2", "d1"));  // another's: it may not
  CHECK(asked == 0);
  api.Put("DocumentReference/d2", document("d2", "Patient/p1", "d1"));
  api.Put("DocumentReference/d2", document("d2", "Patient/p1", "d1"));
  CHECK(asked == 1);
  CHECK(TextAt(Parse(api.Call("GET", "/fhir/DocumentReference/d1").body), {"status"}) == "superseded");
}

TEST_CASE("a patient sees his own record and nobody else's") {
  MaskedApi api("MASQUE_PS");
  CHECK(api.Call("GET", "/fhir/Patient/p1", {}, {}, "patient").status == 200);
  CHECK(api.Call("GET", "/fhir/Patient/p2", {}, {}, "patient").status == 404);
  CHECK(TextAt(Parse(api.As("patient", "/fhir/Patient")), {"total"}) == "1");
  CHECK(TextAt(Parse(api.As("other", "/fhir/Observation")), {"total"}) == "0");
  CHECK(api.Call("GET", "/fhir/Observation/o2", {}, {}, "other").status == 404);
  CHECK(
      api.Call("PUT", "/fhir/Patient/p1", R"({"resourceType":"Patient","id":"p1"})", {}, "patient").status ==
      403);
}

TEST_CASE("every read leaves who, whose, what, why and when") {
  MaskedApi api("MASQUE_PS");
  auto before = api.Audit().size();
  auto last = [&](std::string target) {
    api.As("care", std::move(target));
    auto all = api.Audit();
    return all.back();
  };
  auto read = last("/fhir/Observation/o2");
  CHECK(api.Audit().size() == before + 1);
  CHECK(read.who == "care user");
  CHECK(read.action == "read");
  CHECK(read.patient == "Patient/p1");
  CHECK(read.resource == "Observation/o2/_history/1");
  CHECK(read.purpose == "TREAT");
  CHECK(read.at == "2026-03-01T12:00:00.000Z");
  CHECK(last("/fhir/Observation/o2/_history/1").action == "vread");
  CHECK(last("/fhir/Observation/o2/_history").action == "history");
  auto search = last("/fhir/Observation?patient=p1");
  CHECK(search.action == "search");
  CHECK(search.resource == "search Observation Observation/o2");
  CHECK(last("/fhir/Observation?patient=p2").patient == "Patient/p2");  // that there is nothing is a fact too
  auto binary = api.As("patient", "/fhir/Binary/b1");
  CHECK(binary == kCanary);
  CHECK(api.Audit().back().patient == "Patient/p1");
  api.Call("GET", "/fhir/Observation/o2", {}, {{"Purpose-Of-Use", "ETREAT"}}, "care");
  CHECK(api.Audit().back().purpose == "ETREAT");
}

// A store that reads and does not write.
class Unwritable : public pipeline::Store {
 public:
  explicit Unwritable(pipeline::Store& inner) : inner_(inner) {}
  Result<std::unique_ptr<pipeline::Spool>> MakeSpool() override { return Error{errors::InternalFault}; }
  Awaitable<Result<std::shared_ptr<pipeline::Keeping>>> Hand(
      std::shared_ptr<const pipeline::Frame>, pipeline::KeepWhen) override {
    co_return Error{errors::InternalFault};
  }
  Awaitable<Status> Write(pipeline::Work, pipeline::Rerun) override {
    co_return Error{errors::InternalFault};
  }
  std::unique_ptr<pipeline::Rehearsed> Rehearse(const pipeline::Work&) override { return nullptr; }
  Awaitable<Status> WriteRehearsed(pipeline::Work, std::unique_ptr<pipeline::Rehearsed>,
                                   std::shared_ptr<const pipeline::Keeping>, pipeline::Haste) override {
    co_return Error{errors::InternalFault};
  }
  std::unique_ptr<pipeline::View> Read() override { return inner_.Read(); }
  bool Accepting() const override { return false; }

 private:
  pipeline::Store& inner_;
};

TEST_CASE("what cannot be audited is not shown") {
  MaskedApi api("MASQUE_PS");
  Unwritable store(*api.store);
  Services services{store,
                    *api.pipeline,
                    tests::Pack(),
                    api.tokens,
                    api.context.get_executor(),
                    api.context.get_executor(),
                    api.services->clock,
                    api.services->random_bytes,
                    "0",
                    "test"};
  api.handler = MakeHandler(services);
  for (const auto& way : kWays) {
    auto answer = api.Call("GET", way, {}, {}, "patient");
    CAPTURE(way);
    bool nothing_found = answer.status == 200 && answer.body.find("\"resource\"") == std::string::npos;
    CHECK((answer.status >= 400 || nothing_found));
    CHECK_FALSE(Tells(answer.body));
  }
  CHECK(api.Call("GET", "/messages/1").status >= 400);
  CHECK(api.Call("GET", "/health/ready", {}, {}, "").status == 503);
}

// Names, numbers and dates of the test's patient that may stand in bodies alone.
const std::set<std::string> kTraits = {"KANARIE", "1820675123456", "1982-06-07", "ZUZANNA"};

TEST_CASE("no trait stands in an address, a header, a metric or an error") {
  Api api(store::MakeDefinitionsIndexer(tests::Pack()));
  std::string patient =
      R"({"resourceType":"Patient","identifier":[{"system":"urn:oid:1.2.250.1.213.1.4.10","value":"1820675123456"}],)"
      R"("name":[{"family":"KANARIE","given":["ZUZANNA"]}],"birthDate":"1982-06-07"})";
  auto made = api.Post("/fhir/Patient", patient);
  REQUIRE(made.status == 201);
  std::vector<std::string> seen;
  auto note = [&](const net::HttpResponse& response, bool body) {
    for (const auto& [name, value] : response.headers.all()) seen.push_back(value);
    if (body) seen.push_back(response.body);
  };
  note(made, false);
  Fields form = {{"Content-Type", "application/x-www-form-urlencoded"}};
  std::string conditions =
      "identifier=urn:oid:1.2.250.1.213.1.4.10%7C1820675123456&family=KANARIE&given=ZUZANNA"
      "&birthdate=1982-06-07&_count=1";
  api.Post("/fhir/Patient", patient);
  auto page = api.Call("POST", "/fhir/Patient/_search", conditions, form);
  note(page, false);
  auto tree = Parse(page.body);
  for (node::NodeIndex link : node::Children(tree, node::kRoot))
    if (tree.name(link) == "link") seen.emplace_back(tree.ChildText(link, "url"));
  CHECK(seen.size() >= 2);
  note(api.Call("POST", "/fhir/Patient", patient, {{"If-None-Exist", "identifier=1820675123456"}}),
       true);  // 412
  note(api.Call("POST", "/fhir/Patient/_search", "KANARIE=1820675123456&birthdate=KANARIE", form), true);
  note(api.Post("/fhir/Patient", R"({"resourceType":"Patient","name":[{"family":"KANARIE"})"), true);
  note(api.Post("/fhir/Observation", patient), true);
  note(api.Call("GET", "/metrics"), true);
  for (const auto& entry : api.Audit())
    seen.push_back(entry.who + entry.action + entry.resource + entry.purpose);
  for (const auto& text : seen)
    for (const auto& trait : kTraits) {
      CAPTURE(text, trait);
      CHECK(text.find(trait) == std::string::npos);
    }
}

TEST_CASE("who read what, and what is kept from whom, tells nothing of what is hidden from the caller") {
  MaskedApi api("MASQUE_PS");
  CHECK_FALSE(api.As("patient", "/fhir/DocumentReference/d1").empty());
  auto own = api.As("patient", "/api/patients/p1");
  CHECK(own.find(R"({"document":"DocumentReference/d1","hidden_from":["professional"]})") != own.npos);
  CHECK(own.find(R"("resource":"DocumentReference/d1/_history/)") != own.npos);
  auto care = api.As("care", "/api/patients/p1");
  CHECK(care.find(R"("reads":[{)") != care.npos);
  CHECK(care.find("DocumentReference/d1") == care.npos);
  CHECK(api.Call("GET", "/api/patients/p1", {}, {}, "other").status == 404);
  CHECK(api.Call("GET", "/api/patients/nobody", {}, {}, "care").status == 404);
}

}  // namespace
}  // namespace passerelle::api
