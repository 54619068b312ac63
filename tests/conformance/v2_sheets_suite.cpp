// The official v2-to-FHIR sheets against our tables: each row of them is the same here, different, or absent;
// what is not the same has its reason in scores/v2_sheets-reasons.txt. FOLDER is the folder of the sheets.
//
// The tables are those that ship, without the French layer. A row is the same when one of ours brings the
// same source to the same element, by the same constant or code table, on the same messages.

#include <iomanip>
#include <set>

#include "mappers/engine/table.h"
#include "tests/conformance/v2_conditions.h"
#include "tests/conformance/v2_sheets.h"

namespace passerelle::tests {
namespace {

using engine::RowKind;
using engine::RowText;

enum class Verdict { Same, Different, Absent };
constexpr std::string_view kVerdicts[] = {"same", "different", "absent"};

// One of our rows with all that stands above it.
struct OurRow {
  std::string source, path, constant, converter, argument;
  bool is_constant = false, is_drop = false;
  Term condition;
  bool condition_known = true;
};

std::string Quoteless(std::string text) {
  if (text.size() > 1 && text.front() == '"') text = text.substr(1, text.size() - 2);
  return text;
}

// "extension(http://.../patient-religion)[].valueCode" is "extension:patient-religion.valueCode".
std::string OurPath(std::string_view target) {
  std::string path;
  for (std::size_t i = 0; i < target.size(); ++i) {
    if (target[i] == '[') {
      i = std::min(target.find(']', i), target.size());
    } else if (target[i] == '(') {
      auto end = std::min(target.find(')', i), target.size());
      auto url = target.substr(i + 1, end - i - 1);
      path += ":" + std::string(url.substr(url.rfind('/') + 1));
      i = end;
    } else {
      path += target[i];
    }
  }
  return path == "." ? "" : path;
}

class OurMaps {
 public:
  OurMaps() {
    auto files = engine::ShippedTables();
    std::erase_if(files,
                  [](const engine::TableFile& f) { return f.layer != 0 || !f.name.starts_with("v2/"); });
    std::vector<Error> errors;
    std::vector<engine::Tables> tables;
    for (std::uint32_t i = 0; i < files.size(); ++i) tables.push_back(engine::ReadTable(files, i, errors));
    tables_ = engine::LayTables(files, std::move(tables), errors);
    for (const auto& map : tables_.maps) {
      if (map.kind == engine::MapKind::Message) {
        OurRow top;
        Flatten(map.rows, top, messages_[map.names[0]], 0);
        continue;
      }
      auto type = map.target.substr(0, map.target.find(':'));
      auto name = map.names[0].substr(0, map.names[0].find(':'));
      std::vector<OurRow>& rows = rows_[name + "[" + type + "]"];
      OurRow above;
      above.condition = ReadCondition(map.when, above.condition_known);
      Flatten(map.rows, above, rows, 0);
      all_[name].insert(all_[name].end(), rows.begin(), rows.end());
    }
  }

  // The rows of "PID[Patient]"; nullptr when there is no such map.
  const std::vector<OurRow>* Find(const std::string& sheet) const {
    auto it = rows_.find(sheet);
    return it == rows_.end() ? nullptr : &it->second;
  }
  // Those of every map of that segment or datatype.
  const std::vector<OurRow>* FindAny(const std::string& name) const {
    auto it = all_.find(name);
    return it == all_.end() ? nullptr : &it->second;
  }
  // Those of the message "ADT_A11", else of the one that claims its event.
  const std::vector<OurRow>* FindMessage(const std::string& name) const {
    if (auto it = messages_.find(name); it != messages_.end()) return &it->second;
    std::string event = name;
    std::replace(event.begin(), event.end(), '_', '^');
    for (const auto& map : tables_.maps)
      if (std::find(map.events.begin(), map.events.end(), event) != map.events.end())
        return &messages_.at(map.names[0]);
    return nullptr;
  }
  const std::vector<engine::CodesText>& codes() const { return tables_.codes; }

 private:
  static Term ReadCondition(const std::string& text, bool& known) {
    if (text.empty()) return {};
    auto term = PathReader(text).Read();
    known = known && term.has_value();
    return term ? *term : Term{};
  }

