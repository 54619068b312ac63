// Reads a table file, line by line: headers start maps, rows belong to the map above, indented rows to the
// row above.

#include <algorithm>
#include <array>
#include <cctype>
#include <map>
#include <optional>

#include "mappers/engine/errors.h"
#include "mappers/engine/table.h"
#include "mappers/engine/words.h"

namespace passerelle::engine {
namespace {

constexpr std::size_t kNestingMax = 12;

struct Line {
  std::size_t indent;
  std::string_view text;
  std::uint32_t number;
};

std::vector<Line> LinesOf(std::string_view text) {
  std::vector<Line> lines;
  std::uint32_t number = 0;
  while (!text.empty()) {
    auto end = text.find('\n');
    auto line = WithoutComment(text.substr(0, end));
    text = end == text.npos ? std::string_view() : text.substr(end + 1);
    ++number;
    auto indent = line.find_first_not_of(" \t");
    if (indent != line.npos) lines.push_back({indent, line.substr(indent), number});
  }
  return lines;
}

struct HeaderWord {
  std::string_view word;
  MapKind kind;
};
constexpr std::array kMapWords = {
    HeaderWord{"message", MapKind::Message},   HeaderWord{"segment", MapKind::Segment},
    HeaderWord{"datatype", MapKind::Datatype}, HeaderWord{"element", MapKind::Element},
    HeaderWord{"template", MapKind::Template}, HeaderWord{"fragment", MapKind::Fragment}};
constexpr std::string_view kOtherWords[] = {"codes",      "systems",   "everywhere", "alias",
                                            "precedence", "condition", "apart"};

bool IsHeader(const std::vector<std::string_view>& words) {
  if (words.size() > 1 && words[1] == "->") return false;
  auto is = [&](std::string_view word) { return word == words[0]; };
  return std::any_of(kMapWords.begin(), kMapWords.end(), [&](const HeaderWord& w) { return is(w.word); }) ||
         std::any_of(std::begin(kOtherWords), std::end(kOtherWords), is);
}

// Where `word` (a slice of `text`) begins.
std::size_t OffsetIn(std::string_view text, std::string_view word) {
  return static_cast<std::size_t>(word.data() - text.data());
}

class Reader {
 public:
  Reader(const std::vector<TableFile>& files, std::uint32_t file, std::vector<Error>& errors)
      : files_(files), file_(file), errors_(errors), lines_(LinesOf(files[file].text)) {}

  Tables Read() {
    while (at_ < lines_.size()) {
      const Line& line = lines_[at_];
      auto words = Words(line.text);
      if (!words || words->empty()) {
        Fail(line, "a quote, brace or bracket is not closed");
        ++at_;
      } else if (IsHeader(*words)) {
        ++at_;
        ReadHeader(line, *words);
      } else if (section_ == Section::Codes) {
        ReadCode(line, *words);
        ++at_;
      } else if (section_ == Section::Systems) {
        ReadSystem(line, *words);
        ++at_;
      } else if (section_ == Section::None) {
        Fail(line, "a row stands before the first map");
        ++at_;
      } else {
        ReadRows(line.indent, RowsOfSection(), 0);
      }
    }
    return std::move(tables_);
  }

 private:
  enum class Section { None, Map, Everywhere, Codes, Systems };
  using WordList = std::vector<std::string_view>;

  void Fail(const Line& line, std::string what) {
    errors_.push_back(TableError(errors::TableSyntax, files_, {file_, line.number}, std::move(what)));
  }
  Spot At(const Line& line) const { return {file_, line.number}; }

  std::vector<RowText>& RowsOfSection() {
    return section_ == Section::Everywhere ? tables_.everywhere : tables_.maps.back().rows;
  }

  // "FR.3.80" by `alias FR = 1.2.250.1.213.1.1`, "fr-core/x" by `alias fr-core = https://...`.
  std::string Expand(std::string_view word) const {
    auto end = word.find_first_of("./");
    auto it = aliases_.find(word.substr(0, end));
    if (it == aliases_.end()) return std::string(word);
    return it->second + std::string(end == word.npos ? std::string_view() : word.substr(end));
  }

