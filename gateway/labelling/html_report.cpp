// The dossier: one HTML file without script, style sheet or image from elsewhere.

#include "gateway/labelling/verdicts.h"

namespace passerelle::labelling {
namespace {

using requirements::Finding;
using requirements::Verdict;

struct Words {
  std::string_view title, file, requirement, verdict, place, sentence, expected, found, repair, evidence,
      tables, findings, coverage, engine, value_sets;
};
constexpr Words kEnglish{"Conformance dossier",
                         "File",
                         "Requirement",
                         "Verdict",
                         "Place",
                         "What is asked",
                         "Expected",
                         "Found",
                         "How to mend it",
                         "Evidence",
                         "Tables",
                         "Findings",
                         "Coverage",
                         "Engine",
                         "Value sets"};
constexpr Words kFrench{"Dossier de conformité",
                        "Fichier",
                        "Exigence",
                        "Verdict",
                        "Endroit",
                        "Ce qui est demandé",
                        "Attendu",
                        "Trouvé",
                        "Comment corriger",
                        "Preuves",
                        "Tables",
                        "Constats",
                        "Couverture",
                        "Moteur",
                        "Jeux de valeurs"};

constexpr std::string_view kStyle =
    "body{font:15px/1.45 system-ui,sans-serif;margin:2rem auto;max-width:76rem;padding:0 1rem;color:#1b1f24}"
    "h1{font-size:1.6rem}h2{font-size:1.2rem;margin-top:2rem;border-bottom:2px solid #d0d7de}"
    "table{border-collapse:collapse;width:100%;margin:.6rem 0}th,td{border:1px solid #d0d7de;padding:.3rem "
    ".5rem;"
    "text-align:left;vertical-align:top;overflow-wrap:anywhere}th{background:#f6f8fa}code{font-size:.92em}"
    ".FAIL{background:#ffebe9}.WARN{background:#fff8c5}.PASS{background:#dafbe1}.INDETERMINATE{background:#"
    "ddf4ff}"
    ".bar{display:flex;height:1.1rem;border-radius:.3rem;overflow:hidden;margin:.4rem 0}.bar i{display:block}"
    "@media print{body{margin:0;max-width:none}}";

std::string Cell(std::string_view text) { return "<td>" + XmlText(text) + "</td>"; }
std::string Code(std::string_view text) { return "<td><code>" + XmlText(text) + "</code></td>"; }

std::string Bar(const requirements::Report& report) {
  struct Part {
    Verdict verdict;
    std::string_view colour;
  };
  constexpr Part kParts[] = {{Verdict::Fail, "#cf222e"},   {Verdict::Warn, "#bf8700"},
                             {Verdict::Pass, "#1a7f37"},   {Verdict::Indeterminate, "#0969da"},
                             {Verdict::Manual, "#8250df"}, {Verdict::NotApplicable, "#d0d7de"}};
  std::string bar = "<div class=\"bar\">", legend = "<p>";
  for (const auto& part : kParts) {
    auto count = report.Count(part.verdict);
    if (count == 0) continue;
    bar += "<i style=\"flex:" + std::to_string(count) + ";background:" + std::string(part.colour) + "\"></i>";
    legend += std::to_string(count) + " " + std::string(requirements::VerdictName(part.verdict)) + " &#160; ";
  }
  return bar + "</div>" + legend + "</p>";
}

void Findings(const FileVerdicts& file, const SuiteVerdicts& verdicts, const Words& words, std::string& out) {
  out += "<table><tr>";
  for (auto word : {words.requirement, words.verdict, words.place, words.sentence, words.expected,
                    words.found, words.repair})
    out += "<th>" + XmlText(word) + "</th>";
  out += "</tr>\n";
  for (const auto& finding : file.report.findings) {
    if (finding.verdict == Verdict::Pass || finding.verdict == Verdict::NotApplicable) continue;
    auto verdict = std::string(requirements::VerdictName(finding.verdict));
    std::string place = finding.place.path;
    if (finding.place.line != 0)
      place += " (" + std::to_string(finding.place.line) + ":" + std::to_string(finding.place.column) + ")";
    out += "<tr class=\"" + verdict + "\">" + Cell(finding.id) + Cell(verdict) + Code(place) +
           Cell(SentenceOf(finding, verdicts.language)) + Code(finding.expected) +
           Code(finding.cause.empty() ? finding.found : finding.cause) +
           Cell(finding.cause.empty() ? RepairOf(finding, verdicts.language) : std::string()) + "</tr>\n";
  }
  out += "</table>\n";
}

void Coverage(const FileVerdicts& file, const SuiteVerdicts& verdicts, std::string& out) {
  std::string last;
  out += "<table>";
  for (const auto& finding : file.report.findings) {
    if (finding.id == last) continue;
    last = finding.id;
    auto verdict = std::string(requirements::VerdictName(file.report.Of(finding.id)));
    out += "<tr class=\"" + verdict + "\">" + Cell(finding.id) + Cell(verdict) +
           Cell(SentenceOf(finding, verdicts.language)) +
           Cell(finding.requirement ? finding.requirement->source : "") +
           Code(finding.requirement ? finding.requirement->digest.substr(0, 12) : "") + "</tr>\n";
  }
  out += "</table>";
}

}  // namespace

std::string AsHtml(const SuiteVerdicts& verdicts) {
  bool french = verdicts.language == Language::French;
  const Words& words = french ? kFrench : kEnglish;
  std::string out =
      "<!DOCTYPE html>\n<html lang=\"" + std::string(french ? "fr" : "en") +
      "\"><head><meta charset=\"utf-8\"><meta http-equiv=\"Content-Security-Policy\" content=\"default-src "
      "'none'; style-src 'unsafe-inline'\"><title>" +
      XmlText(words.title) + "</title><style>" + std::string(kStyle) + "</style></head><body>\n<h1>" +
      XmlText(words.title) + ": " + XmlText(verdicts.title.In(verdicts.language)) + "</h1>\n";
  if (!verdicts.product.empty()) out += "<p>" + XmlText(verdicts.product) + "</p>";
  for (const auto& file : verdicts.files) {
    out += "<h2>" + XmlText(words.file) + ": " + XmlText(file.file) + "</h2>\n" + Bar(file.report);
    if (!file.error.empty()) out += "<p class=\"FAIL\">" + XmlText(file.error) + "</p>";
    out += "<h3>" + XmlText(words.findings) + "</h3>";
    Findings(file, verdicts, words, out);
    out += "<details><summary>" + XmlText(words.coverage) + "</summary>";
    Coverage(file, verdicts, out);
    out += "</details>\n";
  }
  out += "<h2>" + XmlText(words.evidence) + "</h2><table>";
  auto row = [&](std::string_view name, std::string_view value) {
    out += "<tr>" + Cell(name) + Code(value) + "</tr>";
  };
  row(words.engine, verdicts.engine + ", " + verdicts.time);
  row(words.tables, verdicts.catalogue_digest);
  for (const auto& file : verdicts.files) row(file.file, "SHA-256 " + file.digest);
  for (const auto& set : verdicts.value_sets) row(words.value_sets, set);
  return out + "</table></body></html>\n";
}

}  // namespace passerelle::labelling
