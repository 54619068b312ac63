// SARIF 2.1.0: findings as code review tools show them.

#include <set>

#include "fhir_model/base/digest.h"
#include "fhir_model/json/json.h"
#include "gateway/labelling/verdicts.h"

namespace passerelle::labelling {
namespace {

using requirements::Finding;
using requirements::Verdict;

std::string String(std::string_view text) {
  std::string out;
  json::WriteString(text, out);
  return out;
}

std::string Message(std::string_view text) { return "{\"text\": " + String(text) + "}"; }

// SARIF's kind and level of a verdict; an empty kind is not a result.
struct Shown {
  Verdict verdict;
  std::string_view kind, level;
};
constexpr Shown kShown[] = {
    {Verdict::Fail, "fail", "error"},         {Verdict::Warn, "fail", "warning"},
    {Verdict::Indeterminate, "open", "none"}, {Verdict::Manual, "review", "none"},
    {Verdict::Pass, "pass", "none"},          {Verdict::NotApplicable, "notApplicable", "none"}};

std::string Uri(std::string_view path) {
  constexpr std::string_view kPlain = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-._~/";
  std::string out;
  for (char c : path) {
    if (kPlain.find(c) != kPlain.npos)
      out += c;
    else
      out += "%" + Hex({&c, 1});
  }
  return out;
}

std::string Result(const FileVerdicts& file, const Finding& finding, Language language) {
  const Shown* shown = kShown;
  while (shown->verdict != finding.verdict) ++shown;
  auto text = ExplanationOf(finding, language);
  std::string out = "{\"ruleId\": " + String(finding.id) + ", \"kind\": " + String(shown->kind) +
                    ", \"level\": " + String(shown->level) +
                    ", \"message\": " + Message(text.empty() ? finding.id : text) +
                    ", \"locations\": [{\"physicalLocation\": " + "{\"artifactLocation\": {\"uri\": " +
                    String(Uri(file.file)) + "}";
  if (finding.place.line != 0)
    out += ", \"region\": {\"startLine\": " + std::to_string(finding.place.line) +
           ", \"startColumn\": " + std::to_string(std::max(1u, finding.place.column)) + "}";
  out += "}";
  if (!finding.place.path.empty())
    out += ", \"logicalLocations\": [{\"fullyQualifiedName\": " + String(finding.place.path) + "}]";
  // Stable from run to run as long as requirement, place and what was found are the same.
  return out + "}], \"partialFingerprints\": {\"requirementPlace/v1\": " +
         String(Sha256Hex(finding.id + "|" + finding.place.path + "|" + finding.found).substr(0, 32)) + "}}";
}

}  // namespace

std::string AsSarif(const SuiteVerdicts& verdicts) {
  std::string rules, results;
  std::set<std::string> seen;
  for (const auto& file : verdicts.files)
    for (const auto& finding : file.report.findings) {
      if (seen.insert(finding.id).second) {
        rules += (rules.empty() ? "" : ",\n") + ("{\"id\": " + String(finding.id));
        if (finding.requirement)
          rules += ", \"shortDescription\": " + Message(SentenceOf(finding, verdicts.language)) +
                   ", \"help\": " + Message(finding.requirement->source);
        rules += "}";
      }
      if (finding.verdict == Verdict::NotApplicable || finding.verdict == Verdict::Pass) continue;
      results += (results.empty() ? "" : ",\n") + Result(file, finding, verdicts.language);
    }
  return "{\"$schema\": \"https://json.schemastore.org/sarif-2.1.0.json\", \"version\": \"2.1.0\", \"runs\": "
         "[{\"tool\": "
         "{\"driver\": {\"name\": \"Passerelle\", \"version\": " +
         String(verdicts.engine) + ", \"rules\": [" + rules + "]}}, \"results\": [" + results + "]}]}\n";
}

}  // namespace passerelle::labelling
