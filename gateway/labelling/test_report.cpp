// FHIR R4 TestReport: one, with a test for each file and an assertion for each requirement that was asked of
// it.

#include "fhir_model/json/json.h"
#include "gateway/labelling/verdicts.h"

namespace passerelle::labelling {
namespace {

using requirements::Verdict;

// TestReport has no word for what was not decided: it is an error of the test, never a pass.
constexpr std::string_view kResults[] = {"skip", "pass", "skip", "error", "warning", "fail"};

void Member(std::string_view name, std::string_view text, std::string& out) {
  json::WriteString(name, out);
  out += ":";
  json::WriteString(text, out);
}

// One action a requirement: its worst verdict, and all that was said of it.
std::string Assertion(const FileVerdicts& file, const std::string& id, Language language) {
  auto verdict = file.report.Of(id);
  std::string message;
  for (const auto& finding : file.report.findings) {
    if (finding.id != id || finding.verdict != verdict) continue;
    auto said = ExplanationOf(finding, language);
    if (!finding.place.path.empty()) said = finding.place.path + ": " + said;
    if (!said.empty()) message += (message.empty() ? "" : "; ") + said;
  }
  std::string out = "{\"assert\":{";
  Member("result", kResults[static_cast<std::size_t>(verdict)], out);
  if (!message.empty()) out += ",", Member("message", message, out);
  out += ",", Member("detail", id, out);
  return out + "}}";
}

std::string Test(const FileVerdicts& file, Language language) {
  std::string out = "{", actions, last;
  Member("name", file.file, out);
  out += ",", Member("description", "SHA-256 " + file.digest, out);
  for (const auto& finding : file.report.findings) {
    if (finding.id == last) continue;
    last = finding.id;
    actions += (actions.empty() ? "" : ",") + Assertion(file, finding.id, language);
  }
  return out + ",\"action\":[" + actions + "]}";
}

// What was not decided keeps the whole from passing.
std::string_view ResultOf(const SuiteVerdicts& verdicts) {
  if (verdicts.HasFailures()) return "fail";
  for (const auto& file : verdicts.files)
    if (file.report.Count(Verdict::Indeterminate) > 0) return "pending";
  return verdicts.files.empty() ? "pending" : "pass";
}

}  // namespace

std::string AsTestReport(const SuiteVerdicts& verdicts) {
  std::string out = "{\"resourceType\":\"TestReport\",\"status\":\"completed\",\"testScript\":{", tests;
  Member("display", verdicts.suite + " " + verdicts.title.In(verdicts.language), out);
  out += "},", Member("result", ResultOf(verdicts), out);
  if (!verdicts.time.empty()) out += ",", Member("issued", verdicts.time, out);
  out += ",\"participant\":[{\"type\":\"test-engine\",\"uri\":\"urn:passerelle:bench\",";
  Member("display", verdicts.engine, out);
  out += "}]";
  for (const auto& file : verdicts.files)
    if (!file.report.findings.empty()) tests += (tests.empty() ? "" : ",") + Test(file, verdicts.language);
  if (!tests.empty()) out += ",\"test\":[" + tests + "]";
  return out + "}\n";
}

}  // namespace passerelle::labelling
