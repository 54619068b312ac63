// Verdicts: what holds, what fails and where, what does not apply, and above all what cannot be decided.

#include "profiles/requirements/evaluate.h"

#include <catch2/catch.hpp>

#include "mappers/cda/cda.h"
#include "mappers/hl7v2/reader.h"

using namespace passerelle;
using namespace passerelle::requirements;

namespace {

Catalogue Table(std::string_view checks, std::string_view head = "A-01 blocking test minor") {
  SourceFile file{"test.req",
                  "requirement " + std::string(head) +
                      "\n  source s\n  en asked\n  fr demandé\n  repair-en mend\n  repair-fr corriger\n" +
                      std::string(checks)};
  auto catalogue = Catalogue::Compile(std::span(&file, 1));
  REQUIRE(catalogue);
  return *catalogue;
}

node::Tree Message(std::string er7) {
  Issues issues;
  auto tree = hl7v2::Parse(std::move(er7), {}, issues);
  REQUIRE(tree);
  return *std::move(tree);
}

const std::string kMessage =
    "MSH|^~\\&|A|B|C|D|20260101||ADT^A01^ADT_A01|1|T|2.5\rPID|||1~2^^^X&1.2.3&ISO^PI||DURAND^ANNE\rPV1|1|I\r"
    "OBX|1|NM|a||5\rOBX|2|NM|b||\r";

struct Bench {
  Run run;
  World world;
  node::Tree message = Message(kMessage);

  explicit Bench(Mode mode = Mode::Production) {
    run.mode = mode;
    Add(Kind::Message, message);
  }
  void Add(Kind kind, const node::Tree& tree) {
    Subject subject;
    subject.kind = kind;
    subject.tree = &tree;
    run.subjects.push_back(subject);
  }
  Report Ask(const Catalogue& catalogue) const {
    const std::string ids[] = {"A-01"};
    return Evaluate(catalogue, ids, run, world);
  }
};

}  // namespace

TEST_CASE("a check that holds passes, one that fails names place, expected, found and repair") {
  Bench bench;
  CHECK(bench.Ask(Table("  check message\n    test PV1-2 = 'I'\n")).Of("A-01") == Verdict::Pass);
  // A finding points into its catalogue.
  auto table =
      Table("  check message\n    each PV1\n    test PV1-2 = 'O'\n    place PV1-2\n    expected 'O'\n");
  auto report = bench.Ask(table);
  REQUIRE(report.findings.size() == 1);
  const auto& finding = report.findings[0];
  CHECK(finding.verdict == Verdict::Fail);
  CHECK(finding.place.path == "PV1-2");
  CHECK(finding.place.line == 3);
  CHECK(finding.place.column == 7);
  CHECK(finding.expected == "O");
  CHECK(finding.found == "I");
  CHECK(finding.requirement->repair.fr == "corriger");
}

TEST_CASE("nothing passes of a message that no sign says to be French") {
  constexpr std::string_view kChecks = "  check message\n    test PV1-2 = 'I'\n";
  auto table = [&](std::string_view country) {
    SourceFile files[] = {{"country.req", "french message MSH-17 = '" + std::string(country) + "'\n"},
                          {"test.req",
                           "requirement A-01 blocking\n  source s\n  en asked\n  fr demandé\n" +
                               std::string(kChecks)}};
    auto catalogue = Catalogue::Compile(files);
    REQUIRE(catalogue);
    return *catalogue;
  };
  Bench bench;
  auto message = Message("MSH|^~\\&|A|B|C|D|20260101||ADT^A01^ADT_A01|1|T|2.5|||||USA\rPV1|1|I\r");
  bench.run.subjects.front().tree = &message;
  CHECK(bench.Ask(table("USA")).Of("A-01") == Verdict::Pass);
  auto report = bench.Ask(table("FRA"));
  REQUIRE(report.findings.size() == 1);
  CHECK(report.findings[0].verdict == Verdict::Indeterminate);
  CHECK(report.findings[0].cause.find("French") != std::string::npos);
}

TEST_CASE("what is missing has a place too") {
  Bench bench;
  auto report = bench.Ask(Table("  check message\n    each OBX\n    test OBX-5.exists()\n    place OBX-5\n"));
  REQUIRE(report.findings.size() == 1);
  CHECK(report.findings[0].place.path == "OBX[2]-5");
  CHECK(report.findings[0].found.empty());
}

TEST_CASE("every place that fails is a finding of its own") {
  Bench bench;
  auto report =
      bench.Ask(Table("  check message\n    each PID-3\n    test PID-3.5 = 'INS'\n    place PID-3.1\n"));
  REQUIRE(report.findings.size() == 2);
  CHECK(report.findings[0].place.path == "PID-3[1]");
  CHECK(report.findings[1].place.path == "PID-3[2].1");
}

