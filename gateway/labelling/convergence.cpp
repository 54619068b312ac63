// The Convergence sheet: fourteen columns, one row a proof, as an xlsx that holds nothing else.

#include <array>

#include "gateway/labelling/verdicts.h"
#include "gateway/labelling/zip.h"

namespace passerelle::labelling {
namespace {

constexpr std::array<std::string_view, 14> kColumns = {"Périmètre", "ID",          "Chapitre",
                                                       "Fonction",  "Exigence",    "Commentaire",
                                                       "Profil",    "N° scénario", "Scénario de conformité",
                                                       "N° preuve", "Preuve",      "Profil historique",
                                                       "Criticité", "Ordre"};
constexpr std::array<std::string_view, 3> kCriticality = {"Critique", "Majeure", "Mineure"};

std::string Row(std::size_t number, const std::array<std::string, 14>& cells) {
  std::string row = "<row r=\"" + std::to_string(number) + "\">";
  for (std::size_t c = 0; c < cells.size(); ++c) {
    if (cells[c].empty()) continue;
    row += "<c r=\"" + std::string(1, static_cast<char>('A' + c)) + std::to_string(number) +
           "\" t=\"inlineStr\"><is><t xml:space=\"preserve\">" + XmlText(cells[c]) + "</t></is></c>";
  }
  return row + "</row>\n";
}

// One row for each requirement of each file that it spoke of; the proof is the file by its hash, with the
// verdict.
std::string Sheet(const SuiteVerdicts& verdicts) {
  std::array<std::string, 14> head;
  for (std::size_t c = 0; c < head.size(); ++c) head[c] = kColumns[c];
  std::string rows = Row(1, head);
  std::size_t number = 1, proof = 0;
  for (const auto& file : verdicts.files) {
    ++proof;
    std::string last;
    for (const auto& finding : file.report.findings) {
      if (finding.id == last) continue;
      last = finding.id;
      auto verdict = file.report.Of(finding.id);
      if (verdict == requirements::Verdict::NotApplicable || !finding.requirement) continue;
      const auto& requirement = *finding.requirement;
      auto scenario = finding.id + ".01", of = std::to_string(proof);
      rows +=
          Row(++number, {verdicts.suite, finding.id, std::string(requirement.family()), requirement.source,
                         requirement.sentence.fr, requirement.reason, "Général", scenario, verdicts.title.fr,
                         scenario + (of.size() < 2 ? ".0" : ".") + of,
                         std::string(requirements::VerdictName(verdict)) + " : " + file.file + ", SHA-256 " +
                             file.digest + (finding.place.path.empty() ? "" : ", " + finding.place.path),
                         "", std::string(kCriticality[static_cast<std::size_t>(requirement.weight)]),
                         std::to_string(number - 1)});
    }
  }
  return "<?xml version=\"1.0\" encoding=\"UTF-8\" standalone=\"yes\"?>\n<worksheet "
         "xmlns=\"http://schemas.openxmlformats.org/"
         "spreadsheetml/2006/main\"><sheetData>\n" +
         rows + "</sheetData></worksheet>";
}

constexpr std::string_view kTypes =
    R"(<?xml version="1.0" encoding="UTF-8" standalone="yes"?>
<Types xmlns="http://schemas.openxmlformats.org/package/2006/content-types"><Default Extension="rels" )"
    R"(ContentType="application/vnd.openxmlformats-package.relationships+xml"/><Default Extension="xml" )"
    R"(ContentType="application/xml"/><Override PartName="/xl/workbook.xml" )"
    R"(ContentType="application/vnd.openxmlformats-officedocument.spreadsheetml.sheet.main+xml"/>)"
    R"(<Override PartName="/xl/worksheets/sheet1.xml" )"
    R"(ContentType="application/vnd.openxmlformats-officedocument.spreadsheetml.worksheet+xml"/></Types>)";
constexpr std::string_view kRelations =
    R"(<?xml version="1.0" encoding="UTF-8" standalone="yes"?>
<Relationships xmlns="http://schemas.openxmlformats.org/package/2006/relationships"><Relationship Id="rId1" )"
    R"(Type="http://schemas.openxmlformats.org/officeDocument/2006/relationships/officeDocument" )"
    R"(Target="xl/workbook.xml"/></Relationships>)";
constexpr std::string_view kWorkbook =
    R"(<?xml version="1.0" encoding="UTF-8" standalone="yes"?>
<workbook xmlns="http://schemas.openxmlformats.org/spreadsheetml/2006/main" )"
    R"(xmlns:r="http://schemas.openxmlformats.org/officeDocument/2006/relationships"><sheets>)"
    R"(<sheet name="Convergence" sheetId="1" r:id="rId1"/></sheets></workbook>)";
constexpr std::string_view kWorkbookRelations =
    R"(<?xml version="1.0" encoding="UTF-8" standalone="yes"?>
<Relationships xmlns="http://schemas.openxmlformats.org/package/2006/relationships"><Relationship Id="rId1" )"
    R"(Type="http://schemas.openxmlformats.org/officeDocument/2006/relationships/worksheet" )"
    R"(Target="worksheets/sheet1.xml"/></Relationships>)";

}  // namespace

std::string AsConvergence(const SuiteVerdicts& verdicts) {
  return WriteZip({{"[Content_Types].xml", std::string(kTypes)},
                   {"_rels/.rels", std::string(kRelations)},
                   {"xl/workbook.xml", std::string(kWorkbook)},
                   {"xl/_rels/workbook.xml.rels", std::string(kWorkbookRelations)},
                   {"xl/worksheets/sheet1.xml", Sheet(verdicts)}});
}

}  // namespace passerelle::labelling
