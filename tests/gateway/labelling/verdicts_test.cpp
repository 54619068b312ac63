// The report forms: each well-formed, each telling the same verdicts; and files that are not what they should
// be.

#include "gateway/labelling/verdicts.h"

#include <catch2/catch.hpp>
#include <cstdlib>

#include "fhir_model/json/json.h"
#include "gateway/labelling/mail.h"
#include "tests/gateway/labelling/fixture.h"

using namespace passerelle;
using namespace passerelle::requirements;
using namespace passerelle::labelling;

namespace {

const tests::LabellingBench& Bench() {
  static const tests::LabellingBench bench;
  return bench;
}

SuiteVerdicts Verdicts() {
  SuiteVerdicts verdicts;
  verdicts.suite = "all";
  verdicts.title = {"Everything <that> \"can\" be asked", "Tout"};
  verdicts.catalogue_digest = Bench().catalogue.digest();
  verdicts.engine = "passerelle test";
  verdicts.time = "2026-01-05T10:00:00Z";
  auto bytes = tests::ReadBytes("examples/labelling/1-laboratory.hl7");
  auto at = bytes.find("1.2.250.1.213.1.4.10");
  bytes.replace(at, 20, "1.2.250.1.213.1.4.13");
  verdicts.files.push_back({"a <b>&.hl7", "00ff00ff00ff00ff00ff", "hl7v2", "", Bench().Check(bytes)});
  verdicts.files.push_back({"good.json", "11ff00ff00ff00ff00ff", "fhir", "",
                            Bench().Check(tests::ReadBytes("examples/labelling/pulse.json"))});
  verdicts.files.push_back(
      {"nothing.pdf", "22ff00ff00ff00ff00ff", "unknown", "it is nothing", Bench().Check("%PDF-1.4")});
  return verdicts;
}

std::size_t Count(std::string_view text, std::string_view word) {
  std::size_t count = 0;
  for (auto at = text.find(word); at != text.npos; at = text.find(word, at + word.size())) ++count;
  return count;
}

bool Xmllint(const std::string& text, const std::string& options) {
  auto path = std::filesystem::temp_directory_path() / "passerelle-verdicts-test.xml";
  std::ofstream(path) << text;
  bool valid =
      std::system(("xmllint --noout --nonet " + options + " " + path.string() + " 2>/dev/null").c_str()) == 0;
  std::filesystem::remove(path);
  return valid;
}

}  // namespace

TEST_CASE("JSON is one line a file, with the members that scripts rely on") {
  auto json = AsJson(Verdicts());
  CHECK(Count(json, "\n") == 3);
  auto first = json::Parse(json.substr(0, json.find('\n')), kFileLimits);
  REQUIRE(first);
  auto result = first->Child(node::kRoot, "results");
  REQUIRE(result != node::kNone);
  for (auto member : {"file", "requirement", "verdict", "place", "expected", "found", "repair"})
    CHECK(first->Child(result, member) != node::kNone);
  CHECK(json.find("\"requirement\": \"INS-03\", \"verdict\": \"FAIL\", \"place\": \"PID-3[1].4.2\"") !=
        json.npos);
}

TEST_CASE("JUnit: a failure, an error for what was not decided, skipped for what is not for files") {
  auto junit = AsJunit(Verdicts());
  CHECK(Xmllint(junit, ""));
  CHECK(Count(junit, "<testsuite ") == 3);
  CHECK(junit.find("type=\"INS-03\"") != junit.npos);
  CHECK(junit.find("type=\"INDETERMINATE\"") != junit.npos);
  CHECK(junit.find("a &lt;b&gt;&amp;.hl7") != junit.npos);
}

TEST_CASE("SARIF is JSON with rules, levels and places") {
  auto sarif = AsSarif(Verdicts());
  auto tree = json::Parse(sarif, kFileLimits);
  REQUIRE(tree);
  CHECK(tree->ChildText(node::kRoot, "version") == "2.1.0");
  CHECK(sarif.find("\"fullyQualifiedName\": \"PID-3[1].4.2\"") != sarif.npos);
  CHECK(sarif.find("\"uri\": \"a%20%3cb%3e%26.hl7\"") != sarif.npos);
}

