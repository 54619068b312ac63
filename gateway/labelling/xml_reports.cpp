// JUnit and GITB TRL.

#include <array>

#include "fhir_model/base/digest.h"
#include "gateway/labelling/verdicts.h"

namespace passerelle::labelling {
namespace {

using requirements::Finding;
using requirements::Means;
using requirements::Verdict;

std::string Attribute(std::string_view name, std::string_view value) {
  return " " + std::string(name) + "=\"" + XmlText(value) + "\"";
}

std::string Element(std::string_view name, std::string_view text) {
  if (text.empty()) return {};
  return "<" + std::string(name) + ">" + XmlText(text) + "</" + std::string(name) + ">";
}

std::string Where(const FileVerdicts& file, const Finding& finding) {
  std::string where = file.file;
  if (finding.place.line != 0)
    where += ":" + std::to_string(finding.place.line) + ":" + std::to_string(finding.place.column);
  return finding.place.path.empty() ? where : where + " " + finding.place.path;
}

// The findings of one requirement stand together in a report.
struct Group {
  std::size_t begin, end;
  Verdict worst;
};
std::vector<Group> Groups(const FileVerdicts& file) {
  std::vector<Group> groups;
  const auto& findings = file.report.findings;
  for (std::size_t i = 0; i < findings.size(); ++i) {
    if (groups.empty() || findings[groups.back().begin].id != findings[i].id)
      groups.push_back({i, i, findings[i].verdict});
    groups.back().end = i + 1;
    groups.back().worst = std::max(groups.back().worst, findings[i].verdict);
  }
  return groups;
}

// How a verdict stands in JUnit; nothing for PASS and WARN.
std::string JunitBody(const FileVerdicts& file, const Group& group, Language language) {
  const auto& first = file.report.findings[group.begin];
  bool automatic = !first.requirement || first.requirement->means == Means::Automatic;
  std::string text;
  for (std::size_t i = group.begin; i < group.end; ++i) {
    const auto& finding = file.report.findings[i];
    text += Where(file, finding) + ": " + ExplanationOf(finding, language) + "\n";
    if (finding.verdict == Verdict::Fail) text += RepairOf(finding, language) + "\n";
  }
  switch (group.worst) {
    case Verdict::Fail:
      return "<failure" + Attribute("message", SentenceOf(first, language)) + Attribute("type", first.id) +
             ">" + XmlText(text) + "</failure>";
    case Verdict::Indeterminate:
      if (automatic)
        return "<error" + Attribute("message", first.cause) + Attribute("type", "INDETERMINATE") + ">" +
               XmlText(text) + "</error>";
      return "<skipped" + Attribute("message", first.cause) + "/>";
    case Verdict::Manual: return "<skipped" + Attribute("message", first.cause) + "/>";
    case Verdict::NotApplicable: return "<skipped" + Attribute("message", "N-A") + "/>";
    case Verdict::Warn: return "<system-out>" + XmlText(text) + "</system-out>";
    case Verdict::Pass: break;
  }
  return {};
}

// The verdicts of TRL: SUCCESS, FAILURE, WARNING, UNDEFINED. What was not decided is undefined, never
// success.
constexpr std::array<std::string_view, 6> kTrl = {"UNDEFINED", "SUCCESS", "UNDEFINED",
                                                  "UNDEFINED", "WARNING", "FAILURE"};
std::string_view TrlOf(Verdict verdict) { return kTrl[static_cast<std::size_t>(verdict)]; }

// Of a file: failed, else undefined where an automatic requirement was not decided.
std::string_view TrlOf(const FileVerdicts& file) {
  if (file.HasFailures()) return "FAILURE";
  bool passed = false, warned = false;
  for (const auto& finding : file.report.findings) {
    bool automatic = !finding.requirement || finding.requirement->means == Means::Automatic;
    if (finding.verdict == Verdict::Indeterminate && automatic) return "UNDEFINED";
    passed = passed || finding.verdict == Verdict::Pass;
    warned = warned || finding.verdict == Verdict::Warn;
  }
  return warned ? "WARNING" : passed ? "SUCCESS" : "UNDEFINED";
}

std::string TrlStep(const FileVerdicts& file, const Group& group, const SuiteVerdicts& verdicts) {
  const auto& first = file.report.findings[group.begin];
  std::string out = "<step" + Attribute("id", first.id) + ">" +
                    Element("description", SentenceOf(first, verdicts.language));
  out += "<report xsi:type=\"TAR\"" + Attribute("id", first.id) + "><date>" + verdicts.time +
         "</date><result>" + std::string(TrlOf(group.worst)) + "</result>";
  std::string reports;
  for (std::size_t i = group.begin; i < group.end; ++i) {
    const auto& finding = file.report.findings[i];
    if (finding.verdict == Verdict::Pass || finding.verdict == Verdict::NotApplicable) continue;
    std::string_view level = finding.verdict == Verdict::Fail   ? "error"
                             : finding.verdict == Verdict::Warn ? "warning"
                                                                : "info";
    reports += "<" + std::string(level) + " xsi:type=\"BAR\">" + Element("assertionID", finding.id) +
               "<description>" + XmlText(ExplanationOf(finding, verdicts.language)) + "</description>" +
               Element("location", Where(file, finding)) + Element("test", finding.expected) +
               Element("type", requirements::VerdictName(finding.verdict)) + Element("value", finding.found) +
               "</" + std::string(level) + ">";
  }
  if (!reports.empty()) out += "<reports>" + reports + "</reports>";
  return out + "</report></step>\n";
}

std::string TrlCase(const FileVerdicts& file, const SuiteVerdicts& verdicts) {
  std::string out = "<testCase" + Attribute("id", file.digest.substr(0, 16)) + ">";
  out += "<metadata><gitb:name>" + XmlText(file.file) + "</gitb:name><gitb:description>SHA-256 " +
         file.digest + "</gitb:description></metadata>";
  out += "<sessionId>" + Sha256Hex(verdicts.suite + verdicts.catalogue_digest + file.digest).substr(0, 32) +
         "</sessionId>";
  out += "<startTime>" + verdicts.time + "</startTime><endTime>" + verdicts.time + "</endTime><result>" +
         std::string(TrlOf(file)) + "</result>" + Element("message", file.error) + "<steps>\n";
  for (const auto& group : Groups(file)) out += TrlStep(file, group, verdicts);
  return out + "</steps></testCase>\n";
}

std::string Item(std::string_view element, std::string_view name, std::string_view description) {
  return "<" + std::string(element) + "><name>" + XmlText(name) + "</name>" +
         Element("description", description) + "</" + std::string(element) + ">";
}

}  // namespace

std::string XmlText(std::string_view text) {
  std::string out;
  for (char c : text) {
    switch (c) {
      case '&': out += "&amp;"; break;
      case '<': out += "&lt;"; break;
      case '>': out += "&gt;"; break;
      case '"': out += "&quot;"; break;
      case '\n': out += "&#10;"; break;
      default:
        if (static_cast<unsigned char>(c) < 0x20 && c != '\t')
          out += "\xEF\xBF\xBD";
        else
          out += c;
    }
  }
  return FindInvalidUtf8(out) ? std::string("(not UTF-8)") : out;
}

std::string AsJunit(const SuiteVerdicts& verdicts) {
  std::string out =
      "<?xml version=\"1.0\" encoding=\"UTF-8\"?>\n<testsuites" + Attribute("name", verdicts.suite) + ">\n";
  for (const auto& file : verdicts.files) {
    std::size_t failures = 0, errors = 0, skipped = 0;
    std::string cases;
    auto groups = Groups(file);
    for (const auto& group : groups) {
      const auto& first = file.report.findings[group.begin];
      auto body = JunitBody(file, group, verdicts.language);
      failures += body.starts_with("<failure");
      errors += body.starts_with("<error");
      skipped += body.starts_with("<skipped");
      cases += "  <testcase" +
               Attribute("classname", verdicts.suite + "." + first.id.substr(0, first.id.find('-'))) +
               Attribute("name", first.id + " " + SentenceOf(first, verdicts.language)) +
               (body.empty() ? "/>\n" : ">" + body + "</testcase>\n");
    }
    if (!file.error.empty()) {
      ++errors;
      cases += "  <testcase" + Attribute("classname", verdicts.suite) + Attribute("name", "readable") +
               "><error" + Attribute("message", file.error) + Attribute("type", "INDETERMINATE") +
               "/></testcase>\n";
    }
    out += " <testsuite" + Attribute("name", file.file) +
           Attribute("tests", std::to_string(groups.size() + !file.error.empty())) +
           Attribute("failures", std::to_string(failures)) + Attribute("errors", std::to_string(errors)) +
           Attribute("skipped", std::to_string(skipped)) + Attribute("timestamp", verdicts.time) + ">\n" +
           cases + " </testsuite>\n";
  }
  return out + "</testsuites>\n";
}

std::string AsTrl(const SuiteVerdicts& verdicts) {
  std::size_t succeeded = 0, failed = 0, incomplete = 0;
  std::string overviews, details;
  for (const auto& file : verdicts.files) {
    auto result = TrlOf(file);
    failed += result == "FAILURE";
    incomplete += result == "UNDEFINED";
    succeeded += result == "SUCCESS" || result == "WARNING";
    overviews += "<testCase" + Attribute("ref", file.digest.substr(0, 16)) + "><metadata><gitb:name>" +
                 XmlText(file.file) + "</gitb:name></metadata><result>" + std::string(result) +
                 "</result></testCase>\n";
    details += TrlCase(file, verdicts);
  }
  std::string_view status = failed ? "FAILURE" : incomplete || !succeeded ? "UNDEFINED" : "SUCCESS";
  const auto& title = verdicts.title.In(verdicts.language);
  std::string counts = "<status>" + std::string(status) + "</status><succeeded>" + std::to_string(succeeded) +
                       "</succeeded><failed>" + std::to_string(failed) + "</failed><incomplete>" +
                       std::to_string(incomplete) + "</incomplete><succeededIgnored>0</succeededIgnored>" +
                       "<failedIgnored>0</failedIgnored><incompleteIgnored>0</incompleteIgnored>";
  std::string product = verdicts.product.empty() ? "not named" : verdicts.product;
  return "<?xml version=\"1.0\" encoding=\"UTF-8\"?>\n<ConformanceStatementReport "
         "xmlns=\"http://www.gitb.com/tr/v1/\" "
         "xmlns:gitb=\"http://www.gitb.com/core/v1/\" "
         "xmlns:xsi=\"http://www.w3.org/2001/XMLSchema-instance\">\n"
         "<metadata><reportTime>" +
         verdicts.time + "</reportTime></metadata>\n<statement" + Attribute("id", verdicts.suite) +
         "><definition><party><organisation><name>" + XmlText(product) +
         "</name></organisation><system><name>" + XmlText(product) + "</name></system></party>" +
         Item("domain", "Ségur du numérique", "") + Item("specification", verdicts.suite, title) +
         Item("actor", verdicts.suite, "tables " + verdicts.catalogue_digest + ", " + verdicts.engine) +
         "</definition>\n<summary>" + counts + "</summary><lastUpdate>" + verdicts.time + "</lastUpdate>\n" +
         "<testOverview><testSuite><metadata><gitb:name>" + XmlText(verdicts.suite) +
         "</gitb:name></metadata><result>" + std::string(status) + "</result><testCases>\n" + overviews +
         "</testCases></testSuite></testOverview>\n" + "<testDetails>\n" + details +
         "</testDetails></statement></ConformanceStatementReport>\n";
}

}  // namespace passerelle::labelling
