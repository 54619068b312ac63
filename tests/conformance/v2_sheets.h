#pragma once
// The official v2-to-FHIR sheets, row by row, as facts: where a value comes from, where it goes, by which
// map, code table or constant, and when.

#include <algorithm>
#include <filesystem>
#include <map>
#include <set>
#include <string>
#include <string_view>
#include <vector>

#include "tests/conformance/score.h"

namespace passerelle::tests {

struct SheetRow {
  std::string sheet;      // "PID[Patient]"
  std::string source;     // "PID-3"; empty: the segment itself
  std::string path;       // "identifier", "extension:patient-religion.valueCodeableConcept"
  std::string note;       // an extension that the sheet only has a name for
  std::string constant;   // without its quotes
  std::string condition;  // as it is written
  std::string narrative;
  std::string datatype, vocabulary;
  bool has_constant = false, is_pseudo = false;  // pseudo: "/convert .../"
};

// Cells of a CSV file, with quotes and newlines in cells.
inline std::vector<std::vector<std::string>> ReadCsv(const std::string& text) {
  std::vector<std::vector<std::string>> rows(1);
  std::string cell;
  bool quoted = false;
  auto end_cell = [&] {
    auto first = cell.find_first_not_of(" \t\r\n"), last = cell.find_last_not_of(" \t\r\n");
    rows.back().push_back(first == cell.npos ? "" : cell.substr(first, last - first + 1));
    cell.clear();
  };
  for (std::size_t i = 0; i < text.size(); ++i) {
    char c = text[i];
    if (quoted && c == '"' && i + 1 < text.size() && text[i + 1] == '"') {
      cell += c;
      ++i;
    } else if (c == '"') {
      quoted = !quoted;
    } else if (!quoted && c == ',') {
      end_cell();
    } else if (!quoted && c == '\n') {
      end_cell();
      rows.emplace_back();
    } else {
      cell += c;
    }
  }
  end_cell();
  return rows;
}

inline std::string NameOfSheet(const std::filesystem::path& file) {
  std::string name = file.stem().string();
  auto begin = name.find("_ "), end = name.rfind(" - ");
  return begin == name.npos || end == name.npos || end < begin ? name
                                                               : name.substr(begin + 2, end - begin - 2);
}

inline std::vector<std::filesystem::path> SheetFiles(const std::filesystem::path& folder) {
  std::vector<std::filesystem::path> files;
  for (const auto& entry : std::filesystem::directory_iterator(folder))
    if (entry.path().extension() == ".csv") files.push_back(entry.path());
  std::sort(files.begin(), files.end());
  return files;
}

inline void ReplaceAll(std::string& text, std::string_view from, std::string_view to) {
  for (auto at = text.find(from); at != text.npos; at = text.find(from, at + to.size()))
    text.replace(at, from.size(), to);
}

// The fields that have components: all whose datatype is no simple one.
inline std::set<std::string> ReadComposites(const std::filesystem::path& folder) {
  static const std::set<std::string> simple{"",   "DT", "DTM", "FT", "GTS", "ID", "IS",
                                            "NM", "SI", "SNM", "ST", "TM",  "TX"};
  std::set<std::string> fields;
  for (const auto& file : SheetFiles(folder))
    for (const auto& row : ReadCsv(ReadAll(file)))
      if (row.size() > 3 && row[1].find('-') == 3 && !simple.contains(row[3])) fields.insert(row[1]);
  return fields;
}

// "participant[1].individual(Practitioner.name)" is participant.individual: what is in another resource is
// the business of the map that makes it. "type.coding.code" is type, since our rows set codings whole.
// Extensions carry the last part of their URL, which another row of the sheet gives.
class SheetPaths {
 public:
  // The name of an extension, of its URL or of the page that describes it.
  static std::string Last(std::string url) {
    ReplaceAll(url, "\"", "");
    if (url.find("StructureDefinition") == url.npos) {  // the page that describes it
      ReplaceAll(url, ".html", "");
      ReplaceAll(url, "/extension-", "/");
    }
    while (!url.empty() && url.back() == '/') url.pop_back();
    auto slash = url.rfind('/');
    return slash == url.npos ? url : url.substr(slash + 1);
  }
  // Remembers "extension[2].url" = "http://.../patient-religion", the extension of a source: the sheets use
  // one number for the extensions of several.
  void Learn(const std::string& source, const std::string& path, const std::string& url) {
    for (std::string_view end : {".url", ".uri"})
      if (path.ends_with(end)) {
        std::string extension = path.substr(0, path.size() - end.size());
        urls_[source + " " + extension] = urls_[extension] = Last(url);
      }
  }

