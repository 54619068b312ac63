#pragma once
// Sample: a message made for one condition: the segments that its structure asks for and those that are
// wanted, each field as it is said, others absent.

#include <algorithm>
#include <map>
#include <set>
#include <string>
#include <string_view>
#include <vector>

#include "mappers/hl7v2/grammar.h"
#include "mappers/hl7v2/structure.h"
#include "tests/conformance/v2_sheets.h"

namespace passerelle::tests {

// The datatypes of fields ("PID-3") and components ("CX.4"), as the sheets say.
class Datatypes {
 public:
  explicit Datatypes(const std::filesystem::path& folder) {
    for (std::string kind : {"segments", "datatypes"})
      for (const auto& file : SheetFiles(folder / kind))
        for (const auto& row : ReadCsv(ReadAll(file)))
          if (row.size() > 3 && !row[3].empty() && row[1].find_first_of("-.") != row[1].npos)
            Learn(row[1], row[3]);
  }

  // "PID-3.4" is HD; empty when no sheet knows it.
  std::string Of(const std::string& field) const {
    auto dot = field.find('.');
    std::string type = Find(field.substr(0, dot));
    while (dot != field.npos && !type.empty()) {
      auto next = field.find('.', dot + 1);
      type = Find(type + "." + field.substr(dot + 1, next == field.npos ? next : next - dot - 1));
      dot = next;
    }
    return type;
  }
  std::size_t Components(const std::string& type) const {
    auto it = components_.find(type);
    return it == components_.end() ? 0 : it->second;
  }

 private:
  void Learn(const std::string& name, const std::string& type) {
    types_.emplace(name, type);
    auto dot = name.find('.');
    if (dot == name.npos) return;
    auto& most = components_[name.substr(0, dot)];
    most = std::max(most, static_cast<std::size_t>(std::atoi(name.c_str() + dot + 1)));
  }
  std::string Find(const std::string& name) const {
    auto it = types_.find(name);
    return it == types_.end() ? "" : it->second;
  }

  std::map<std::string, std::string> types_;
  std::map<std::string, std::size_t> components_;
};

class Sample {
 public:
  Sample(std::string_view event, const Datatypes& types)
      : event_(event), types_(types), structure_(hl7v2::FindStructure(hl7v2::StructureOf(event))) {
    if (structure_ == nullptr) return;
    for (std::size_t i = 0; i < structure_->elements.size(); ++i)
      for (std::size_t inner = i + 1; inner < structure_->elements[i].end; ++inner) parents_[inner] = i;
  }

  // Where the structure has `place` ("PATIENT.PRT": within such a group; "ORDER/NTE": in such a group
  // itself).
  std::vector<std::size_t> PlacesOf(const std::string& place) const {
    std::vector<std::size_t> found;
    if (structure_ == nullptr) return found;
    auto mark = place.find_last_of("./");
    std::string group = mark == place.npos ? "" : place.substr(0, mark),
                segment = mark == place.npos ? place : place.substr(mark + 1);
    for (std::size_t i = 0; i < structure_->elements.size(); ++i) {
      const auto& element = structure_->elements[i];
      if (element.group || node::NameText(element.name) != segment) continue;
      bool inside = group.empty();
      for (std::size_t at = i; !inside && at != 0;) {
        at = parents_.at(at);
        inside = node::NameText(structure_->elements[at].name) == group;
        if (place[mark] == '/') break;
      }
      if (inside) found.push_back(i);
    }
    return found;
  }

  // The segment that it is all about, and where it stands.
  void About(std::string segment, std::size_t place) {
    about_ = place;
    Want(std::move(segment), place);
  }
  void Want(const std::string& segment, std::size_t place) { wanted_[segment] = place; }
  void Want(const std::string& segment) {
    if (wanted_.contains(segment)) return;
    auto places = PlacesOf(segment);
    auto near = [&](std::size_t a, std::size_t b) { return Shared(a) < Shared(b); };
    auto best = std::max_element(places.begin(), places.end(), near);
    wanted_[segment] = best == places.end() ? kApart : *best;
  }
  void Forbid(const std::string& segment) { forbidden_.insert(segment); }