  const std::vector<RowText>* Included(const std::string& name) const {
    for (const auto& map : tables_.maps)
      if (map.names[0] == name) return &map.rows;
    return nullptr;
  }

  void Flatten(const std::vector<RowText>& texts, const OurRow& above, std::vector<OurRow>& out, int depth) {
    if (depth > 12) return;
    std::vector<Term> chain;  // conditions of the rows that an else stands behind
    for (const RowText& text : texts) {
      if (text.kind == RowKind::Include) {
        if (const auto* rows = Included(text.parts[0])) Flatten(*rows, above, out, depth + 1);
        continue;
      }
      if (text.kind != RowKind::Row && text.kind != RowKind::When) continue;
      OurRow row = above;
      Term own = ReadCondition(text.when, row.condition_known);
      std::vector<Term> all{above.condition, own};
      if (!text.is_else) chain.clear();
      for (const Term& before : chain) all.push_back(Term::Of(Term::Otherwise, {before}));
      chain.push_back(own);
      row.condition = Term::Of(Term::And, all);
      if (text.kind == RowKind::Row) Describe(text, above, row, out);
      if (text.kind == RowKind::Row) Inline(text, row, out, depth);
      Flatten(text.below, row, out, depth + 1);
    }
  }

  // What the map that a row calls does to the element. Resources it makes go on as if they stood in the
  // reference.
  void Inline(const RowText& text, const OurRow& above, std::vector<OurRow>& out, int depth) {
    if (text.converter.empty() || depth > 3) return;
    for (const auto& map : tables_.maps)
      if (map.names[0] == text.converter &&
          (text.argument.empty() || map.target == text.argument || IsCodes(text.argument)))
        Flatten(map.rows, above, out, depth + 1);
  }
  bool IsCodes(const std::string& name) const {
    return std::any_of(tables_.codes.begin(), tables_.codes.end(),
                       [&](const auto& c) { return c.name == name; });
  }

  static void Describe(const RowText& text, const OurRow& above, OurRow& row, std::vector<OurRow>& out) {
    row.is_constant = text.source.starts_with('"');
    row.constant = row.is_constant ? Quoteless(text.source) : "";
    if (text.source != "." && !row.is_constant) row.source = text.source;
    row.is_drop = text.target == "drop";
    std::string path = OurPath(text.target);
    row.path = above.path + (above.path.empty() || path.empty() ? "" : ".") + path;
    row.converter = text.converter;
    row.argument = Quoteless(text.argument);
    out.push_back(row);
  }

  engine::Tables tables_;
  std::map<std::string, std::vector<OurRow>> rows_, all_, messages_;
};

// Reasons, and which of our code maps a sheet's vocabulary is.
struct Reasons {
  struct Line {
    std::string pattern, reason;
  };
  std::vector<Line> lines;
  std::map<std::string, std::string> codes;  // "AdministrativeSex": "HL70001"

  explicit Reasons(const std::filesystem::path& file) {
    std::istringstream in(ReadAll(file));
    for (std::string line; std::getline(in, line);) {
      auto mark = line.find(" => ");
      if (line.starts_with('#') || mark == line.npos) continue;
      if (line.starts_with("codes "))
        codes[line.substr(6, mark - 6)] = line.substr(mark + 4);
      else
        lines.push_back({line.substr(0, mark), line.substr(mark + 4)});
    }
  }