TEST_CASE("TRL is valid against the schema of GITB") {
  auto trl = AsTrl(Verdicts());
  CHECK(Xmllint(trl, ""));
  CHECK(trl.find("<result>FAILURE</result>") != trl.npos);
  auto schema = tests::kShared / "schemas/gitb/gitb_tr.xsd";
  if (!std::filesystem::exists(schema)) {
    WARN("skipped: no GITB schema in ../shared");
    return;
  }
  CHECK(Xmllint(trl, "--schema " + schema.string()));
}

TEST_CASE("a FHIR TestReport is valid, and what was not decided is no pass") {
  auto tree = json::Parse(AsTestReport(Verdicts()), kFileLimits, &tests::Pack());
  REQUIRE(tree);
  auto wrong = Bench().Wrong(*tree);
  for (const auto& error : *wrong) UNSCOPED_INFO(error.path << " " << error.text);
  CHECK(wrong->empty());
  CHECK(tree->ChildText(node::kRoot, "result") == "fail");
}

TEST_CASE("the Convergence sheet has its fourteen columns and a row for each proof") {
  auto xlsx = AsConvergence(Verdicts());
  CHECK(xlsx.starts_with("PK\x03\x04"));
  for (auto column : {"Périmètre", "N° preuve", "Criticité", "Ordre"}) CHECK(xlsx.find(column) != xlsx.npos);
  CHECK(xlsx.find("INS-03.01.01") != xlsx.npos);
  auto path = std::filesystem::temp_directory_path() / "passerelle-convergence-test.xlsx";
  std::ofstream(path, std::ios::binary) << xlsx;
  const auto check =
      "python3 -c \"import sys,zipfile; z=zipfile.ZipFile(sys.argv[1]); sys.exit(z.testzip() is not None)\" ";
  if (std::system("python3 -c pass 2>/dev/null") == 0)
    CHECK(std::system((check + path.string()).c_str()) == 0);
  std::filesystem::remove(path);
}

TEST_CASE("the dossier stands alone") {
  auto html = AsHtml(Verdicts());
  CHECK(html.find("<script") == html.npos);
  CHECK(html.find("src=") == html.npos);
  CHECK(html.find("href=") == html.npos);
  CHECK(html.find("INS-03") != html.npos);
  CHECK(html.find("a &lt;b&gt;&amp;.hl7") != html.npos);
}

TEST_CASE("text tells a repeated value once, and annotations the gravest first") {
  auto text = AsText(Verdicts());
  CHECK(text.find("FAIL INS-03 PID-3[1].4.2") != text.npos);
  CHECK(text.find("not decided") != text.npos);
  auto lines = AsAnnotations(Verdicts());
  CHECK(lines.starts_with("::error file="));
}

TEST_CASE("in French the words of the tables are said, and what the message says stays as it is") {
  SourceFile table{"test.req",
                   "requirement A-01 blocking\n  source s\n  en asked\n  fr demandé\n"
                   "  check message\n    test false\n    place PID-5.2\n    expected PID-5.2\n"
                   "  check message\n    test false\n    place PID-5.2\n    expected 'a date'\n"
                   "  check message\n    test false\n    place PID-5.2\n"
                   "    expected 'not after ' & PID-5.2\n"
                   "  check message\n    test false\n    place PID-5.2\n"
                   "    expected iif(PID-8 = 'F', 'a date', PID-5.2)\n"
                   "  check message\n    test false\n    place PID-5.2\n"
                   "    found iif(PID-8 = 'M', 'something else', PID-5.2)\n"
                   "  check message\n    test false\n    place PID-5.2\n    found PID-5.2 & ' else'\n"};
  auto catalogue = Catalogue::Compile(std::span(&table, 1));
  REQUIRE(catalogue);
  auto expected_and_found = [&](std::string_view name) {
    auto input = ReadInput("MSH|^~\\&|A|B|C|D|20260101||ADT^A01|1|T|2.5\rPID|||||DURAND^" + std::string(name) +
                               "|||M\r",
                           {});
    SuiteVerdicts verdicts;
    const std::string ids[] = {"A-01"};
    verdicts.files.push_back({"a.hl7", "", "hl7v2", "", Evaluate(*catalogue, ids, input->run, {})});
    SayIn(Language::French, verdicts);
    std::vector<std::string> said;
    for (const auto& finding : verdicts.files[0].report.findings)
      said.push_back(finding.expected + "/" + finding.found);
    return said;
  };
  // Phrases of the tables and headings of reports, as given names.
  for (const std::string name : {"Mark", "a date", "Figure", "who", "one TXA", "something"}) {
    INFO(name);
    CHECK(expected_and_found(name) ==
          std::vector<std::string>{name + "/" + name, "une date/" + name, "pas après le " + name + "/" + name,
                                   name + "/" + name, "/autre chose", "/" + name + " else"});
  }
}