  // Every [alias...], [@a=alias...] and (alias...) in a source or target.
  std::string ExpandWithin(std::string_view text) const {
    if (aliases_.empty() || text.starts_with('"') || text.starts_with('{')) return std::string(text);
    std::string out;
    while (!text.empty()) {
      auto open = text.find_first_of("[(");
      auto from = open == text.npos ? text.size() : open + 1;
      if (open != text.npos && text[from - 1] == '[' && from < text.size() && text[from] == '@')
        if (auto equals = text.find_first_of("=]", from); equals != text.npos) from = equals + 1;
      out += text.substr(0, from);
      text.remove_prefix(from);
      auto close = open == text.npos ? text.npos : text.find_first_of("])");
      if (close == text.npos) close = text.size();
      out += open == text.npos ? std::string(text) : Expand(text.substr(0, close));
      text.remove_prefix(close);
    }
    return out;
  }

  void ReadHeader(const Line& line, const WordList& words) {
    if (line.indent != 0) return Fail(line, "a header stands at the beginning of its line");
    if (words[0] == "alias") return ReadAlias(line, words);
    if (words[0] == "condition") return ReadCondition(line, words);
    if (words[0] == "precedence" || words[0] == "apart") {
      auto& names = words[0] == "apart" ? tables_.apart : tables_.precedence;
      names.insert(names.end(), words.begin() + 1, words.end());
      return;
    }
    section_ = Section::None;
    if (words[0] == "systems" || words[0] == "everywhere") {
      if (words.size() != 1) return Fail(line, std::string(words[0]) + " stands alone on its line");
      section_ = words[0] == "systems" ? Section::Systems : Section::Everywhere;
      return;
    }
    if (words[0] == "codes") return ReadCodesHeader(line, words);
    ReadMapHeader(line, words);
  }

  void ReadAlias(const Line& line, const WordList& words) {
    if (words.size() != 4 || words[2] != "=") return Fail(line, "expected: alias NAME = TEXT");
    aliases_[std::string(words[1])] = std::string(words[3]);
  }

  void ReadCondition(const Line& line, const WordList& words) {
    if (words.size() < 4 || words[2] != "=") return Fail(line, "expected: condition NAME = EXPR");
    auto is_part = [](unsigned char c) { return std::isalnum(c) != 0 || c == '_'; };
    if (!std::all_of(words[1].begin(), words[1].end(), is_part))  // %a-b is a minus to FHIRPath
      return Fail(line, "a condition's name has letters, digits and _ only");
    auto text = line.text.substr(OffsetIn(line.text, words[3]));
    tables_.conditions.push_back({std::string(words[1]), std::string(text)});
  }

  void ReadCodesHeader(const Line& line, const WordList& words) {
    if ((words.size() != 4 || words[2] != "->") && words.size() != 2)
      return Fail(line, "expected: codes NAME -> SYSTEM");
    section_ = Section::Codes;
    tables_.codes.push_back({std::string(words[1]), words.size() == 4 ? Expand(words[3]) : "", {}, At(line)});
  }

  void ReadMapHeader(const Line& line, const WordList& words) {
    MapText map;
    map.spot = At(line);
    map.layer = files_[file_].layer;
    for (const auto& word : kMapWords)
      if (word.word == words[0]) map.kind = word.kind;
    std::size_t i = 1;
    while (i < words.size() && words[i] != "->" && words[i] != "=" && words[i] != "when")
      map.names.push_back(Expand(words[i++]));
    bool message = map.kind == MapKind::Message;
    if (i < words.size() && words[i] == (message ? "=" : "->")) {
      for (++i; i < words.size() && words[i] != "when"; ++i) {
        if (message)
          map.events.emplace_back(words[i]);
        else if (map.target.empty())
          map.target = words[i];
        else
          return Fail(line, "a map has one target");
      }
    }
    if (i < words.size() && words[i] == "when")
      map.when = line.text.substr(OffsetIn(line.text, words[i]) + 4);
    bool one_name = map.names.size() == 1 || (map.kind == MapKind::Template && !map.names.empty());
    if (!one_name) return Fail(line, "a map has a name: " + std::string(words[0]) + " NAME -> TARGET");
    if (message ? map.events.empty() : map.target.empty())
      return Fail(line, message ? "expected: message NAME = EVENT..." : "expected: -> TARGET");
    section_ = Section::Map;
    tables_.maps.push_back(std::move(map));
  }