  // "PID-11.9": a value, its type's own where `text` is "other", but none of `but`; `times` repetitions of
  // it.
  void Set(const std::string& field, const std::string& text, int times = 1, int length = 0,
           const std::set<std::string>& but = {}) {
    auto [segment, path] = Split(field);
    Want(segment);
    if (path.empty()) return;
    if (text == "other" && IsCleared(field)) return;
    std::string value = text == "other" ? ValueOf(field, length) : text;
    if (value.find('^') != value.npos) {
      SetParts(field, value);
      if (times > 1) times_[segment + std::to_string(path[0])] = times;
      return;
    }
    for (int n = 2; but.contains(value); ++n) value = "B" + std::to_string(n);
    auto& fields = fields_[segment];
    auto it = fields.lower_bound(path);
    bool in_second = is_late_ && types_.Components(types_.Of(field)) > 1;
    if (text == "other" && (in_second || cleared_.contains(field + ".1"))) {  // another of its parts
      int part = 2;
      while (cleared_.contains(field + "." + std::to_string(part))) ++part;
      return Set(field + "." + std::to_string(part), "other", times);
    }
    bool has_part = it != fields.end() && it->first.size() > path.size() &&
                    std::equal(path.begin(), path.end(), it->first.begin());
    if (!has_part || text != "other") fields[path] = value;
    if (text == "UUID" && path.back() == 3 && path.size() > 1)
      fields[Sibling(path, 2)] = "6c7b1c6e-0d0f-4b8e-9f55-0a9f0f1a2b3c";
    if (times > 1) times_[segment + std::to_string(path[0])] = times;
  }
  void Clear(const std::string& field) {
    auto [segment, path] = Split(field);
    if (path.empty()) return Forbid(segment);
    std::erase_if(fields_[segment], [&, &path = path](const auto& known) {
      return known.first.size() >= path.size() && std::equal(path.begin(), path.end(), known.first.begin());
    });
    cleared_.insert(field);
  }
  // Whether from now on what has parts is there by its second part.
  void BeLate(bool late) { is_late_ = late; }
  // Every component that nothing has been said of.
  void Enrich(const std::string& field) {
    auto [segment, path] = Split(field);
    std::string type = path.empty() ? "" : types_.Of(field);
    if (IsCleared(field)) return;
    for (std::size_t i = 1; i <= types_.Components(type); ++i) {
      std::string part = field + "." + std::to_string(i);
      if (types_.Of(part) == "HD" && path.size() == 1)
        for (const char* inner : {".2", ".3"})
          if (!cleared_.contains(part) && !cleared_.contains(part + inner) && !Has(part + inner))
            Set(part + inner, "other");
      if (cleared_.contains(part) || Has(part)) continue;
      if (types_.Components(types_.Of(part)) == 0 || path.size() < 2) Set(part, "other");
    }
  }

  bool Has(const std::string& field) const {
    auto [segment, path] = Split(field);
    auto it = fields_.find(segment);
    return it != fields_.end() && it->second.contains(path);
  }

  std::string Text() const {
    std::string text;
    for (const auto& [segment, place] : wanted_)
      if (place == kApart && segment != "MSH") text += Segment(segment);
    return (structure_ == nullptr ? Segment("MSH") : Write(0)) + text;
  }

 private:
  static constexpr std::size_t kApart = 0;  // the structure has no such segment: at the end
  using Path = std::vector<int>;

  static std::pair<std::string, Path> Split(const std::string& field) {
    auto dash = field.find('-');
    if (dash == field.npos) return {field.substr(field.find_last_of("./") + 1), {}};
    Path path;
    for (auto at = dash; at != field.npos; at = field.find('.', at + 1))
      path.push_back(std::atoi(field.c_str() + at + 1));
    return {field.substr(0, dash), path};
  }

  // Itself or what it is a part of.
  bool IsCleared(const std::string& field) const {
    for (std::string whole = field; whole.find('-') != whole.npos; whole.resize(whole.find_last_of("-.")))
      if (cleared_.contains(whole)) return true;
    return false;
  }
  void SetParts(const std::string& field, const std::string& value) {
    std::istringstream in(value);
    int number = 0;
    for (std::string text; std::getline(in, text, '^');) {
      std::string part = field + "." + std::to_string(++number);
      if (!text.empty() && !Has(part) && !IsCleared(part)) Set(part, text);
    }
  }