TEST_CASE("a condition that does not hold, or nothing to look at, is not applicable") {
  Bench bench;
  CHECK(bench.Ask(Table("  check message when PV1-2 = 'O'\n    test false\n")).Of("A-01") ==
        Verdict::NotApplicable);
  CHECK(bench.Ask(Table("  check message\n    each ZFA\n    test false\n")).Of("A-01") ==
        Verdict::NotApplicable);
  CHECK(bench.Ask(Table("  check document\n    test false\n")).Of("A-01") == Verdict::NotApplicable);
}

TEST_CASE("the mode decides how grave a failure is, and a check may be a warning in any") {
  auto table = Table("  check message\n    test false\n");
  CHECK(Bench(Mode::Production).Ask(table).Of("A-01") == Verdict::Fail);
  CHECK(Bench(Mode::Test).Ask(table).Of("A-01") == Verdict::Warn);
  CHECK(Bench().Ask(Table("  check message minor\n    test false\n")).Of("A-01") == Verdict::Warn);
}

TEST_CASE("a bare name means the segment in hand, else the nearest before it") {
  Bench bench;
  CHECK(bench
            .Ask(Table(
                "  check message\n    each OBX.where(OBX-1 = '2')\n    test OBX-3 = 'b' and PV1-2 = 'I'\n"))
            .Of("A-01") == Verdict::Pass);
}

TEST_CASE("nothing passes that could not run") {
  Bench bench;
  SECTION("a value set that is not here") {
    auto table = Table("  check message\n    test PV1-2.inValueSet('JDV_J07') or true\n");
    auto report = bench.Ask(table);
    CHECK(report.Of("A-01") == Verdict::Indeterminate);
    CHECK(report.findings[0].cause == "missing: value set JDV_J07");
  }
  SECTION("also where the condition needs it") {
    CHECK(bench.Ask(Table("  check message when PV1-2.inValueSet('JDV_J07')\n    test true\n")).Of("A-01") ==
          Verdict::Indeterminate);
  }
  SECTION("a schema or validator that is not wired") {
    CHECK(bench.Ask(Table("  check message\n    test schemaErrors().empty()\n")).Of("A-01") ==
          Verdict::Indeterminate);
    CHECK(bench.Ask(Table("  check message\n    test resourceErrors().empty()\n")).Of("A-01") ==
          Verdict::Indeterminate);
  }
  SECTION("an answer that the bench did not bring") {
    CHECK(bench.Ask(Table("  check ack\n    test true\n")).Of("A-01") == Verdict::Indeterminate);
    CHECK(bench.Ask(Table("  check delivery\n    test true\n")).Of("A-01") == Verdict::Indeterminate);
  }
  SECTION("an expression that fails on the data") {
    CHECK(bench.Ask(Table("  check message\n    test OBX-3.toInteger() > 1 or true\n")).Of("A-01") ==
          Verdict::Indeterminate);
  }
  SECTION("a document that could not be read, beside one that could") {
    bench.run.unreadable.push_back({Kind::Message, "cut"});
    CHECK(bench.Ask(Table("  check message\n    test true\n")).Of("A-01") == Verdict::Indeterminate);
    CHECK(bench.Ask(Table("  check message\n    test false\n")).Of("A-01") == Verdict::Fail);
  }
  SECTION("a requirement that the tables do not have") {
    const std::string ids[] = {"Z-99"};
    auto report = Evaluate(Table("  check message\n    test true\n"), ids, bench.run, bench.world);
    CHECK(report.Of("Z-99") == Verdict::Indeterminate);
    CHECK(report.Of("never asked") == Verdict::Indeterminate);
  }
  SECTION("what needs a state, a harness or a person") {
    CHECK(bench.Ask(Table("  needs harness a probe of the connection\n")).Of("A-01") ==
          Verdict::Indeterminate);
    CHECK(bench.Ask(Table("  needs person somebody looks at it\n")).Of("A-01") == Verdict::Manual);
  }
}

TEST_CASE("checks of a series see the steps before, and are indeterminate without them") {
  Bench first, second;
  auto table = Table("  check message series\n    test %earlierMessages.MSH-10 contains MSH-10\n");
  CHECK(second.Ask(table).Of("A-01") == Verdict::Indeterminate);
  std::vector<const Run*> earlier;
  second.run.earlier = &earlier;
  CHECK(second.Ask(table).Of("A-01") == Verdict::Fail);
  earlier.push_back(&first.run);
  CHECK(second.Ask(table).Of("A-01") == Verdict::Pass);
}

