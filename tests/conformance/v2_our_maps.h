#pragma once
// The shipped HL7 v2 tables, without the French layer, as flat rows: each with all that stands above it and,
// below the row that calls a map, what that map does. So a row of an official sheet finds the row of ours
// that does the same, however deep it stands.

#include <algorithm>
#include <map>
#include <string>
#include <string_view>
#include <vector>

#include "mappers/engine/table.h"
#include "tests/conformance/v2_conditions.h"
#include "tests/conformance/v2_sheets.h"

namespace passerelle::tests {

struct OurRow {
  std::string source, path, constant, converter, argument;
  bool is_constant = false, is_drop = false;
  Term condition;
  bool condition_known = true;
  engine::Spot spot;
};

// "extension(http://.../patient-religion)[].valueCode" is "extension:patient-religion.valueCode".
inline std::string OurPath(std::string_view target) {
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

// "TQ1-3[1].8" is TQ1-3.8.
inline std::string WithoutRepetition(std::string source) {
  auto open = source.find('['), close = source.find(']', open);
  bool field = open != source.npos && close != source.npos && source.size() > 4 && source[3] == '-';
  if (field) source.erase(open, close - open + 1);
  return source;
}

// In the map of XTN, called on PID-13, "XTN.2" is PID-13.2.
struct Alias {
  std::string from, to;
  std::string operator()(std::string text) const {
    if (!from.empty()) ReplaceAll(text, from + ".", to + ".");
    return text == from && !from.empty() ? to : text;
  }
};

// In the condition of a row on PV1-19, "CX.5" is a part of what the row found: "PV1-19.5".
inline std::string PartOf(const std::string& source, const std::string& name) {
  auto dot = name.find('.');
  bool of_datatype = (dot == 2 || dot == 3) && name.find('-') == name.npos && dot + 1 < name.size() &&
                     std::isdigit(static_cast<unsigned char>(name[dot + 1])) != 0;
  return of_datatype && !source.empty() ? source + name.substr(dot) : name;
}

// A condition of a table in the names of the message; `known` becomes false where PathReader cannot read it.
// `$this` is the source.
inline Term ReadCondition(const std::string& text, const Alias& alias, bool& known,
                          const std::string& source = {}) {
  if (text.empty()) return {};
  auto term = PathReader(text).Read();
  known = known && term.has_value();
  auto name = [&](const std::string& field) { return alias(field == "$this" ? source : field); };
  if (term) NameFields(*term, name);
  return term ? *term : Term{};
}

class OurMaps {
 public:
  OurMaps() : files_(engine::ShippedTables()) {
    std::erase_if(files_,
                  [](const engine::TableFile& f) { return f.layer != 0 || !f.name.starts_with("v2/"); });
    std::vector<Error> errors;
    std::vector<engine::Tables> tables;
    for (std::uint32_t i = 0; i < files_.size(); ++i) tables.push_back(engine::ReadTable(files_, i, errors));
    tables_ = engine::LayTables(files_, std::move(tables), errors);
    for (const auto& map : tables_.maps) {
      if (map.kind == engine::MapKind::Message) {
        Flatten(map.rows, {}, {}, messages_[map.names[0]], 0);
        continue;
      }
      auto type = map.target.substr(0, map.target.find(':'));
      auto name = map.names[0].substr(0, map.names[0].find(':'));
      OurRow above;
      above.condition = ReadCondition(map.when, {}, above.condition_known);
      std::vector<OurRow> rows;
      Flatten(map.rows, above, {}, rows, 0);
      for (std::vector<OurRow>* to : {&rows_[name + "[" + type + "]"], &all_[name]})
        to->insert(to->end(), rows.begin(), rows.end());
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
  const engine::CodesText* FindCodes(const std::string& name) const {
    for (const auto& codes : tables_.codes)
      if (codes.name == name) return &codes;
    return nullptr;
  }
  // The URL of "v2-0203", a name in `systems` or a URL.
  std::string UrlOf(const std::string& system) const {
    for (const auto& known : tables_.systems)
      if (known.from == system) return known.to;
    return system;
  }
  const engine::Tables& tables() const { return tables_; }
  const std::vector<engine::TableFile>& files() const { return files_; }
  std::string PlaceOf(engine::Spot spot) const {
    return std::string(files_[spot.file].name) + ":" + std::to_string(spot.line);
  }

 private:
  const std::vector<engine::RowText>* Included(const std::string& name) const {
    for (const auto& map : tables_.maps)
      if (map.names[0] == name) return &map.rows;
    return nullptr;
  }

  void Flatten(const std::vector<engine::RowText>& texts, const OurRow& above, const Alias& alias,
               std::vector<OurRow>& out, int depth) {
    if (depth > 12) return;
    std::vector<Term> chain;  // conditions of the rows that an else stands behind
    for (const engine::RowText& text : texts) {
      if (text.kind == engine::RowKind::Include) {
        if (const auto* rows = Included(text.parts[0])) Flatten(*rows, above, alias, out, depth + 1);
        continue;
      }
      if (text.kind != engine::RowKind::Row && text.kind != engine::RowKind::When) continue;
      OurRow row = above;
      row.spot = text.spot;
      Term own = ReadCondition(text.when, alias, row.condition_known);
      std::vector<Term> all{above.condition, own};
      if (!text.is_else) chain.clear();
      for (const Term& before : chain) all.push_back(Term::Of(Term::Otherwise, {before}));
      chain.push_back(own);
      row.condition = Term::Of(Term::And, all);
      if (text.kind == engine::RowKind::Row) {
        Describe(text, above, alias, row);
        out.push_back(row);
        Inline(text, row, out, depth);
      }
      Flatten(text.below, row, alias, out, depth + 1);
    }
  }

  // What the map that a row calls does to the element. Resources it makes go on as if they stood in the
  // reference.
  void Inline(const engine::RowText& text, const OurRow& above, std::vector<OurRow>& out, int depth) {
    if (text.converter.empty() || depth > 3) return;
    for (const auto& map : tables_.maps) {
      if (map.names[0] != text.converter ||
          !(text.argument.empty() || map.target == text.argument || FindCodes(text.argument) != nullptr))
        continue;
      Alias alias;
      if (map.kind == engine::MapKind::Datatype && !above.source.empty() && above.source[0] != '{')
        alias = {map.names[0].substr(0, map.names[0].find(':')), above.source};
      Flatten(map.rows, above, alias, out, depth + 1);
    }
  }

  static void Describe(const engine::RowText& text, const OurRow& above, const Alias& alias, OurRow& row) {
    auto quoteless = [](std::string_view quoted) {
      bool is = quoted.size() > 1 && quoted.front() == '"';
      return std::string(is ? quoted.substr(1, quoted.size() - 2) : quoted);
    };
    row.is_constant = text.source.starts_with('"');
    row.constant = row.is_constant ? quoteless(text.source) : "";
    if (text.source != "." && !row.is_constant) row.source = alias(WithoutRepetition(text.source));
    row.is_drop = text.target == "drop";
    std::string path = OurPath(text.target);
    row.path = above.path + (above.path.empty() || path.empty() ? "" : ".") + path;
    row.converter = text.converter;
    row.argument = quoteless(text.argument);
  }

  std::vector<engine::TableFile> files_;
  engine::Tables tables_;
  std::map<std::string, std::vector<OurRow>> rows_, all_, messages_;
};

}  // namespace passerelle::tests
