// The dossier: one HTML file without script, style sheet or image from elsewhere.

#include <algorithm>
#include <array>
#include <map>
#include <set>
#include <utility>

#include "gateway/labelling/verdicts.h"

namespace passerelle::labelling {
namespace {

using requirements::Finding;
using requirements::Verdict;

struct Words {
  std::string_view title, summary, file, findings, undecided, coverage, evidence, expected, found, place,
      repair, engine, tables, value_sets, none, holds, fails, unread, left;
  std::array<std::string_view, 6> verdicts;  // in the order of Verdict
};
constexpr Words kEnglish{"Conformance dossier",
                         "In short",
                         "File",
                         "What must be mended",
                         "What was not decided",
                         "All requirements",
                         "Evidence",
                         "Expected",
                         "Found",
                         "Place",
                         "How to mend it",
                         "Engine",
                         "Tables",
                         "Value sets",
                         "Nothing.",
                         "No requirement failed.",
                         "Requirements failed.",
                         "A file could not be read.",
                         "What a machine cannot decide is left to the examiner and listed below each file.",
                         {"not concerned", "held", "for a person", "not decided", "warning", "failed"}};
constexpr Words kFrench{
    "Dossier de conformité",
    "En bref",
    "Fichier",
    "Ce qui est à corriger",
    "Ce qui n'a pas été décidé",
    "Toutes les exigences",
    "Preuves",
    "Attendu",
    "Trouvé",
    "Endroit",
    "Comment corriger",
    "Moteur",
    "Tables",
    "Jeux de valeurs",
    "Rien.",
    "Aucune exigence n'est en échec.",
    "Des exigences sont en échec.",
    "Un fichier n'a pas pu être lu.",
    "Ce qu'une machine ne peut décider reste à l'examinateur et figure sous chaque fichier.",
    {"sans objet", "respectée", "à une personne", "non décidée", "avertissement", "en échec"}};

constexpr std::string_view kStyle =
    ":root{color-scheme:light dark;--text:#1b1f24;--page:#fff;--rule:#d0d7de;--soft:#57606a;"
    "--pass:#dafbe1;--warn:#fff8c5;--fail:#ffebe9;--open:#ddf4ff;--person:#fbefff}"
    "@media screen and (prefers-color-scheme:dark){:root{--text:#e6edf3;--page:#0d1117;--rule:#30363d;"
    "--soft:#9198a1;--pass:#12361e;--warn:#3b2e05;--fail:#4c1a1a;--open:#0c2d4f;--person:#341a55}}"
    "body{background:var(--page);font:15px/1.5 system-ui,sans-serif;margin:2rem "
    "auto;max-width:62rem;padding:0 1rem;color:var(--text);"
    "overflow-wrap:anywhere}th{overflow-wrap:normal}h1{font-size:1.6rem;line-height:1.25}h2{font-size:1.2rem;"
    "margin-top:2.2rem;"
    "border-bottom:2px solid var(--rule);padding-bottom:.2rem}h3{font-size:1rem;margin:1.4rem 0 .4rem}"
    ".short{border-left:5px solid;padding:.6rem .9rem;margin:1rem 0}.short.PASS{border-color:#1a7f37}"
    ".short.FAIL{border-color:#cf222e}.scroll{overflow-x:auto}"
    "table{border-collapse:collapse;width:100%}th,td{border-bottom:1px solid var(--rule);padding:.35rem "
    ".6rem "
    ".35rem 0;"
    "text-align:left;vertical-align:top}td.n{text-align:right;white-space:nowrap}th.n{text-align:right;"
    "overflow-wrap:normal}"
    "code{font-size:.9em}b.v{white-space:nowrap;padding:.05rem .4rem;border-radius:.3rem}"
    ".FAIL b.v{background:var(--fail)}.WARN b.v{background:var(--warn)}.PASS b.v{background:var(--pass)}"
    ".INDETERMINATE b.v{background:var(--open)}.MANUAL b.v{background:var(--person)}"
    "article{border:1px solid var(--rule);border-left:5px solid #cf222e;border-radius:.3rem;padding:.6rem "
    ".9rem;"
    "margin:.7rem 0;break-inside:avoid}article.WARN{border-left-color:#bf8700}article p{margin:.3rem 0}"
    "dl{display:grid;grid-template-columns:max-content 1fr;gap:.15rem .9rem;margin:.4rem 0 "
    "0}dt{color:var(--soft)}"
    "dd{margin:0}ul{margin:.3rem 0;padding-left:1.2rem}summary{cursor:pointer;margin-top:1rem}"
    ".bar{display:flex;height:.8rem;border-radius:.3rem;overflow:hidden;margin:.5rem 0}.bar i{display:block}"
    // On a narrow page a row of the summary is the file's name above its counts, each with its word.
    "@media(max-width:36rem){dl{grid-template-columns:1fr}dt{margin-top:.3rem}.sum "
    "tr:first-child{display:none}"
    ".sum tr{display:flex;flex-wrap:wrap;gap:0 1rem;border-bottom:1px solid var(--rule);padding:.4rem 0}"
    ".sum td{border:0;padding:0}.sum td:first-child{flex-basis:100%}"
    ".sum td.n::before{content:attr(data-word) \" \";color:var(--soft)}}"
    "@media print{body{margin:0;max-width:none}}";

std::string Cell(std::string_view text) { return "<td>" + XmlText(text) + "</td>"; }
std::string Code(std::string_view text) { return "<code>" + XmlText(text) + "</code>"; }
std::string Class(Verdict verdict) {
  return "class=\"" + std::string(requirements::VerdictName(verdict)) + "\"";
}

// The word for people, with the one that the other reports use.
std::string Badge(Verdict verdict, const Words& words) {
  return "<b class=\"v\">" + XmlText(words.verdicts[static_cast<std::size_t>(verdict)]) + "</b>";
}

struct Part {
  Verdict verdict;
  std::string_view colour;
};
constexpr Part kParts[] = {{Verdict::Fail, "#cf222e"},   {Verdict::Warn, "#bf8700"},
                           {Verdict::Pass, "#1a7f37"},   {Verdict::Indeterminate, "#0969da"},
                           {Verdict::Manual, "#8250df"}, {Verdict::NotApplicable, "#d0d7de"}};

std::string Bar(const requirements::Report& report) {
  std::string bar = "<div class=\"bar\" aria-hidden=\"true\">";
  for (const auto& part : kParts)
    if (auto count = report.Count(part.verdict))
      bar +=
          "<i style=\"flex:" + std::to_string(count) + ";background:" + std::string(part.colour) + "\"></i>";
  return bar + "</div>";
}

// Files by verdicts: how many requirements came to which.
std::string Summary(const SuiteVerdicts& verdicts, const Words& words) {
  bool unread = std::ranges::any_of(verdicts.files, [](const FileVerdicts& f) { return !f.error.empty(); });
  bool fails = verdicts.HasFailures();
  std::string out =
      "<h2>" + XmlText(words.summary) + "</h2><p class=\"short " + (fails ? "FAIL" : "PASS") + "\"><b>" +
      XmlText(unread  ? words.unread
              : fails ? words.fails
                      : words.holds) +
      "</b> " + XmlText(words.left) + "</p>\n<table class=\"sum\"><tr><th>" + XmlText(words.file) + "</th>";
  auto word = [&](const auto& part) {
    return XmlText(words.verdicts[static_cast<std::size_t>(part.verdict)]);
  };
  for (const auto& part : kParts) out += "<th class=\"n\">" + word(part) + "</th>";
  out += "</tr>\n";
  for (const auto& file : verdicts.files) {
    out += "<tr>" + Cell(file.file);
    for (const auto& part : kParts)
      out += "<td class=\"n\" data-word=\"" + word(part) + "\">" +
             std::to_string(file.report.Count(part.verdict)) + "</td>";
    out += "</tr>\n";
  }
  return out + "</table>\n";
}

void Describe(std::string_view term, const std::string& what, std::string& out) {
  if (!what.empty()) out += "<dt>" + XmlText(term) + "</dt><dd>" + what + "</dd>";
}

bool Finds(const Finding& f) { return f.verdict == Verdict::Fail || f.verdict == Verdict::Warn; }

// Where, and what was found there; the first of many.
std::string Places(const std::vector<const Finding*>& same) {
  constexpr std::size_t kShown = 5;
  std::string out;
  for (std::size_t i = 0; i < std::min(same.size(), kShown); ++i) {
    const auto& finding = *same[i];
    out += (i > 0 ? "<br>" : "") + Code(finding.place.path);
    if (finding.place.line != 0)
      out += " " + std::to_string(finding.place.line) + ":" + std::to_string(finding.place.column);
    if (same.size() > 1 && !finding.found.empty()) out += " &#8594; " + Code(finding.found);
  }
  if (same.size() > kShown) out += "<br>+ " + std::to_string(same.size() - kShown);
  return out;
}

// What is asked and expected alike is one finding with its places; the gravest first.
void Findings(const FileVerdicts& file, const SuiteVerdicts& verdicts, const Words& words, std::string& out) {
  std::map<std::string, std::vector<const Finding*>> same;
  auto key = [](const Finding& f) {
    return f.id + "|" + std::string(requirements::VerdictName(f.verdict)) + "|" + f.expected;
  };
  for (const auto& finding : file.report.findings)
    if (Finds(finding)) same[key(finding)].push_back(&finding);
  if (same.empty()) out += "<p>" + XmlText(words.none) + "</p>";
  for (auto wanted : {Verdict::Fail, Verdict::Warn})
    for (const auto& finding : file.report.findings) {
      if (finding.verdict != wanted || same[key(finding)].front() != &finding) continue;
      const auto& all = same[key(finding)];
      out += "<article " + Class(wanted) + "><p><b>" + XmlText(finding.id) + "</b> " + Badge(wanted, words) +
             "</p><p>" + XmlText(SentenceOf(finding, verdicts.language)) + "</p><dl>";
      Describe(words.place, Places(all), out);
      Describe(words.expected, finding.expected.empty() ? "" : XmlText(finding.expected), out);
      if (all.size() == 1) Describe(words.found, finding.found.empty() ? "" : Code(finding.found), out);
      Describe(words.repair, XmlText(RepairOf(finding, verdicts.language)), out);
      out += "</dl></article>\n";
    }
}

// By cause, so that one thing that is missing is said once, in the order in which it is first missed.
void Undecided(const FileVerdicts& file, std::string& out) {
  std::vector<std::string> causes;
  std::map<std::string, std::set<std::string>> by_cause;
  for (const auto& finding : file.report.findings) {
    if (finding.verdict != Verdict::Indeterminate && finding.verdict != Verdict::Manual) continue;
    auto& ids = by_cause[finding.cause];
    if (ids.empty()) causes.push_back(finding.cause);
    ids.insert(finding.id);
  }
  out += "<ul>";
  for (const auto& cause : causes) {
    const auto& ids = by_cause[cause];
    out += "<li><b>";
    for (const auto& id : ids) out += (id == *ids.begin() ? "" : ", ") + XmlText(id);
    out += "</b> " + XmlText(cause) + "</li>";
  }
  out += "</ul>\n";
}

void Coverage(const FileVerdicts& file, const SuiteVerdicts& verdicts, const Words& words, std::string& out) {
  std::string last;
  out += "<div class=\"scroll\" tabindex=\"0\"><table>";
  for (const auto& finding : file.report.findings) {
    if (finding.id == std::exchange(last, finding.id)) continue;
    auto verdict = file.report.Of(finding.id);
    out += "<tr " + Class(verdict) + "><td><b>" + XmlText(finding.id) + "</b></td><td>" +
           Badge(verdict, words) + "</td>" + Cell(SentenceOf(finding, verdicts.language)) +
           Cell(finding.requirement ? finding.requirement->source : "") + "<td>" +
           Code(finding.requirement ? finding.requirement->digest.substr(0, 12) : "") + "</td></tr>\n";
  }
  out += "</table></div>";
}

}  // namespace

std::string AsHtml(const SuiteVerdicts& verdicts) {
  bool french = verdicts.language == Language::French;
  const Words& words = french ? kFrench : kEnglish;
  std::string out =
      "<!DOCTYPE html>\n<html lang=\"" + std::string(french ? "fr" : "en") +
      "\"><head><meta charset=\"utf-8\"><meta name=\"viewport\" content=\"width=device-width\"><meta "
      "http-equiv=\"Content-Security-Policy\" content=\"default-src "
      "'none'; style-src 'unsafe-inline'\"><title>" +
      XmlText(words.title) + "</title><style>" + std::string(kStyle) + "</style></head><body><main>\n<h1>" +
      XmlText(words.title) + (french ? " : " : ": ") + XmlText(verdicts.title.In(verdicts.language)) +
      "</h1>\n";
  if (!verdicts.product.empty()) out += "<p>" + XmlText(verdicts.product) + "</p>";
  out += Summary(verdicts, words);
  for (const auto& file : verdicts.files) {
    out += "<h2>" + XmlText(file.file) + "</h2>\n" + Bar(file.report);
    if (!file.error.empty()) out += "<p class=\"short FAIL\">" + XmlText(file.error) + "</p>";
    out += "<h3>" + XmlText(words.findings) + "</h3>";
    Findings(file, verdicts, words, out);
    out += "<h3>" + XmlText(words.undecided) + "</h3>";
    Undecided(file, out);
    out += "<details><summary>" + XmlText(words.coverage) + "</summary>";
    Coverage(file, verdicts, words, out);
    out += "</details>\n";
  }
  out += "<h2>" + XmlText(words.evidence) + "</h2><div class=\"scroll\" tabindex=\"0\"><table>";
  auto row = [&](std::string_view name, std::string_view value) {
    out += "<tr>" + Cell(name) + "<td>" + Code(value) + "</td></tr>";
  };
  row(words.engine, verdicts.engine + ", " + verdicts.time);
  row(words.tables, verdicts.catalogue_digest);
  for (const auto& file : verdicts.files) row(file.file, "SHA-256 " + file.digest);
  for (const auto& set : verdicts.value_sets) row(words.value_sets, set);
  return out + "</table></div></main></body></html>\n";
}

}  // namespace passerelle::labelling