  static Path Sibling(Path path, int number) {
    path.back() = number;
    return path;
  }

  // What OBX-5 holds by OBX-2.
  std::string Observed() const {
    static const std::map<std::string, std::string> values = {
        {"NM", "5"},
        {"DT", "20260301"},
        {"DR", "20260301"},
        {"DTM", "20260301120000+0100"},
        {"TS", "20260301120000+0100"},
        {"TM", "1200"},
        {"DR", "20260301^20260302"},
        {"NR", "1^2"},
        {"CQ", "5^mg"},
        {"SN", ">^10"},
        {"VR", "1^2"},
        {"ED", "^TEXT^plain^Base64^SGVsbG8="},
        {"RP", "https://images.example/1.jpg^^image^jpeg"},
        {"NA", "1^2^3"},
        {"CWE", "A1^A^LN"}};
    auto obx = fields_.find("OBX");
    auto type = obx == fields_.end() ? std::map<Path, std::string>::const_iterator() : obx->second.find({2});
    if (obx == fields_.end() || type == obx->second.end()) return "A1";
    auto it = values.find(type->second);
    return it == values.end() ? "A1" : it->second;
  }

  std::string ValueOf(const std::string& field, int length) const {
    if (field == "OBX-5") return Observed();
    static const std::map<std::string, std::string> by_field = {
        {"AIS-5", "5"},      {"AIS-6.1", "min"},  {"AIS-7", "5"},      {"AIS-8.1", "min"}, {"AIG-9", "5"},
        {"AIG-10.1", "min"}, {"AIG-11", "5"},     {"AIG-12.1", "min"}, {"AIL-7", "5"},     {"AIL-8.1", "min"},
        {"AIL-9", "5"},      {"AIL-10.1", "min"}, {"AIP-7", "5"},      {"AIP-8.1", "min"}, {"AIP-9", "5"},
        {"AIP-10.1", "min"}, {"TQ1-6.1", "5"},    {"TQ1-6.2", "min"},  {"PR1-7", "5"},     {"PID-15", "fr"}};
    if (auto it = by_field.find(field); it != by_field.end()) return it->second;
    static const std::map<std::string, std::string> values = {{"NM", "5"},
                                                              {"SI", "1"},
                                                              {"ID", "Y"},
                                                              {"DT", "20260301"},
                                                              {"TM", "1200"},
                                                              {"DTM", "20260301120000+0100"},
                                                              {"TS", "20260301120000+0100"}};
    static const std::map<std::string, std::string> by_place = {{"CWE.3", "LN"},
                                                                {"CE.3", "LN"},
                                                                {"CNE.3", "LN"},
                                                                {"CWE.6", "LN"},
                                                                {"HD.2", "1.2.250.1.213.1.4.10"},
                                                                {"HD.3", "ISO"},
                                                                {"XCN.17", "20260301&20260302"},
                                                                {"EI.3", "1.2.250.1.71"},
                                                                {"EI.4", "ISO"},
                                                                {"XON.7", "1.2.3"}};
    auto dot = field.rfind('.');
    std::string type = types_.Of(field);
    if (dot != field.npos)
      if (auto it = by_place.find(types_.Of(field.substr(0, dot)) + field.substr(dot)); it != by_place.end())
        return it->second;
    if (type == "DTM" || type == "TS") return length == 1 ? "20260301" : values.at(type);
    if (auto it = values.find(type); it != values.end()) return it->second;
    return "A" + std::string(static_cast<std::size_t>(std::max(length, 2) - 1), '1');
  }

  std::size_t Shared(std::size_t place) const {
    std::set<std::size_t> above;
    for (std::size_t at = about_; at != 0; at = parents_.at(at)) above.insert(parents_.at(at));
    std::size_t shared = 0;
    for (std::size_t at = place; at != 0; at = parents_.at(at)) shared += above.contains(parents_.at(at));
    return shared;
  }