  // F -> female "Female" http://...     2.16.840.1.113883.5.1|UN -> other     * -> =     * ->
  void ReadCode(const Line& line, const WordList& words) {
    bool left_to_others = words.size() == 2 && words[0] == "*" && words[1] == "->";
    if (!left_to_others && (words.size() < 3 || words[1] != "->"))
      return Fail(line, "expected: CODE -> CODE [\"DISPLAY\"] [SYSTEM]");
    CodeText code;
    code.spot = At(line);
    if (left_to_others) {
      code.code = "*";
      return tables_.codes.back().lines.push_back(std::move(code));
    }
    std::string_view from = words[0];
    if (auto bar = from.find('|'); bar != from.npos && bar > 0 && !IsQuoted(from)) {
      code.system = Expand(from.substr(0, bar));
      from.remove_prefix(bar + 1);
    }
    code.code = Unquoted(from);
    code.target = Unquoted(words[2]);
    for (std::size_t i = 3; i < words.size(); ++i) {
      if (IsQuoted(words[i]) && code.display.empty())
        code.display = Unquoted(words[i]);
      else if (!IsQuoted(words[i]) && code.target_system.empty())
        code.target_system = Expand(words[i]);
      else
        return Fail(line, "expected: CODE -> CODE [\"DISPLAY\"] [SYSTEM]");
    }
    tables_.codes.back().lines.push_back(std::move(code));
  }

  void ReadSystem(const Line& line, const WordList& words) {
    if (words.size() != 3 || words[1] != "->") return Fail(line, "expected: NAME -> SYSTEM");
    tables_.systems.push_back({std::string(Unquoted(words[0])), Expand(Unquoted(words[2])), At(line)});
  }

  // Rows at this indent, and what is indented below each.
  void ReadRows(std::size_t indent, std::vector<RowText>& rows, std::size_t depth) {
    while (at_ < lines_.size() && lines_[at_].indent >= indent) {
      const Line& line = lines_[at_];
      auto words = Words(line.text);
      if (words && !words->empty() && line.indent == 0 && IsHeader(*words)) return;
      if (line.indent > indent && !rows.empty() && depth < kNestingMax) {
        ReadRows(line.indent, rows.back().below, depth + 1);
        continue;
      }
      ++at_;
      if (line.indent > indent) {
        Fail(line, "nothing stands above that this could be indented below");
      } else if (!words || words->empty()) {
        Fail(line, "a quote, brace or bracket is not closed");
      } else if (auto row = ReadRow(line, *words)) {
        rows.push_back(*std::move(row));
      } else {
        SkipBelow(indent);
      }
    }
  }

  void SkipBelow(std::size_t indent) {
    while (at_ < lines_.size() && lines_[at_].indent > indent) ++at_;
  }

  std::optional<RowText> ReadRow(const Line& line, const WordList& words) {
    RowText row;
    row.spot = At(line);
    std::size_t i = 0;
    if (words[0].size() > 1 && words[0].ends_with(':') && words.size() > 1) {
      row.id = words[0].substr(0, words[0].size() - 1);
      i = 1;
    }
    bool arrow = std::find(words.begin(), words.end(), "->") != words.end();
    if (arrow && words[i] != "remove") return ReadArrow(line, words, i, std::move(row));
    if (words[i] == "when" || words[i] == "else") {
      row.kind = RowKind::When;
      return ReadCondition(line, words, i, row) ? std::optional(std::move(row)) : std::nullopt;
    }
    if (words[i] == "identity") return ReadIdentity(line, words, i, std::move(row));
    if (words[i] == "include" && words.size() == i + 2) {
      row.kind = RowKind::Include;
      row.parts.emplace_back(words[i + 1]);
      return row;
    }
    if (words[i] == "remove") return ReadRemove(line, words, i, std::move(row));
    Fail(line, "expected: SOURCE -> TARGET");
    return std::nullopt;
  }

