#include "gateway/labelling/verdicts.h"

#include <algorithm>
#include <map>
#include <utility>

#include "fhir_model/json/json.h"
#include "gateway/labelling/rule_words.h"
#include "gateway/labelling/words.h"

namespace passerelle::labelling {
namespace {

using requirements::Finding;
using requirements::Verdict;

constexpr ReportForm kForms[] = {{"json", AsJson},
                                 {"text", AsText},
                                 {"junit", AsJunit},
                                 {"sarif", AsSarif},
                                 {"trl", AsTrl},
                                 {"testreport", AsTestReport},
                                 {"html", AsHtml},
                                 {"github", AsAnnotations},
                                 {"convergence", AsConvergence}};

void Member(std::string& out, std::string_view name, std::string_view value) {
  out += ", ";
  json::WriteString(name, out);
  out += ": ";
  json::WriteString(value, out);
}

void WriteFinding(const FileVerdicts& file, const Finding& finding, Language language, std::string& out) {
  out += "{\"file\": ";
  json::WriteString(file.file, out);
  Member(out, "requirement", finding.id);
  Member(out, "verdict", requirements::VerdictName(finding.verdict));
  Member(out, "place", finding.place.path);
  Member(out, "expected", finding.expected);
  Member(out, "found", finding.found);
  bool finds = finding.verdict == Verdict::Fail || finding.verdict == Verdict::Warn;
  Member(out, "repair", finds ? RepairOf(finding, language) : std::string());
  if (!finding.subject.empty()) Member(out, "tree", finding.subject);
  if (finding.place.line != 0) {
    out += ", \"line\": " + std::to_string(finding.place.line);
    out += ", \"column\": " + std::to_string(finding.place.column);
  }
  if (finds) Member(out, "sentence", SentenceOf(finding, language));
  if (!finding.cause.empty()) Member(out, "cause", finding.cause);
  if (finding.requirement) Member(out, "weight", requirements::WeightName(finding.requirement->weight));
  out += "}";
}

// What could not be decided of the automatic requirements, by cause.
std::string Undecided(const FileVerdicts& file, Language language) {
  std::map<std::string, std::string> by_cause;
  for (const auto& finding : file.report.findings) {
    bool automatic = finding.requirement && finding.requirement->means == requirements::Means::Automatic;
    if (finding.verdict != Verdict::Indeterminate || !automatic) continue;
    auto& ids = by_cause[finding.cause];
    if (ids.find(finding.id) == ids.npos) ids += " " + finding.id;
  }
  std::string out;
  for (const auto& [cause, ids] : by_cause)
    out += (language == Language::French ? "    non décidé, " + cause + " :"
                                         : "    not decided, " + cause + ":") +
           ids + "\n";
  return out;
}

void WriteTextFinding(const FileVerdicts& file, const Finding& finding, Language language, int more,
                      std::string& out) {
  out += file.file;
  if (finding.place.line != 0)
    out += ":" + std::to_string(finding.place.line) + ":" + std::to_string(finding.place.column);
  out += ": " + std::string(requirements::VerdictName(finding.verdict)) + " " + finding.id;
  if (!finding.place.path.empty()) out += " " + finding.place.path;
  if (!finding.subject.empty() && finding.subject != "message") out += " (" + finding.subject + ")";
  out += "\n    " + SentenceOf(finding, language) + "\n";
  bool french = language == Language::French;
  if (!finding.expected.empty())
    out += std::string("    ") + (french ? "attendu : " : "expected: ") + finding.expected + "\n";
  if (!finding.found.empty())
    out += std::string("    ") + (french ? "trouvé : " : "found: ") + finding.found + "\n";
  if (more > 0)
    out += "    " +
           (french ? "et à " + std::to_string(more) + (more == 1 ? " autre endroit" : " autres endroits")
                   : "and in " + std::to_string(more) + (more == 1 ? " more place" : " more places")) +
           "\n";
  auto repair = RepairOf(finding, language);
  if (!repair.empty()) out += std::string("    ") + (french ? "corriger : " : "repair: ") + repair + "\n";
}

}  // namespace

bool FileVerdicts::HasFailures() const {
  return !error.empty() || std::any_of(report.findings.begin(), report.findings.end(),
                                       [](const Finding& f) { return f.verdict == Verdict::Fail; });
}

bool SuiteVerdicts::HasFailures() const {
  return std::any_of(files.begin(), files.end(), [](const FileVerdicts& f) { return f.HasFailures(); });
}

namespace {
std::string FoundIn(Language language, const std::string& found) {
  auto said = language == Language::French ? RuleInFrench(found) : std::nullopt;
  return said ? *std::move(said) : InLanguage(found, language);
}
}  // namespace

void SayIn(Language language, Finding& finding) {
  auto phrase = InLanguage(std::string_view(finding.expected).substr(0, finding.phrase), language);
  finding.expected.replace(0, std::exchange(finding.phrase, 0), phrase);
  if (std::exchange(finding.found_is_ours, false)) finding.found = FoundIn(language, finding.found);
  finding.cause = InLanguage(finding.cause, language);
}

void SayIn(Language language, SuiteVerdicts& verdicts) {
  verdicts.language = language;
  for (auto& file : verdicts.files) {
    file.error = InLanguage(file.error, language);
    for (auto& finding : file.report.findings) SayIn(language, finding);
  }
}

std::string SentenceOf(const Finding& finding, Language language) {
  return finding.requirement ? finding.requirement->sentence.In(language) : std::string();
}

std::string RepairOf(const Finding& finding, Language language) {
  return finding.requirement ? finding.requirement->repair.In(language) : std::string();
}

std::string ExplanationOf(const Finding& finding, Language language) {
  bool french = language == Language::French;
  std::string text = SentenceOf(finding, language);
  if (!finding.expected.empty()) text += (french ? " Attendu : " : " Expected: ") + finding.expected + ".";
  if (!finding.found.empty()) text += (french ? " Trouvé : " : " Found: ") + finding.found + ".";
  if (!finding.cause.empty()) text += " " + finding.cause;
  return text;
}

const ReportForm* FindReportForm(std::string_view name) {
  auto found =
      std::find_if(std::begin(kForms), std::end(kForms), [&](const ReportForm& f) { return f.name == name; });
  return found == std::end(kForms) ? nullptr : found;
}

std::string AsJson(const SuiteVerdicts& verdicts) {
  std::string out;
  for (const auto& file : verdicts.files) {
    out += "{\"results\": [";
    bool first = true;
    for (const auto& finding : file.report.findings) {
      if (!first) out += ", ";
      first = false;
      WriteFinding(file, finding, verdicts.language, out);
    }
    out += "]";
    Member(out, "file", file.file);
    Member(out, "sha256", file.digest);
    Member(out, "format", file.format);
    Member(out, "suite", verdicts.suite);
    Member(out, "tables", verdicts.catalogue_digest);
    if (!file.error.empty()) Member(out, "error", file.error);
    out += "}\n";
  }
  return out;
}

std::string AsText(const SuiteVerdicts& verdicts) {
  std::string out;
  for (const auto& file : verdicts.files) {
    // One value that is wrong in many places is told once, with their number.
    std::map<std::string, int> times;
    auto key = [](const Finding& f) { return f.id + f.expected + "|" + f.found; };
    auto is_finding = [](const Finding& f) {
      return f.verdict == Verdict::Fail || f.verdict == Verdict::Warn;
    };
    for (const auto& finding : file.report.findings)
      if (is_finding(finding)) ++times[key(finding)];
    for (const auto& finding : file.report.findings) {
      int& count = times[key(finding)];
      if (!is_finding(finding) || count == 0) continue;
      WriteTextFinding(file, finding, verdicts.language, count - 1, out);
      count = 0;
    }
    out += Undecided(file, verdicts.language);
    std::string counts;
    for (auto verdict : {Verdict::Fail, Verdict::Warn, Verdict::Pass, Verdict::Indeterminate, Verdict::Manual,
                         Verdict::NotApplicable})
      counts += " " + std::to_string(file.report.Count(verdict)) + " " +
                std::string(requirements::VerdictName(verdict));
    std::string_view unread = verdicts.language == Language::French ? " non lu : " : " not read: ";
    out +=
        file.file + ":" + (file.error.empty() ? "" : std::string(unread) + file.error + ";") + counts + "\n";
  }
  return out;
}

std::string AsAnnotations(const SuiteVerdicts& verdicts) {
  std::string out;
  for (auto wanted : {Verdict::Fail, Verdict::Warn})
    for (const auto& file : verdicts.files)
      for (const auto& finding : file.report.findings) {
        if (finding.verdict != wanted) continue;
        out += wanted == Verdict::Fail ? "::error file=" : "::warning file=";
        out += file.file + ",line=" + std::to_string(std::max(1u, finding.place.line)) +
               ",col=" + std::to_string(std::max(1u, finding.place.column)) + ",title=" + finding.id +
               "::" + finding.place.path + " " + SentenceOf(finding, verdicts.language) + "\n";
      }
  return out;
}

}  // namespace passerelle::labelling
