// The Convergence sheet: fourteen columns, one row a proof, as an xlsx that holds nothing else. The archive
// is stored, not compressed, so that it needs no library.

#include <array>
#include <cstdint>

#include "gateway/labelling/verdicts.h"

namespace passerelle::labelling {
namespace {

constexpr std::array<std::string_view, 14> kColumns = {"Périmètre", "ID",          "Chapitre",
                                                       "Fonction",  "Exigence",    "Commentaire",
                                                       "Profil",    "N° scénario", "Scénario de conformité",
                                                       "N° preuve", "Preuve",      "Profil historique",
                                                       "Criticité", "Ordre"};
constexpr std::array<std::string_view, 3> kCriticality = {"Critique", "Majeure", "Mineure"};

std::uint32_t Crc32(std::string_view bytes) {
  static const auto table = [] {
    std::array<std::uint32_t, 256> made{};
    for (std::uint32_t i = 0; i < 256; ++i) {
      std::uint32_t c = i;
      for (int bit = 0; bit < 8; ++bit) c = c & 1 ? 0xEDB88320u ^ (c >> 1) : c >> 1;
      made[i] = c;
    }
    return made;
  }();
  std::uint32_t crc = 0xFFFF'FFFFu;
  for (char c : bytes) crc = table[(crc ^ static_cast<unsigned char>(c)) & 0xFF] ^ (crc >> 8);
  return ~crc;
}

// A ZIP of stored files (PKWARE APPNOTE 4.3), all of 1980-01-01.
class StoredZip {
 public:
  void Add(std::string_view name, std::string_view bytes) {
    auto offset = static_cast<std::uint32_t>(out_.size());
    auto common = [&](std::string& to) {
      Put(to, 20, 2), Put(to, 0x0800, 2), Put(to, 0, 2);  // version, UTF-8 names, stored
      Put(to, 0, 2), Put(to, 0x21, 2);                    // time, date
      Put(to, Crc32(bytes), 4);
      Put(to, static_cast<std::uint32_t>(bytes.size()), 4),
          Put(to, static_cast<std::uint32_t>(bytes.size()), 4);
      Put(to, static_cast<std::uint32_t>(name.size()), 2), Put(to, 0, 2);
    };
    Put(out_, 0x04034B50, 4);
    common(out_);
    out_.append(name).append(bytes);
    Put(directory_, 0x02014B50, 4), Put(directory_, 20, 2);
    common(directory_);
    Put(directory_, 0, 2), Put(directory_, 0, 2), Put(directory_, 0, 2), Put(directory_, 0, 4),
        Put(directory_, offset, 4);
    directory_ += name;
    ++count_;
  }

  std::string Finish() {
    auto offset = static_cast<std::uint32_t>(out_.size());
    out_ += directory_;
    Put(out_, 0x06054B50, 4), Put(out_, 0, 4), Put(out_, count_, 2), Put(out_, count_, 2);
    Put(out_, static_cast<std::uint32_t>(directory_.size()), 4), Put(out_, offset, 4), Put(out_, 0, 2);
    return std::move(out_);
  }

 private:
  static void Put(std::string& to, std::uint32_t value, int bytes) {
    for (; bytes > 0; --bytes, value >>= 8) to += static_cast<char>(value & 0xFF);
  }

  std::string out_, directory_;
  std::uint32_t count_ = 0;
};

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
  StoredZip zip;
  zip.Add("[Content_Types].xml", kTypes);
  zip.Add("_rels/.rels", kRelations);
  zip.Add("xl/workbook.xml", kWorkbook);
  zip.Add("xl/_rels/workbook.xml.rels", kWorkbookRelations);
  zip.Add("xl/worksheets/sheet1.xml", Sheet(verdicts));
  return zip.Finish();
}

}  // namespace passerelle::labelling