  static bool Matches(std::string_view pattern, std::string_view text) {
    auto star = pattern.find('*');
    if (star == pattern.npos) return pattern == text;
    if (!text.starts_with(pattern.substr(0, star))) return false;
    pattern.remove_prefix(star + 1);
    for (std::size_t i = star; i <= text.size(); ++i)
      if (Matches(pattern, text.substr(i))) return true;
    return false;
  }
  const std::string* Find(const std::string& key) const {
    for (const Line& line : lines)
      if (Matches(line.pattern, key)) return &line.reason;
    return nullptr;
  }
};

struct Tally {
  std::size_t counts[3] = {0, 0, 0};
  std::size_t conditions = 0, same_conditions = 0, constants = 0, same_constants = 0;
};

// "HD-3" in a datatype is "HD.3"; "PV1-2.1" and "CX.4" are parts of a field or of the value itself.
std::string Canonical(std::string source, const std::string& sheet) {
  std::string name = sheet.substr(0, sheet.find('['));
  if (!source.starts_with(name)) return source;
  if (source == name) return {};  // the segment itself
  bool segment = name.size() == 3 && name != "CNN" && name != "DLD" && name != "EIP" && name != "MSG" &&
                 name != "NDL" && name != "PLN" && name != "RPT" && name != "SAD" && name != "SPS" &&
                 name != "XAD" && name != "XCN" && name != "XON" && name != "XPN" && name != "XTN" &&
                 name != "CWE" && name != "CNE" && name != "DTM" && name != "DLN";
  if (source.size() > name.size()) source[name.size()] = segment ? '-' : '.';
  return source;
}

bool Carries(const OurRow& row, const std::string& source) {
  if (source.empty()) return true;
  if (row.source == source || row.source.starts_with(source + ".")) return true;
  if (row.source.starts_with('{')) return row.source.find(source) != row.source.npos;
  return row.is_constant && row.source.empty();  // a constant that only its condition ties to the field
}

bool SamePath(const std::string& ours, const std::string& theirs) {
  auto lower = [](std::string text) {
    for (char& c : text) c = static_cast<char>(std::tolower(static_cast<unsigned char>(c)));
    return text;
  };
  std::string a = lower(ours), b = lower(theirs);
  return a == b || a == b + ".coding" || a + ".coding" == b || a.starts_with(b + ".");
}

class Comparison {
 public:
  Comparison(const OurMaps& maps, const Reasons& reasons, Score& score)
      : maps_(maps), reasons_(reasons), score_(score) {}

  // A sheet gives each kind of value a row; ours may have one row for several, whose condition is theirs
  // together.
  void Learn(const SheetRow& row) {
    if (!row.condition.empty()) together_[GroupOf(row)].push_back(row.condition);
  }

  void Row(const std::string& kind, const SheetRow& row) {
    std::string source = Canonical(row.source, row.sheet);
    Verdict verdict = Judge(row, source);
    std::string key = kind + "/" + row.sheet + " " + source + " " + (row.note.empty() ? row.path : row.note) +
                      (row.has_constant ? " =" + row.constant : "") + (row.condition.empty() ? "" : " IF");
    Count(verdict, key);
    if (!row.condition.empty()) ++tally.conditions;
    if (row.has_constant) ++tally.constants;
    if (verdict != Verdict::Same) return;
    if (!row.condition.empty()) ++tally.same_conditions;
    if (row.has_constant) ++tally.same_constants;
  }

  void Count(Verdict verdict, const std::string& key) {
    ++tally.counts[static_cast<int>(verdict)];
    const std::string* reason = verdict == Verdict::Same ? nullptr : reasons_.Find(key);
    if (reason != nullptr) ++by_reason[*reason];
    score_.Count(verdict == Verdict::Same || reason != nullptr,
                 std::string(kVerdicts[static_cast<int>(verdict)]) + ": " + key);
  }

  // "ORU_R01.PATIENT_RESULT.PATIENT.PID" makes "Patient[1]" by "PID[Patient]".
  void MessageRow(const std::vector<OurRow>* ours, const std::string& message, const std::string& path,
                  const std::string& target, const std::string& map, const std::string& condition) {
    std::string segment = path.substr(path.rfind('.') + 1),
                type = target.substr(0, target.find_first_of("[.( "));
    std::string key = "messages/" + message + " " + segment + " " + target + (map.empty() ? "" : " @" + map) +
                      (condition.empty() ? "" : " IF");
    if (!condition.empty()) ++tally.conditions;
    Verdict verdict = Verdict::Absent;
    for (const OurRow& our : ours == nullptr ? std::vector<OurRow>() : *ours) {
      bool of_segment = our.source == segment || our.source.ends_with("." + segment);
      std::string made = our.path.starts_with('+') ? our.path.substr(1) : our.path;
      if (!of_segment || made.substr(0, made.find_first_of(":.")) != type) continue;
      auto theirs = condition.empty() ? std::optional(Term{}) : SheetReader(condition).Read();
      bool same = theirs && our.condition_known && SameCondition(*theirs, our.condition, "");
      if (same || condition.empty())
        verdict = Verdict::Same;
      else if (verdict == Verdict::Absent)
        verdict = Verdict::Different;
    }
    Count(verdict, key);
    if (!condition.empty() && verdict == Verdict::Same) ++tally.same_conditions;
  }