  // when EXPR | else | else when EXPR, from word i to the end of the line
  bool ReadCondition(const Line& line, const WordList& words, std::size_t i, RowText& row) {
    if (i < words.size() && words[i] == "else") {
      row.is_else = true;
      ++i;
    }
    if (i == words.size()) return true;
    if (words[i] == "when" && i + 1 < words.size()) {
      row.when = line.text.substr(OffsetIn(line.text, words[i + 1]));
      return true;
    }
    Fail(line, "expected: when EXPR, else, or else when EXPR");
    return false;
  }

  std::optional<RowText> ReadArrow(const Line& line, const WordList& words, std::size_t i, RowText row) {
    auto end = std::find(words.begin() + static_cast<std::ptrdiff_t>(i), words.end(), "->");
    auto arrow = static_cast<std::size_t>(end - words.begin());
    if (arrow != i + 1) {
      Fail(line, arrow == i ? "a row begins with its source"
                            : "a source is one word; quote constants, brace expressions");
      return std::nullopt;
    }
    if (arrow + 1 >= words.size()) {
      Fail(line, "a row has a target after ->");
      return std::nullopt;
    }
    row.source = ExpandWithin(words[i]);
    row.target = ExpandWithin(words[arrow + 1]);
    i = arrow + 2;
    auto is_condition = [&](std::size_t at) { return words[at] == "when" || words[at] == "else"; };
    if (i < words.size() && !is_condition(i)) row.converter = words[i++];
    if (i < words.size() && !is_condition(i)) row.argument = words[i++];
    if (!ReadCondition(line, words, i, row)) return std::nullopt;
    return row;
  }

  std::optional<RowText> ReadIdentity(const Line& line, const WordList& words, std::size_t i, RowText row) {
    row.kind = RowKind::Identity;
    for (++i; i < words.size() && words[i] != "when"; ++i) row.parts.emplace_back(words[i]);
    if (row.parts.empty()) {
      Fail(line, "identity names at least one part");
      return std::nullopt;
    }
    return ReadCondition(line, words, i, row) ? std::optional(std::move(row)) : std::nullopt;
  }

  std::optional<RowText> ReadRemove(const Line& line, const WordList& words, std::size_t i, RowText row) {
    row.kind = RowKind::Remove;
    if (words.size() == i + 2) {
      row.id = words[i + 1];
      return row;
    }
    if (words.size() == i + 4 && words[i + 2] == "->") {
      row.source = ExpandWithin(words[i + 1]);
      row.target = ExpandWithin(words[i + 3]);
      return row;
    }
    Fail(line, "expected: remove SOURCE -> TARGET, or remove ID");
    return std::nullopt;
  }

  const std::vector<TableFile>& files_;
  std::uint32_t file_;
  std::vector<Error>& errors_;
  std::vector<Line> lines_;
  std::size_t at_ = 0;
  Section section_ = Section::None;
  std::map<std::string, std::string, std::less<>> aliases_;
  Tables tables_;
};

}  // namespace

std::string_view MapWord(MapKind kind) {
  for (const auto& word : kMapWords)
    if (word.kind == kind) return word.word;
  return {};
}

std::string RowText::Group() const {
  switch (kind) {
    case RowKind::When: return "when " + when + (is_else ? " else" : "");
    case RowKind::Identity: return "identity";
    case RowKind::Include: return "include " + parts.front();
    default: return source + " -> " + target;
  }
}

bool RowText::SameGroup(const RowText& other) const {
  if (kind != other.kind) return false;
  switch (kind) {
    case RowKind::When: return when == other.when && is_else == other.is_else;
    case RowKind::Identity: return true;
    case RowKind::Include: return parts.front() == other.parts.front();
    default: return source == other.source && target == other.target;
  }
}

Error TableError(const ErrorInfo& info, const std::vector<TableFile>& files, Spot spot, std::string what) {
  return Error(info, std::move(what), {files[spot.file].name, spot.line, 0});
}

Tables ReadTable(const std::vector<TableFile>& files, std::uint32_t file, std::vector<Error>& errors) {
  return Reader(files, file, errors).Read();
}

}  // namespace passerelle::engine
