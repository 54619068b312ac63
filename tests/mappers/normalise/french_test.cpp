// PAM-FR 2.11 and the CI-SIS transports through the shipped tables: identity, consents, movements, all events
// (safety rules 2, 7, 12). The people are made up; their INS are in the arc of tests (.10).

#include "tests/mappers/normalise/ask.h"

namespace passerelle::normalise {
namespace {

constexpr std::string_view kHospital = "CHU-EXEMPLE&1.2.250.1.213.1.1.9.999&ISO";
constexpr std::string_view kQualified = "fr-core-patient-ins";

std::string Header(const std::string& event) {
  return "MSH|^~\\&|GAM|CHU-EXEMPLE|PASSERELLE|EXEMPLE|20240305091500+0100||ADT^" + event +
         "|T1|D|2.5^FRA^2.11|||||FRA|UNICODE UTF-8|FR||2.11^IHE_FRANCE-2.11-PAM\r"
         "EVN||20240305091500||||20240305090000\r";
}

std::string Identifiers(const std::string& local, const std::string& ins) {
  std::string text = local + "^^^" + std::string(kHospital) + "^PI";
  if (!ins.empty()) text += "~" + ins + "^^^ASIP-SANTE-INS-NIR&1.2.250.1.213.1.4.10&ISO^INS^^20240102";
  return text;
}

std::string Person(const std::string& reliability) {
  return "PID|1||" + Identifiers("4711", "285067599900116") +
         "||LAGRANGE^CAMILLE^CAMILLE ALIX^^^^L~LAGRANGE-MARTIN^CAMILLE^^^^^D||19850612|F|||"
         "12 RUE DE L ESSAI^^PARIS^^75012^FRA^H~^^^^^^BDL^^75112|||||||||||||||||||||" +
         reliability + "|20240102100000\r";
}

std::string Visit() {
  return "PV1|1|I|CHIR^101^1^CHU-EXEMPLE|R|||||||||||||||2400987^^^" + std::string(kHospital) + "^VN\r";
}

std::string Movement(const std::string& number, const std::string& action, const std::string& event = {}) {
  return "ZBE|" + number + "^CHU-EXEMPLE|20240305090000||" + action + "|N|" + event +
         "|Chirurgie^^^^^CHU-EXEMPLE&1.2.250.1.213.1.1.9.999&ISO^UF^^^6268||HMS\r";
}

std::string Admission(const std::string& reliability, const std::string& more = {}) {
  return Header("A01^ADT_A01") + Person(reliability) + Visit() + more;
}

bool Says(const Normalised& done, std::string_view text) {
  return BundleText(done).find(text) != std::string::npos;
}

// The value of a child of each resource of a type, in their order.
std::vector<std::string> Each(const Normalised& done, std::string_view type, std::string_view child) {
  std::vector<std::string> values;
  for (const Entry& entry : Entries(done.draft->bundle))
    if (entry.type == type) values.emplace_back(done.draft->bundle.ChildText(entry.resource, child));
  return values;
}

}  // namespace

TEST_CASE("PID-32: only VALI makes a qualified identity", "[normalise][french]") {
  CHECK(Says(Run(Admission("VALI")), kQualified));
  CHECK(Run(Admission("VALI")).patient->qualified);
  for (std::string reliability : {"PROV", "VIDE", "DOUT", "USUR", "FICT", ""}) {
    INFO("PID-32 is " << reliability);
    auto done = Run(Admission(reliability));
    REQUIRE(RefusalOf(done).empty());
    CHECK_FALSE(Says(done, kQualified));
    CHECK_FALSE(done.patient->qualified);
    CHECK(Says(done, "285067599900116"));  // the number is kept, the claim is not made
  }
}

TEST_CASE("an INS that lacks a strict trait claims no qualified profile", "[normalise][french]") {
  for (auto [from, to] : {std::pair{"^BDL^^75112", "^BDL^^"}, {"|19850612|", "||"}, {"|F|||12", "|U|||12"}}) {
    INFO(from);
    auto done = Run(Changed(Admission("VALI"), from, to));
    REQUIRE(RefusalOf(done).empty());
    CHECK_FALSE(Says(done, kQualified));
  }
}

TEST_CASE("a PID in France becomes what FR Core asks for", "[normalise][french]") {
  auto done = Run(Admission("VALI"));
  REQUIRE(RefusalOf(done).empty());
  CHECK(Says(done, R"("system":"urn:oid:1.2.250.1.213.1.4.10","value":"285067599900116")"));
  CHECK(Says(done, R"("code":"INS-NIR-TEST")"));
  CHECK(Says(done, R"("use":"official")"));
  CHECK(Says(done, "fr-core-identity-reliability"));
  CHECK(Says(done, "patient-birthPlace"));
  CHECK(Says(done, "fr-core-address-insee-code"));
  CHECK(Says(done, R"("code":"75112")"));
  CHECK(done.patient->birth_name == "LAGRANGE");
  CHECK(done.patient->first_given == "CAMILLE");
  CHECK(done.patient->birth_place == "75112");
  CHECK(Says(done, "LAGRANGE-MARTIN"));
}

TEST_CASE("ZFA: an answer is a consent, no answer is none", "[normalise][french]") {
  struct Case {
    std::string zfa;
    std::size_t consents;
    std::string_view code;
  };
  for (const Case& c : {Case{"IO|20240306080000|NA|", 1, "OPTOUT"},
                        {"INO|20240306080000|NA|", 1, "OPTIN"},
                        {"NA||INC|20240306080000", 1, "OPTOUT"},
                        {"NA||IC|20240306080000", 1, "OPTIN"},
                        {"IO|20240306080000|IC|20240306080000", 2, "OPTOUT"},
                        {"NA||NA|", 0, ""},
                        {"|||", 0, ""}}) {
    INFO(c.zfa);
    auto done = Run(Admission("VALI", "ZFA|ACTIF|20240102100000|||||||" + c.zfa + "\r"));
    REQUIRE(RefusalOf(done).empty());
    CHECK(Count(done, "Consent") == c.consents);
    if (!c.code.empty()) CHECK(Says(done, c.code));
    CHECK(Says(done, R"("url":"status","valueCode":"ACTIF")"));
  }
}

TEST_CASE("ZFA: each consent has its kind, its own date and what FHIR requires, and permits nothing",
          "[normalise][french]") {
  auto done = Run(Admission("VALI", "ZFA|ACTIF|20240102100000|||||||IO|20240306080000|INC|20240407090000\r"));
  REQUIRE(RefusalOf(done).empty());
  const auto& bundle = done.draft->bundle;
  std::map<std::string, std::string> dates;  // by kind
  for (const Entry& entry : Entries(bundle)) {
    if (entry.type != "Consent") continue;
    auto coding = [&](std::string_view element) {
      node::NodeIndex holder = bundle.Child(entry.resource, element);
      return holder == node::kNone ? node::kNone : bundle.Child(holder, "coding");
    };
    REQUIRE(coding("scope") != node::kNone);
    CHECK(bundle.ChildText(coding("scope"), "code") == "patient-privacy");
    REQUIRE(coding("category") != node::kNone);
    CHECK(bundle.Child(entry.resource, "provision") == node::kNone);
    dates[std::string(bundle.ChildText(coding("category"), "code"))] =
        bundle.ChildText(entry.resource, "dateTime");
  }
  REQUIRE(dates.size() == 2);
  CHECK(dates["dmp-feeding"].starts_with("2024-03-06T08:00:00"));
  CHECK(dates["dmp-consultation"].starts_with("2024-04-07T09:00:00"));
}

TEST_CASE("a movement is an Encounter of its own, by its number", "[normalise][french]") {
  auto inserted = Run(Admission("VALI", Movement("1001", "INSERT")));
  REQUIRE(Count(inserted, "Encounter") == 2);
  auto ids = Each(inserted, "Encounter", "id");
  CHECK(Says(inserted, R"("partOf":{"reference":"urn:uuid:)"));

  SECTION("an update is the same Encounter") {
    CHECK(Each(Run(Header("Z99^ADT_A01") + Person("VALI") + Visit() + Movement("1001", "UPDATE", "A01")),
               "Encounter", "id") == ids);
  }
  SECTION("cancelled, it is entered in error, and the visit is not") {
    auto cancelled =
        Run(Header("A12^ADT_A12") + Person("VALI") + Visit() + Movement("1001", "CANCEL", "A02"));
    REQUIRE(RefusalOf(cancelled).empty());
    CHECK(Each(cancelled, "Encounter", "id") == ids);
    auto status = Each(cancelled, "Encounter", "status");
    CHECK(std::count(status.begin(), status.end(), "entered-in-error") == 1);
  }
  SECTION("another number is another Encounter") {
    auto other = Each(Run(Admission("VALI", Movement("1002", "INSERT"))), "Encounter", "id");
    CHECK(other != ids);
  }
}

// Whatever is cancelled, in whatever order, the movements that stand are those that were never cancelled.
TEST_CASE("cancelled movements leave the sequence as it was without them", "[normalise][french]") {
  auto standing = [](const std::vector<std::pair<std::string, std::string>>& sequence) {
    std::map<std::string, std::string> status;  // the last word on each Encounter
    for (const auto& [number, action] : sequence) {
      auto done = Run(Admission("VALI", Movement(number, action, "A02")));
      REQUIRE(RefusalOf(done).empty());
      auto ids = Each(done, "Encounter", "id"), says = Each(done, "Encounter", "status");
      for (std::size_t i = 0; i < ids.size(); ++i) status[ids[i]] = says[i];
    }
    std::erase_if(status, [](const auto& one) { return one.second == "entered-in-error"; });
    return status;
  };
  std::uint32_t seed = 7;
  auto next = [&](std::uint32_t below) { return (seed = seed * 1664525 + 1013904223) / 65536 % below; };
  for (int round = 0; round < 20; ++round) {
    std::vector<std::pair<std::string, std::string>> all, kept;
    for (std::uint32_t n = 0; n < 5; ++n) {
      std::string number = std::to_string(1000 + n);
      bool cancelled = next(2) == 0;
      all.emplace_back(number, "INSERT");
      if (next(2) == 0) all.emplace_back(number, "UPDATE");
      if (cancelled) all.emplace_back(number, "CANCEL");
      if (!cancelled) kept.emplace_back(number, "INSERT");
    }
    if (kept.empty()) continue;
    CHECK(standing(all) == standing(kept));
  }
}

TEST_CASE("all 34 events of PAM-FR are claimed and convert with all of its segments", "[normalise][french]") {
  for (std::string event :
       {"A01", "A02", "A03", "A04", "A05", "A06", "A07", "A09", "A10", "A11", "A12", "A13",
        "A14", "A15", "A16", "A21", "A22", "A25", "A26", "A27", "A28", "A31", "A32", "A33",
        "A38", "A40", "A44", "A47", "A49", "A52", "A53", "A54", "A55", "Z99"}) {
    INFO(event);
    std::string text = Header(event) + Person("VALI");
    if (event == "A40" || event == "A44" || event == "A47" || event == "A49")
      text += "MRG|4712^^^" + std::string(kHospital) + "^PI\r";
    else
      text += Visit() + Movement("1001", "INSERT") + "ZFA|ACTIF|20240102100000\rZFV|750000001\r";
    auto done = Run(text);
    REQUIRE(RefusalOf(done).empty());
    CHECK(Count(done, "Patient") >= 1);
    done.draft->Settle(*done.source);
    for (const auto& line : done.draft->ledger.lines)
      if (line.place.starts_with("Z")) CHECK(line.fate != engine::Fate::Unmapped);
  }
}

TEST_CASE("MRG names the loser by the system that the tables give its identifier", "[normalise][french]") {
  struct Case {
    std::string event, identifier, system;
    std::size_t patients;
  };
  std::string oid = "urn:oid:1.2.250.1.213.1.1.9.999";
  for (const Case& c : {Case{"A40", "4712^^^" + std::string(kHospital) + "^PI", oid, 2},
                        {"A40", "4712^^^GAM^PI", "urn:passerelle:authority:GAM", 2},
                        {"A44", "4712^^^" + std::string(kHospital) + "^PI", oid, 2},
                        {"A47", "4712^^^" + std::string(kHospital) + "^PI", oid, 1},
                        {"A47", "4712^^^GAM^PI", "urn:passerelle:authority:GAM", 1}}) {
    INFO(c.event << ' ' << c.identifier);
    auto done = Run(Header(c.event + "^ADT_A39") + Person("VALI") + "MRG|" + c.identifier + "||4713\r");
    REQUIRE(RefusalOf(done).empty());
    REQUIRE(done.merges.size() == 1);
    CHECK(done.merges[0].loser_value == "4712");
    CHECK(done.merges[0].loser_system == c.system);
    CHECK(done.merges[0].survivor_url == done.patient->url);
    CHECK(done.merges[0].kind == (c.event == "A40"   ? MergeFacts::Kind::Patients
                                  : c.event == "A44" ? MergeFacts::Kind::Visit
                                                     : MergeFacts::Kind::Identifier));
    CHECK(Count(done, "Patient") == c.patients);
    CHECK(Says(done, R"("active":false)") == (c.event == "A40"));
    CHECK(Says(done, R"("use":"old")") == (c.event == "A47"));
  }
}

TEST_CASE("every MRG is a merge with the patient it stands behind, in their order", "[normalise][french]") {
  auto person = [](std::string number) { return "PID|||" + number + "^^^GAM^PI||ROUX^Anne||19800101|F\r"; };
  auto merged = [](std::string number) { return "MRG|" + number + "^^^GAM^PI\r"; };
  auto done = Run(Header("A40^ADT_A39") + person("11") + merged("12") + person("21") + merged("22") +
                  merged("23") + person("31") + merged("11"));
  REQUIRE(RefusalOf(done).empty());
  std::vector<std::string> pairs;
  for (const auto& merge : done.merges)
    pairs.push_back(Ask(done, "where(id = '" + merge.survivor_url.substr(9) + "').identifier.first().value") +
                    " < " + merge.loser_value);
  CHECK(pairs == std::vector<std::string>{"11 < 12", "21 < 22", "21 < 23", "31 < 11"});
  CHECK(Count(done, "Patient") == 6);
  CHECK(Ask(done, "ofType(Patient).where(identifier.value = '21').link.count()") == "2");
}

TEST_CASE("a second pair that names nobody does not take the first pair's patient", "[normalise][french]") {
  auto done = Run(Header("A40^ADT_A39") +
                  "PID|||11^^^GAM^PI||ROUX^Anne||19800101|F\rMRG|12^^^GAM^PI\r"
                  "PID|||||DIOP^Awa||19900202|F\rMRG|22^^^GAM^PI\r");
  CHECK(RefusalOf(done) == "SurvivorUnnamed");
}

TEST_CASE("an identifier that changes its authority alone: the old one goes", "[normalise][french]") {
  auto done = Run(Header("A47^ADT_A30") + "PID|||4712^^^NEW^PI||ROUX^Anne||19800101|F\rMRG|4712^^^GAM^PI\r");
  REQUIRE(done.merges.size() == 1);
  CHECK(done.merges[0].loser_system == "urn:passerelle:authority:GAM");
}

TEST_CASE("the flags of a transport are dropped with a reason, never mapped", "[normalise][french]") {
  auto done = Run(Example("imaging/1-report.hl7"));
  REQUIRE(RefusalOf(done).empty());
  CHECK_FALSE(Says(done, "MetaDMPMSS"));
  CHECK_FALSE(Says(done, "MASQUE_PS"));
  done.draft->Settle(*done.source);
  CHECK(done.draft->ledger.Count(engine::Fate::Dropped) > 0);
}

}  // namespace passerelle::normalise