  // A row of a code sheet: code, system of the target and its code.
  void Code(const std::string& sheet, const std::string& code, const std::string& target,
            std::string system) {
    std::string key = "codes/" + sheet + " " + code + " " + target;
    auto name = reasons_.codes.find(sheet);
    if (name == reasons_.codes.end()) return Count(Verdict::Absent, key);
    for (const auto& codes : maps_.codes()) {
      if (codes.name != name->second) continue;
      for (const auto& line : codes.lines) {
        if (line.code != code) continue;
        std::string ours = line.target == "=" ? code : line.target;
        const std::string& ours_system = line.target_system.empty() ? codes.system : line.target_system;
        while (system.ends_with('/')) system.pop_back();
        return Count(
            ours == target && (system.empty() || ours_system == system) ? Verdict::Same : Verdict::Different,
            key);
      }
    }
    Count(Verdict::Absent, key);
  }

  Tally tally;
  std::map<std::string, std::size_t> by_reason;

 private:
  Verdict Judge(const SheetRow& row, const std::string& source) const {
    auto dash = row.sheet.find('-', row.sheet.find('['));
    std::string sheet = dash == row.sheet.npos ? row.sheet : row.sheet.substr(0, dash) + "]";
    auto name = sheet.substr(0, sheet.find('['));
    const auto* ours = maps_.Find(sheet);
    if (ours == nullptr) return Verdict::Absent;
    bool carried = false;
    for (const OurRow& our : *ours) {
      if (!Carries(our, source) || our.is_drop) continue;
      carried = carried || !our.source.empty();
      if (row.note.empty() && SamePath(our.path, row.path) && SameFacts(our, row, source, name))
        return Verdict::Same;
    }
    if (carried) return Verdict::Different;
    const auto* any = maps_.FindAny(name);
    bool elsewhere = any != nullptr && std::any_of(any->begin(), any->end(), [&](const OurRow& our) {
                       return !our.is_drop && !our.source.empty() && Carries(our, source);
                     });
    return elsewhere ? Verdict::Different : Verdict::Absent;
  }

  bool SameFacts(const OurRow& our, const SheetRow& row, const std::string& source,
                 const std::string& name) const {
    if (row.has_constant && !row.is_pseudo && !SameConstant(our, row)) return false;
    if (!row.vocabulary.empty() && !SameVocabulary(our, row)) return false;
    if (row.condition.empty()) return true;
    if (!our.condition_known) return false;
    auto theirs = SheetReader(Fields(row.condition, name)).Read();
    return (theirs && SameCondition(*theirs, our.condition, source)) ||
           (!row.has_constant && IsTogether(our, row, source, name));
  }

  bool IsTogether(const OurRow& our, const SheetRow& row, const std::string& source,
                  const std::string& name) const {
    auto group = together_.find(GroupOf(row));
    if (group == together_.end() || group->second.size() < 2) return false;
    std::vector<Term> terms;
    for (const auto& condition : group->second) {
      auto term = SheetReader(Fields(condition, name)).Read();
      if (!term) return false;
      terms.push_back(*std::move(term));
    }
    return SameCondition(Term::Of(Term::Or, std::move(terms)), our.condition, source);
  }
  static std::string GroupOf(const SheetRow& row) {
    return row.sheet + " " + row.source + " " + row.path + " " + row.vocabulary +
           (row.has_constant ? "=" : "");
  }