  std::string Plain(const std::string& source, const std::string& path) const {
    std::string whole, plain;
    std::size_t begin = 0;
    for (std::string step : Steps(path.substr(0, path.find('=')))) {
      whole += (whole.empty() ? "" : ".") + step;
      auto parenthesis = step.find('(');
      std::string name = step.substr(0, std::min(step.find('['), parenthesis));
      if (name == "extension" || name == "modifierExtension") {
        auto it = urls_.find(source + " " + whole);
        if (it == urls_.end()) it = urls_.find(whole);
        name += ":" + (it == urls_.end() ? std::string("?") : it->second);
      }
      if (!name.empty() && name[0] != '$') plain += (plain.empty() ? "" : ".") + name;
      if (parenthesis != step.npos) break;
      ++begin;
    }
    for (std::string_view end : {".coding.code", ".coding.system", ".coding.display", ".coding.value",
                                 ".coding.uri", ".url", ".uri", ".reference"})
      if (plain.size() > end.size() && plain.ends_with(end)) plain.resize(plain.size() - end.size());
    return plain;
  }

 private:
  static std::vector<std::string> Steps(const std::string& path) {
    std::vector<std::string> steps(1);
    int depth = 0;
    for (char c : path) {
      depth += c == '(' ? 1 : c == ')' ? -1 : 0;
      if (c == '.' && depth == 0)
        steps.emplace_back();
      else if (c != ' ')
        steps.back() += c;
    }
    return steps;
  }

  std::map<std::string, std::string> urls_;
};

// The rows of a segment or datatype sheet that have a target.
inline std::vector<SheetRow> ReadSheet(const std::filesystem::path& file) {
  std::vector<SheetRow> rows;
  auto cells = ReadCsv(ReadAll(file));
  SheetPaths paths;
  auto cell = [](const std::vector<std::string>& row, std::size_t i) {
    return i < row.size() ? row[i] : std::string();
  };
  for (std::size_t i = 2; i < cells.size(); ++i)
    paths.Learn(cell(cells[i], 1), cell(cells[i], 9), cell(cells[i], 16));
  for (std::size_t i = 2; i < cells.size(); ++i) {
    const auto& c = cells[i];
    if (cell(c, 9).empty() && cell(c, 10).empty()) continue;
    SheetRow row;
    row.sheet = NameOfSheet(file);
    row.source = cell(c, 1);
    row.path = paths.Plain(row.source, cell(c, 9));
    row.note = cell(c, 9).empty() ? cell(c, 10) : "";
    row.condition = cell(c, 6);
    row.narrative = cell(c, 8);
    row.datatype = cell(c, 14);
    row.vocabulary = cell(c, 15);
    std::string constant = cell(c, 16);
    auto written = cell(c, 9).find('=');  // "status="finished"": the constant stands in the path
    if (constant.empty() && written != std::string::npos) constant = cell(c, 9).substr(written + 1);
    row.is_pseudo = constant.starts_with('/') || constant.starts_with('#');
    row.has_constant = !constant.empty();
    ReplaceAll(constant, "\"", "");
    row.constant = constant;
    rows.push_back(std::move(row));
  }
  return rows;
}

}  // namespace passerelle::tests
