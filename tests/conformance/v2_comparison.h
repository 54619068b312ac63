#pragma once
// The official v2-to-FHIR sheets held against our tables: what each row of a sheet came to, and the row of
// ours that does it.
//
// A row is the same when one of ours brings the same source to the same element, by the same constant or code
// table, on the same messages; corrected when only the condition is another; else it is different or absent.

#include "tests/conformance/v2_our_maps.h"
#include "tests/conformance/v2_reasons.h"
#include "tests/conformance/v2_sheets.h"

namespace passerelle::tests {

enum class Verdict { Same, Corrected, Different, Absent };
inline constexpr std::string_view kVerdicts[] = {"same", "corrected", "different", "absent"};

// What a row of a sheet came to, and the row of ours that does it.
struct Finding {
  Verdict verdict = Verdict::Absent;
  const OurRow* row = nullptr;

  void Improve(Verdict other, const OurRow& by) {
    if (other >= verdict) return;
    verdict = other;
    row = &by;
  }
};

// A row of a sheet, as it was judged. `row` lives as long as OurMaps.
struct Judged {
  std::string key, message;  // message: "ORU_R01", of rows of message sheets
  std::string condition, constant;
  Finding finding;
};

struct Tally {
  std::size_t rows[4] = {}, conditions[4] = {}, constants[4] = {};
};

// Names of three letters and more that are datatypes, not segments.
inline constexpr std::string_view kLongDatatypes[] = {"CNN", "CNE", "CWE", "DLD", "DLN", "DTM",
                                                      "EIP", "MSG", "NDL", "PLN", "RPT", "SAD",
                                                      "SPS", "XAD", "XCN", "XON", "XPN", "XTN"};

inline bool IsSegment(std::string_view name) {
  return name.size() == 3 &&
         std::find(std::begin(kLongDatatypes), std::end(kLongDatatypes), name) == std::end(kLongDatatypes);
}

// "HD-3" in a datatype is "HD.3"; "PV1-2.1" and "CX.4" are parts of a field or of the value itself.
inline std::string Canonical(std::string source, const std::string& sheet) {
  std::string name = sheet.substr(0, sheet.find('['));
  if (!source.starts_with(name)) return source;
  if (source == name) return {};  // the segment itself
  if (source.size() > name.size()) source[name.size()] = IsSegment(name) ? '-' : '.';
  return source;
}

inline bool Carries(const OurRow& row, const std::string& source) {
  if (source.empty()) return true;
  if (row.is_constant) return row.source.empty() || row.source == source || Mentions(row.condition, source);
  if (row.source == source || row.source.starts_with(source + ".")) return true;
  return row.source.starts_with('{') && row.source.find(source) != row.source.npos;
}

inline bool SamePath(const std::string& ours, const std::string& theirs) {
  auto lower = [](std::string text) {
    for (char& c : text) c = static_cast<char>(std::tolower(static_cast<unsigned char>(c)));
    return text;
  };
  std::string a = lower(ours), b = lower(theirs);
  return a == b || a == b + ".coding" || a + ".coding" == b || a.starts_with(b + ".");
}

class Comparison {
 public:
  Comparison(const OurMaps& maps, Reasons& reasons, Composites composites, Score& score, bool tell)
      : maps_(maps), reasons_(reasons), composites_(std::move(composites)), score_(score), tell_(tell) {}

  // A sheet gives each kind of value a row; ours may have one row for several, whose condition is theirs
  // together.
  void Learn(const SheetRow& row) {
    if (!row.condition.empty()) together_[GroupOf(row)].push_back(Meant(row.condition, row));
  }
  void Learn(const std::string& group, const std::string& condition) {
    if (!condition.empty()) together_[group].push_back(reasons_.Meant(condition));
  }

  void Row(const std::string& kind, const SheetRow& row) {
    std::string source = Canonical(row.source, row.sheet);
    std::string key = kind + "/" + row.sheet + " " + source + " " + (row.note.empty() ? row.path : row.note) +
                      (row.has_constant ? " =" + row.constant : "") + AsKey(row.condition);
    Finding finding = Judge(row, source);
    auto verdict = static_cast<int>(finding.verdict);
    if (!row.condition.empty()) ++tally.conditions[verdict];
    if (row.has_constant) ++tally.constants[verdict];
    judged.push_back(
        {OneLine(key), "", row.condition, row.has_constant ? MeantUrl(Written(row)) : "", finding});
    Count(finding, key);
  }