  // "HD-3" in a condition of a datatype is "HD.3".
  static std::string Fields(std::string condition, const std::string& name) {
    if (name.size() < 3 || Canonical(name + "-1", name + "[") == name + ".1")
      ReplaceAll(condition, name + "-", name + ".");
    if (condition.find("NOT VALUED") == 3) condition.insert(3, name + ".3 ");
    return condition;
  }

  static bool SameConstant(const OurRow& our, const SheetRow& row) {
    bool expression = row.constant.find('+') != row.constant.npos;
    if (expression || !our.is_constant) {
      // an URL is in the path; a concatenation is an expression or a prefix
      return row.path.find("extension:") != row.path.npos || our.source.starts_with('{') ||
             our.converter == "prefix";
    }
    if (row.constant.starts_with("http")) return true;  // the system of a coding, beside its code
    return our.constant == row.constant;
  }

  bool SameVocabulary(const OurRow& our, const SheetRow& row) const {
    std::string vocabulary = row.vocabulary;
    std::erase_if(vocabulary, [](char c) { return c == '/' || c == ' '; });
    auto it = reasons_.codes.find(vocabulary);
    if (it == reasons_.codes.end()) return our.converter == "boolean" || our.argument.empty();
    return our.argument == it->second || our.converter == "boolean";
  }

  const OurMaps& maps_;
  const Reasons& reasons_;
  Score& score_;
  std::map<std::string, std::vector<std::string>> together_;
};

// Rows of message sheets: a segment makes a resource, or adds to one, by a segment map.
void ReadMessageSheet(const std::filesystem::path& file, const OurMaps& maps, Comparison& comparison) {
  auto cells = ReadCsv(ReadAll(file));
  std::string message = NameOfSheet(file);
  for (std::size_t i = 2; i < cells.size(); ++i) {
    auto cell = [&](std::size_t at) { return at < cells[i].size() ? cells[i][at] : std::string(); };
    if (cell(9).empty()) continue;
    comparison.MessageRow(maps.FindMessage(message), message, cell(1), cell(9), cell(10), cell(6));
  }
}

void ReadCodeSheet(const std::filesystem::path& file, Comparison& comparison) {
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
    if (!cell(codes[1]).empty())
      comparison.Code(NameOfSheet(file), cell(codes[0]), cell(codes[1]),
                      systems.size() > 1 ? cell(systems[1]) : "");
  }
}

int Main(const std::filesystem::path& folder, const char* score_file) {
  if (!std::filesystem::exists(folder / "segments")) return Skip(folder.string());
  std::filesystem::path scores =
      score_file == nullptr ? "tests/conformance/scores/v2_sheets.txt" : score_file;
  Reasons reasons(scores.parent_path() / "v2_sheets-reasons.txt");
  OurMaps maps;
  Score score{"v2 sheets"};
  Comparison comparison(maps, reasons, score);
  for (std::string kind : {"segments", "datatypes"})
    for (const auto& file : SheetFiles(folder / kind)) {
      const auto rows = ReadSheet(file);
      for (const auto& row : rows) comparison.Learn(row);
      for (const auto& row : rows) comparison.Row(kind, row);
    }
  for (const auto& file : SheetFiles(folder / "messages")) ReadMessageSheet(file, maps, comparison);
  for (const auto& file : SheetFiles(folder / "codesystems")) ReadCodeSheet(file, comparison);
  const Tally& tally = comparison.tally;
  for (const auto& [reason, count] : comparison.by_reason)
    std::cout << std::setw(5) << count << " " << reason << "\n";
  std::cout << "of " << tally.conditions << " conditions and " << tally.constants << " constants\n";
  Figures figures = {{"rows same", static_cast<std::size_t>(tally.counts[0])},
                     {"rows different", static_cast<std::size_t>(tally.counts[1])},
                     {"rows absent", static_cast<std::size_t>(tally.counts[2])},
                     {"conditions same", static_cast<std::size_t>(tally.same_conditions)},
                     {"constants same", static_cast<std::size_t>(tally.same_constants)}};
  return Finish(score, score_file, figures);
}

}  // namespace
}  // namespace passerelle::tests

int main(int argc, char** argv) {
  if (argc < 2) return 2;
  return passerelle::tests::Main(argv[1], argc > 2 ? argv[2] : nullptr);
}