  std::string Write(std::size_t at) const {
    const auto& element = structure_->elements[at];
    std::string name(node::NameText(element.name));
    if (!element.group) {
      auto it = wanted_.find(name);
      bool wanted = it != wanted_.end() && it->second == at;
      bool here = wanted || (!element.optional && (it == wanted_.end() || it->second != at));
      return here && !forbidden_.contains(name) ? Segment(name) : "";
    }
    if (at != 0 && element.optional && !HasWanted(at)) return "";
    std::string text;
    for (std::size_t i = at + 1; i < element.end; i = structure_->elements[i].end) text += Write(i);
    return text;
  }
  bool HasWanted(std::size_t at) const {
    return std::any_of(wanted_.begin(), wanted_.end(), [&](const auto& wanted) {
      return wanted.second > at && wanted.second < structure_->elements[at].end &&
             !forbidden_.contains(wanted.first);
    });
  }

  std::string Segment(const std::string& name) const {
    static const std::map<std::string, std::map<Path, std::string>> usual = {
        {"PID", {{{3}, "4711"}, {{5}, "Exemple"}}},
        {"PV1", {{{2}, "I"}}},
        {"OBR", {{{4}, "A1"}}},
        {"OBX", {{{2}, "ST"}, {{3}, "A1"}, {{5}, "A1"}}},
        {"SCH", {{{11}, "^^^20260301120000+0100"}}},
        {"ORC", {{{1}, "NW"}}}};
    std::map<Path, std::string> fields;
    if (auto it = usual.find(name); it != usual.end()) fields = it->second;
    if (auto it = fields_.find(name); it != fields_.end()) {
      for (const auto& [path, text] : it->second) fields.erase({path[0]});
      for (const auto& [path, text] : it->second) fields[path] = text;
    }
    if (name == "MSH") SetHeader(fields);
    for (const auto& field : cleared_)
      if (auto [segment, path] = Split(field); segment == name) fields.erase(path);
    std::string text = name;
    int last = fields.empty() ? 1 : fields.rbegin()->first[0];
    for (int i = name == "MSH" ? 2 : 1; i <= last; ++i) {
      std::string field = Part(fields, {i}, '^');
      std::string all = field;
      if (auto it = times_.find(name + std::to_string(i)); it != times_.end())
        for (int n = 1; n < it->second; ++n) all += '~' + field;
      text += '|' + all;
    }
    return text + "\r";
  }
  void SetHeader(std::map<Path, std::string>& fields) const {
    std::string event(event_);
    fields[{2}] = "^~\\&";
    if (!cleared_.contains("MSH-7")) fields.insert({{7}, "20260301120000+0100"});
    std::erase_if(fields, [](const auto& field) { return field.first[0] == 9; });
    fields[{9}] = event;
    fields.insert({{10}, "S1"});
    fields.insert({{11}, "P"});
    fields.insert({{12}, "2.8"});
  }

  // The text at `path`: of itself, or of its parts.
  static std::string Part(const std::map<Path, std::string>& fields, const Path& path, char mark) {
    std::map<int, std::string> parts;
    std::string own;
    for (auto it = fields.lower_bound(path); it != fields.end(); ++it) {
      if (it->first.size() < path.size() || !std::equal(path.begin(), path.end(), it->first.begin())) break;
      if (it->first == path) {
        own = it->second;
      } else {
        Path inner(it->first.begin(), it->first.begin() + static_cast<std::ptrdiff_t>(path.size()) + 1);
        parts[inner.back()] = Part(fields, inner, '&');
      }
    }
    if (parts.empty()) return own;
    if (!own.empty()) parts.insert({1, own});
    std::string text;
    for (int i = 1; i <= parts.rbegin()->first; ++i) {
      if (i > 1) text += mark;
      if (auto it = parts.find(i); it != parts.end()) text += it->second;
    }
    return text;
  }

  std::string_view event_;
  const Datatypes& types_;
  const hl7v2::Structure* structure_;
  std::map<std::size_t, std::size_t> parents_;  // the innermost group around
  std::size_t about_ = 0;
  bool is_late_ = false;
  std::map<std::string, std::size_t> wanted_;
  std::set<std::string> forbidden_, cleared_;
  std::map<std::string, std::map<Path, std::string>> fields_;
  std::map<std::string, int> times_;
};

}  // namespace passerelle::tests