TEST_CASE("acknowledgements are held against the message they answer") {
  auto catalogue = Catalogue::Shipped();
  REQUIRE(catalogue);
  auto ack = Message("MSH|^~\\&|C|D|A|B|20260101||ACK^A01^ACK|9|T|2.5\rMSA|AA|1\r");
  auto wrong = Message("MSH|^~\\&|A|B|C|D|20260101||ACK^A04^ACK|9|P|2.5\rMSA|AE|2\r");
  const std::string ids[] = {"HL7-07", "HL7-08"};
  Bench good, bad;
  good.Add(Kind::Ack, ack);
  bad.Add(Kind::Ack, wrong);
  auto passed = Evaluate(*catalogue, ids, good.run, good.world);
  CHECK(passed.Of("HL7-07") == Verdict::Pass);
  CHECK(passed.Of("HL7-08") == Verdict::Pass);
  auto failed = Evaluate(*catalogue, ids, bad.run, bad.world);
  std::vector<std::string> places;
  for (const auto& finding : failed.findings) places.push_back(finding.id + " " + finding.place.path);
  CHECK(places == std::vector<std::string>{"HL7-07 MSA-2", "HL7-07 MSH-9.2", "HL7-07 MSH-11", "HL7-07 MSH-5",
                                           "HL7-07 MSH-3", "HL7-07 MSH-6", "HL7-07 MSH-4", "HL7-08 ERR-3"});
}

TEST_CASE("an objection holds for what is delivered after it") {
  auto catalogue = Catalogue::Shipped();
  REQUIRE(catalogue);
  const std::string pid = "PID|||185057800604830^^^INS&1.2.250.1.213.1.4.10&ISO^INS||X^Y\r";
  auto objection = Message("MSH|^~\\&|A|B|C|D|20260101||ADT^A31^ADT_A05|1|T|2.5\r" + pid +
                           "ZFA|ACTIF|20260101|||||||IO|20260101\r");
  auto report = Message("MSH|^~\\&|A|B|C|D|20260102||ORU^R01^ORU_R01|2|T|2.5\r" + pid +
                        "OBX|1|CE|DESTDMP^x^MetaDMPMSS||Y\r");
  auto delivered = Message("MSH|^~\\&|A|B|C|D|20260102||ORU^R01^ORU_R01|2|T|2.5\r");
  Bench before, after;
  before.run.subjects.clear(), after.run.subjects.clear();
  before.Add(Kind::Message, objection);
  after.Add(Kind::Message, report);
  std::vector<const Run*> earlier = {&before.run};
  after.run.earlier = &earlier;
  const std::string ids[] = {"OPP-02"};
  CHECK(Evaluate(*catalogue, ids, after.run, after.world).Of("OPP-02") == Verdict::Pass);
  after.Add(Kind::Delivery, delivered);
  CHECK(Evaluate(*catalogue, ids, after.run, after.world).Of("OPP-02") == Verdict::Fail);
}

TEST_CASE("documents are searched by element, template and ID") {
  REQUIRE(Catalogue::Shipped());  // rules are compiled before documents are read: their names are known then
  Issues issues;
  auto document = cda::Parse(
      R"(<ClinicalDocument xmlns="urn:hl7-org:v3"><component><section>
         <templateId root="1.2.3"/><text ID="t1">x</text>
         <entry><observation><code code="2345-7"/><text><reference value=" #t1 "/></text></observation></entry>
         <entry><observation><text><reference value="#t2"/></text></observation></entry>
         </section></component></ClinicalDocument>)",
      kFileLimits, issues);
  REQUIRE(document);
  Bench bench;
  bench.Add(Kind::Document, *document);
  CHECK(bench
            .Ask(Table("  check document\n    test elements('observation').count() = 2 and "
                       "templated('1.2.3').entry.count() = 2\n"))
            .Of("A-01") == Verdict::Pass);
  CHECK(bench.Ask(Table("  check document\n    each elements('code').@code\n    test loincKeyAgrees()\n"))
            .Of("A-01") == Verdict::Pass);
  auto report = bench.Ask(Table(
      "  check document\n    each elements('reference')\n    test hasElement(@value)\n    place @value\n"));
  REQUIRE(report.findings.size() == 1);
  CHECK(report.findings[0].place.path ==
        "/ClinicalDocument/component/section/entry[2]/observation/text/reference/@value");
}

TEST_CASE("names are compared without case, accents and punctuation") {
  Bench bench;
  CHECK(bench
            .Ask(Table("  check message\n    test 'Éloïse d\\'Arc-Martin Œuvré'.fold() = 'ELOISE D ARC "
                       "MARTIN OEUVRE'\n"))
            .Of("A-01") == Verdict::Pass);
}