TEST_CASE("what is no message, document or resource gets no PASS") {
  for (std::string bytes :
       {std::string(), std::string("%PDF-1.7 ..."), std::string("PK\x03\x04", 4), std::string("hello"),
        std::string("{\"a\": "), std::string("<ClinicalDocument xmlns=\"urn:hl7-org:v3\"><id"),
        std::string("MSH|"), std::string("MSH|^~\\&|A|B")}) {
    INFO(bytes);
    CHECK(Bench().Check(bytes).Count(Verdict::Pass) == 0);
  }
}

TEST_CASE("what a reader refuses fails the requirement that speaks of it") {
  auto document = tests::Example("laboratory.xml");
  auto start = document.find("<ClinicalDocument");
  auto hostile = document;
  hostile.insert(start, "<!DOCTYPE x [<!ENTITY e SYSTEM \"file:///etc/passwd\">]>");
  auto report = Bench().Check(hostile);
  CHECK(report.Of("BOD-11") == Verdict::Fail);
  CHECK(report.Of("INS-02") == Verdict::Indeterminate);
  for (const auto& finding : report.findings)
    if (finding.id == "BOD-11" && finding.verdict == Verdict::Fail) CHECK(finding.place.line == 2);
  CHECK(Bench().Check(document.substr(0, 3000)).Of("HDR-01") == Verdict::Fail);
  CHECK(Bench().Check("{\"resourceType\": \"Patient\", ").Of("FHR-10") == Verdict::Fail);
  CHECK(Bench().Check(std::string("PK\x03\x04", 4)).Of("XDM-02") == Verdict::Fail);
}

TEST_CASE("a message of another country is not measured by French rules it does not claim") {
  auto report = Bench().Check(
      "MSH|^~\\&|LAB|X|EHR|Y|20260101||ORU^R01^ORU_R01|1|P|2.5.1\rPID|1||123^^^HOSP^MR||DOE^JOHN||19800101|"
      "M\r"
      "OBR|1|||718-7^Hemoglobin^LN\rOBX|1|NM|718-7^Hemoglobin^LN||14|g/dL|||||F\r");
  CHECK(report.Of("HL7-01") == Verdict::Fail);
  CHECK(report.Of("INS-01") == Verdict::NotApplicable);
  CHECK(report.Of("CNF-01") == Verdict::NotApplicable);
}

TEST_CASE("a mail is its fields and parts") {
  auto read = ReadMail(
      "From: a@b.fr\r\nSubject: XDM/1.0/DDM+CR\r\n  DURAND Anne\r\nX-MSS-NIL: 1\r\n"
      "Content-Type: multipart/mixed; boundary=\"x\"\r\n\r\n--x\r\nContent-Type: text/plain\r\n\r\nhello\r\n"
      "--x\r\nContent-Type: application/zip; name=\"IHE_XDM.zip\"\r\n\r\nUEs=\r\n--x--\r\n");
  const auto& mail = read.tree;
  REQUIRE(read.archives.size() == 1);
  CHECK(mail.ChildText(read.archives[0].part, "filename") == "IHE_XDM.zip");
  CHECK(mail.ChildText(node::kRoot, "subject") == "XDM/1.0/DDM+CR DURAND Anne");
  CHECK(mail.ChildText(node::kRoot, "x-mss-nil") == "1");
  std::vector<std::string> parts;
  for (auto child : node::Children(mail, node::kRoot))
    if (mail.name(child) == "part")
      parts.push_back(std::string(mail.ChildText(child, "type")) + " " +
                      std::string(mail.ChildText(child, "filename")));
  CHECK(parts == std::vector<std::string>{"multipart/mixed ", "text/plain ", "application/zip IHE_XDM.zip"});
}