  // "ORU_R01.PATIENT_RESULT.PATIENT.PID" makes "Patient[1]" by "PID[Patient]".
  void MessageRow(const std::vector<OurRow>* ours, const std::string& message, const std::string& path,
                  const std::string& target, const std::string& map, const std::string& condition) {
    std::string segment = path.substr(path.rfind('.') + 1),
                type = target.substr(0, target.find_first_of("[.( "));
    Finding finding;
    for (const OurRow& our : ours == nullptr ? kNone : *ours) {
      bool of_segment =
          our.source == segment || our.source.ends_with("." + segment) || our.source.ends_with("/" + segment);
      std::string made = our.path.starts_with('+') ? our.path.substr(1) : our.path;
      if (!of_segment || made.substr(0, made.find_first_of(":.")) != type) continue;
      bool same = condition.empty() || SameWhen(our, reasons_.Meant(condition), "") ||
                  IsTogether(our, GroupOf(message, path, target, map), "");
      finding.Improve(same ? Verdict::Same : Verdict::Corrected, our);
    }
    if (!condition.empty()) ++tally.conditions[static_cast<int>(finding.verdict)];
    std::string key = "messages/" + message + " " + segment + " " + target + (map.empty() ? "" : " @" + map) +
                      AsKey(condition);
    judged.push_back({OneLine(key), message, condition, "", finding});
    Count(finding, key);
  }
  static std::string GroupOf(const std::string& message, const std::string& path, const std::string& target,
                             const std::string& map) {
    return message + " " + path + " " + target + " " + map;
  }

  // A row of a code sheet: code, system of the target and its code.
  void Code(const std::string& sheet, const std::string& code, const std::string& target,
            std::string system) {
    Finding finding;
    const std::string* name = reasons_.CodesOf(sheet);
    const auto* codes = name == nullptr ? nullptr : maps_.FindCodes(*name);
    while (system.ends_with('/')) system.pop_back();
    OurRow by;
    for (const auto& line : codes == nullptr ? std::vector<engine::CodeText>() : codes->lines) {
      if (line.code != code) continue;
      const std::string& ours_system = line.target_system.empty() ? codes->system : line.target_system;
      bool same =
          (line.target == "=" ? code : line.target) == target && (system.empty() || ours_system == system);
      by.spot = line.spot;
      finding.Improve(same ? Verdict::Same : Verdict::Different, by);
      break;
    }
    Count(finding, "codes/" + sheet + " " + code + " " + target);
  }

  Tally tally;
  std::vector<Judged> judged;  // of segments, datatypes and messages

 private:
  inline static const std::vector<OurRow> kNone;

  static std::string AsKey(const std::string& condition) {
    return condition.empty() ? "" : " WHEN " + condition;
  }
  static std::string NameOf(const std::string& sheet) { return sheet.substr(0, sheet.find('[')); }
  static std::string GroupOf(const SheetRow& row) {
    return row.sheet + " " + row.source + " " + row.path + " " + row.vocabulary +
           (row.has_constant ? " =" + row.constant : "");
  }

  void Count(const Finding& finding, const std::string& whole_key) {
    std::string key = OneLine(whole_key);
    std::string_view verdict = kVerdicts[static_cast<int>(finding.verdict)];
    ++tally.rows[static_cast<int>(finding.verdict)];
    const std::string* reason = finding.verdict == Verdict::Same ? nullptr : reasons_.Find(key);
    score_.Count(finding.verdict == Verdict::Same || reason != nullptr, std::string(verdict) + ": " + key);
    if (!tell_) return;
    std::cout << verdict << "\t" << key << "\t"
              << (finding.row == nullptr ? "" : maps_.PlaceOf(finding.row->spot)) << "\t"
              << (reason == nullptr ? "" : *reason) << "\n";
  }

  Finding Judge(const SheetRow& row, const std::string& source) const {
    auto dash = row.sheet.find('-', row.sheet.find('['));
    std::string sheet = dash == row.sheet.npos ? row.sheet : row.sheet.substr(0, dash) + "]";
    Finding finding;
    const auto* ours = maps_.Find(sheet);
    std::string path = reasons_.MeantPath(row.path);
    for (const OurRow& our : ours == nullptr ? kNone : *ours) {
      if (!Carries(our, source) || our.is_drop) continue;
      if (!our.is_constant) finding.Improve(Verdict::Different, our);
      bool coded = our.converter == "coding" || our.converter == "code";
      bool same_path = SamePath(our.path, path) || (coded && SamePath(our.path + ".system", path));
      if (row.note.empty() && same_path && SameFacts(our, row))
        finding.Improve(SameWhen(our, row, source) ? Verdict::Same : Verdict::Corrected, our);
    }
    const auto* any = maps_.FindAny(NameOf(row.sheet));
    if (finding.row == nullptr && any != nullptr)
      for (const OurRow& our : *any)
        if (!our.is_drop && !our.is_constant && !our.source.empty() && Carries(our, source))
          finding.Improve(Verdict::Different, our);
    return finding;
  }

  bool SameFacts(const OurRow& our, const SheetRow& row) const {
    if (row.has_constant && !row.is_pseudo && !SameConstant(our, row)) return false;
    return row.vocabulary.empty() || SameVocabulary(our, row);
  }

  bool SameWhen(const OurRow& our, const SheetRow& row, const std::string& source) const {
    return row.condition.empty() || SameWhen(our, Meant(row.condition, row), source) ||
           IsTogether(our, GroupOf(row), source);
  }
  bool SameWhen(const OurRow& our, const std::string& condition, const std::string& source) const {
    auto theirs = SheetReader(condition).Read();
    if (!theirs || !our.condition_known) return false;
    Term ours = our.condition;
    if (source.find('-') != source.npos)
      for (Term* term : {&*theirs, &ours})
        NameFields(*term, [&](const std::string& name) { return PartOf(source, name); });
    return SameCondition(*theirs, ours, source, composites_);
  }
  bool IsTogether(const OurRow& our, const std::string& group, const std::string& source) const {
    auto conditions = together_.find(group);
    if (conditions == together_.end() || conditions->second.size() < 2 || !our.condition_known) return false;
    std::vector<Term> terms;
    for (const auto& condition : conditions->second) {
      auto term = SheetReader(condition).Read();
      if (!term) return false;
      terms.push_back(*std::move(term));
    }
    return SameCondition(Term::Of(Term::Or, std::move(terms)), our.condition, source, composites_);
  }

  // What a condition says, where it is written well; "HD-3" in one of a datatype is "HD.3", and "IF NOT
  // VALUED" speaks of the source.
  std::string Meant(const std::string& written, const SheetRow& row) const {
    std::string condition = reasons_.Meant(written), name = NameOf(row.sheet);
    if (!IsSegment(name)) ReplaceAll(condition, name + "-", name + ".");
    if (condition.find("NOT ") == 3) condition.insert(3, Canonical(row.source, row.sheet) + " ");
    return condition;
  }

  // The constant as it is meant; a pseudo one says what to do.
  std::string Written(const SheetRow& row) const {
    std::string constant = OneLine(reasons_.Meant(row.constant));
    while (constant.ends_with('/')) constant.pop_back();
    return constant;
  }

  // The name of an extension that the sheets call otherwise; any other constant as it is.
  std::string MeantUrl(const std::string& constant) const {
    std::string name = "extension:" + SheetPaths::Last(constant), meant = reasons_.MeantPath(name);
    bool is_other = constant.starts_with("http") && meant != name;
    return is_other ? "http://hl7.org/fhir/StructureDefinition/" + meant.substr(meant.find(':') + 1)
                    : constant;
  }

  bool SameConstant(const OurRow& our, const SheetRow& row) const {
    const std::string constant = Written(row);
    if (row.path.ends_with("extension:" + constant)) return true;
    if (!constant.starts_with("http")) {
      bool expression = constant.find('+') != constant.npos || constant.find(" - ") != constant.npos ||
                        constant.find(NameOf(row.sheet) + ".") != constant.npos;  // a concatenation
      return expression ? our.source.starts_with('{') || our.converter == "prefix"
                        : our.is_constant && our.constant == constant;
    }
    // The URL of an extension is in the path; the system of a coding stands beside its code.
    if (IsUrlOf(reasons_.MeantPath(row.path))) return true;
    if (our.converter == "coding") return maps_.UrlOf(our.argument) == constant;
    if (our.is_constant && our.constant == constant) return true;
    const auto* codes = maps_.FindCodes(our.argument);
    return codes != nullptr && codes->system == constant;
  }

  static bool IsUrlOf(const std::string& path) {
    auto last = path.rfind("extension:");
    auto value = last == path.npos ? last : path.find(".value", last);
    return last != path.npos &&
           (value == path.npos || value + 6 == path.size());  // "extension-Observation.value"
  }

  bool SameVocabulary(const OurRow& our, const SheetRow& row) const {
    std::string vocabulary = row.vocabulary;
    std::erase_if(vocabulary, [](char c) { return c == '/' || c == ' '; });
    const std::string* codes = reasons_.CodesOf(vocabulary);
    if (codes == nullptr) return our.converter == "boolean" || our.argument.empty();
    return our.argument == *codes || our.converter == "boolean";
  }

  const OurMaps& maps_;
  Reasons& reasons_;
  const Composites composites_;
  Score& score_;
  bool tell_;
  std::map<std::string, std::vector<std::string>> together_;
};

// Rows of message sheets: a segment makes a resource, or adds to one, by a segment map.
inline void ReadMessageSheet(const std::filesystem::path& file, const OurMaps& maps, Comparison& comparison) {
  auto cells = ReadCsv(ReadAll(file));
  std::string message = NameOfSheet(file);
  for (bool learn : {true, false})
    for (std::size_t i = 2; i < cells.size(); ++i) {
      auto cell = [&](std::size_t at) { return at < cells[i].size() ? cells[i][at] : std::string(); };
      if (cell(9).empty()) continue;
      if (learn)
        comparison.Learn(Comparison::GroupOf(message, cell(1), cell(9), cell(10)), cell(6));
      else
        comparison.MessageRow(maps.FindMessage(message), message, cell(1), cell(9), cell(10), cell(6));
    }
}

// A line without an HL7 v2 code names a code of FHIR that nothing is mapped to.
inline void ReadCodeSheet(const std::filesystem::path& file, Comparison& comparison) {
  auto cells = ReadCsv(ReadAll(file));
  if (cells.size() < 2) return;
  std::vector<std::size_t> codes, systems;
  for (std::size_t i = 0; i < cells[1].size(); ++i) {
    if (cells[1][i] == "Code") codes.push_back(i);
    if (cells[1][i] == "Code System") systems.push_back(i);
  }
  if (codes.size() < 2) return;
  for (std::size_t i = 2; i < cells.size(); ++i) {
    auto cell = [&](std::size_t at) { return at < cells[i].size() ? cells[i][at] : std::string(); };
    if (!cell(codes[0]).empty() && !cell(codes[1]).empty())
      comparison.Code(NameOfSheet(file), cell(codes[0]), cell(codes[1]),
                      systems.size() > 1 ? cell(systems[1]) : "");
  }
}

// Every row of every sheet.
inline void CompareAll(const std::filesystem::path& folder, const OurMaps& maps, Comparison& comparison) {
  for (std::string kind : {"segments", "datatypes"})
    for (const auto& file : SheetFiles(folder / kind)) {
      const auto rows = ReadSheet(file);
      for (const auto& row : rows) comparison.Learn(row);
      for (const auto& row : rows) comparison.Row(kind, row);
    }
  for (const auto& file : SheetFiles(folder / "messages")) ReadMessageSheet(file, maps, comparison);
  for (const auto& file : SheetFiles(folder / "codesystems")) ReadCodeSheet(file, comparison);
}

}  // namespace passerelle::tests
