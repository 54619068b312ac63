#include "tests/conformance/v2_generator.h"

#include <algorithm>
#include <chrono>

#include "fhir_model/json/json.h"
#include "mappers/engine/table.h"
#include "mappers/hl7v2/grammar.h"
#include "tests/conformance/score.h"

namespace passerelle::tests {

namespace {

using node::Children;
using node::NodeIndex;
using node::Tree;

Tree ReadJson(const std::filesystem::path& file) {
  auto tree = json::Parse(ReadAll(file), kFileLimits);
  return tree ? *std::move(tree) : Tree(node::Format::Fhir);
}

// "PID.3" names field 3; {"fields": [{"field": "PID.3", "maxOccurs": "unbounded"}, ...]}.
std::vector<Part> PartsOf(const Tree& owners, NodeIndex owner, std::string_view list, std::string_view member,
                          const Tree& types) {
  std::vector<Part> parts;
  for (NodeIndex i = owners.Child(owner, list); i != node::kNone; i = owners.NextOfName(i)) {
    NodeIndex type = types.Child(node::kRoot, owners.ChildText(i, member));
    Part part;
    if (type != node::kNone) {
      part.type = types.ChildText(type, "Type");
      part.table = types.ChildText(type, "Table");
    }
    part.repeats = owners.ChildText(i, "maxOccurs") == "unbounded";
    part.forbidden = owners.ChildText(i, "maxOccurs") == "0";
    parts.push_back(std::move(part));
  }
  return parts;
}

Element ReadGroup(const Tree& groups, std::string_view name) {
  Element group;
  NodeIndex at = groups.Child(node::kRoot, name);
  if (at == node::kNone) return group;
  for (NodeIndex i = groups.Child(at, "elements"); i != node::kNone; i = groups.NextOfName(i)) {
    auto inner = groups.ChildText(i, "group");
    Element element = inner.empty() ? Element{} : ReadGroup(groups, inner);
    element.segment = groups.ChildText(i, "segment");
    element.optional = groups.ChildText(i, "minOccurs") == "0";
    element.repeats = groups.ChildText(i, "maxOccurs") == "unbounded";
    group.parts.push_back(std::move(element));
  }
  return group;
}

Element GroupOf(const hl7v2::Structure& structure, std::size_t at) {
  const auto& element = structure.elements[at];
  Element made;
  made.optional = element.optional;
  made.repeats = element.repeats;
  if (!element.group) made.segment = node::NameText(element.name);
  for (std::size_t i = at + 1; element.group && i < element.end; i = structure.elements[i].end)
    made.parts.push_back(GroupOf(structure, i));
  return made;
}

// Tables of PAM-FR whose codes no map of ours lists, since they pass as they are.
const CodeTables kFrenchTables = {
    {"IHE-FRANCE-ZBE-4", {"INSERT", "UPDATE", "CANCEL"}},
    {"IHE-FRANCE-ZBE-9", {"C", "D", "H", "HMS", "L", "LD", "M", "MH", "S", "SH", "SM"}},
    {"IHE-FRANCE-ZFA-1", {"ACTIF", "FERME", "INEXISTANT"}},
    {"IHE-FRANCE-ZFA-9", {"NA", "IO", "INO"}},
    {"IHE-FRANCE-ZFA-11", {"NA", "INC", "IC"}},
    {"IHE-FRANCE-ZFD-5", {"CB", "CV", "INSI", "RFID", "SM"}},
    {"IHE-FRANCE-ZFD-7", {"AN", "CC", "CE", "CM", "CN", "CS", "LE", "PA", "PC", "TC"}},
    {"IHE-FRANCE-ZFM-1", {"0", "6", "7", "8", "N", "O"}},
    {"IHE-FRANCE-ZFM-2", {"0", "4", "5", "6", "7", "8", "9"}},
    {"IHE-FRANCE-ZFM-3-4", {"1", "2", "3", "4", "5", "6", "7", "R", "U"}},
    {"IHE-FRANCE-ZFM-5", {"5", "U", "V"}},
    {"IHE-FRANCE-ZFV-6", {"ORI", "DST"}},
    {"IHE-FRANCE-ZFV-11", {"MED", "PARAMED", "AUCUN"}},
    {"HL70445", {"VALI", "PROV", "VIDE", "DOUB"}},
    {"HL70125", {"ST", "NM", "CE", "TX", "TS", "SN", "DT", "TM", "FT", "ID"}},
    {"HL70399", {"FRA", "DEU", "BEL"}},
    {"HL70301", {"ISO", "DNS", "L"}},
};

constexpr std::string_view kWords[] = {"Aurore",   "Bastide", "Clairière", "Domaine", "Église", "Forêt",
                                       "Garrigue", "Hameau",  "Île",       "Jardin",  "Lavoir", "Moulin"};

// What senders write where something else is meant.
constexpr std::string_view kNonsense[] = {"00000000",
                                          "20241399",
                                          "-1",
                                          "1.2.3",
                                          "a b",
                                          "2024",
                                          "\"\"",
                                          "é",
                                          "x<y",
                                          "  z ",
                                          "0",
                                          "+",
                                          "1e400",
                                          "ABC",
                                          "20240306250000",
                                          "http://a b",
                                          "99999999999999999999"};

}  // namespace

Grammar::Grammar(const std::filesystem::path& folder) {
  Tree segments = ReadJson(folder / "segments/segments.json"),
       fields = ReadJson(folder / "fields/fields.json"),
       types = ReadJson(folder / "dataTypes/dataTypes.json");
  for (NodeIndex i : Children(segments, node::kRoot))
    segments_[std::string(segments.name(i))] = PartsOf(segments, i, "fields", "field", fields);
  for (NodeIndex i : Children(types, node::kRoot))
    if (types.Child(i, "components") != node::kNone)
      types_[std::string(types.name(i))] = PartsOf(types, i, "components", "dataType", types);
}

const std::vector<Part>* Grammar::Components(const std::string& type) const {
  auto it = types_.find(type);
  return it == types_.end() ? nullptr : &it->second;
}

CodeTables ShippedCodes() {
  CodeTables tables = kFrenchTables;
  const auto files = engine::ShippedTables();
  std::vector<Error> errors;
  for (std::uint32_t i = 0; i < files.size(); ++i)
    for (const auto& codes : engine::ReadTable(files, i, errors).codes)
      for (const auto& line : codes.lines)
        if (line.code != "*" && line.system.empty() && !line.target.empty() &&
            !kFrenchTables.contains(codes.name))
          tables[codes.name].push_back(line.code);
  return tables;
}

Element ReadStructure(const std::filesystem::path& file) {
  std::string name = file.stem().string();
  return ReadGroup(ReadJson(file), name.substr(name.rfind('-') + 1));
}

Element OurStructure(std::string_view event) {
  const auto* structure = hl7v2::FindStructure(hl7v2::StructureOf(event));
  return structure == nullptr ? Element{} : GroupOf(*structure, 0);
}

std::string Generator::Message(std::string_view event, const Element& structure, bool french, int fill) {
  std::string type(event);
  std::replace(type.begin(), type.end(), '-', '^');
  header_ = "MSH|^~\\&|APP^1.2.3.4^ISO|SITE^1.2.3.5^ISO|GW|GW|20260301120000+0100||" + type + "|G" +
            std::to_string(++number_) + "|P|" +
            (french ? "2.5^FRA^2.11|||||FRA|UNICODE UTF-8|||2.11^IHE_FRANCE-2.11-PAM\r"
                    : "2.5||||||UNICODE UTF-8\r");
  std::string out;
  tick_ = 0;
  for (const Element& element : structure.parts) Write(element, fill, out);
  return out;
}

void Generator::Write(const Element& element, int fill, std::string& out) {
  if (element.optional && !Chance(fill)) return;
  int times = element.repeats && Chance(30) ? 2 : 1;
  for (int i = 0; i < times; ++i) {
    if (element.repeats) set_ = i + 1;
    if (!element.segment.empty()) Segment(element.segment, fill, out);
    for (const Element& part : element.parts) Write(part, fill, out);
  }
}

void Generator::Segment(const std::string& name, int fill, std::string& out) {
  if (name == "MSH") {
    out += header_;
    return;
  }
  if (!grammar_.Has(name)) return;
  const auto& fields = grammar_.Fields(name);
  value_type_ = "ST";
  std::string segment = name;
  for (std::size_t i = 0; i < fields.size(); ++i) {
    segment += '|';
    if (!fields[i].forbidden && (i < 3 || Chance(fill))) segment += Field(name, i + 1, fields[i]);
  }
  while (segment.ends_with('|')) segment.pop_back();
  out += segment + "\r";
}

std::string Generator::Field(const std::string& segment, std::size_t number, const Part& part) {
  if (segment == "OBX" && number == 2) {
    value_type_ = Any(codes_.at("HL70125"));
    return value_type_;
  }
  std::string value = Value(part.type == "varies" ? value_type_ : part.type, part.table, 0);
  if (part.repeats && Chance(30)) value += '~' + Value(part.type, part.table, 0);
  return value;
}

// Components are joined by ^, their own by &; what is deeper is its first part.
std::string Generator::Value(const std::string& type, const std::string& table, int depth) {
  const auto* components = grammar_.Components(type);
  if (components == nullptr) return Primitive(type, table);
  std::string value;
  for (std::size_t i = 0; i < components->size(); ++i) {
    const Part& part = (*components)[i];
    if (i > 0 && depth > 1) break;
    if (i > 0) value += depth == 0 ? '^' : '&';
    bool coded = (type == "CE" || type == "CWE" || type == "CNE") && i == 0;
    if (!part.forbidden && (i < 2 || Chance(60)))
      value += Value(part.type, coded ? table : part.table, depth + 1);
  }
  while (value.ends_with('^') || value.ends_with('&')) value.pop_back();
  return value;
}

std::string Generator::Primitive(const std::string& type, const std::string& table) {
  if (sloppy_ > 0 && Chance(sloppy_)) return std::string(Any(kNonsense));
  // Later in the message is later, and more: so that periods and ranges are the right way round.
  auto moment = std::chrono::sys_days(std::chrono::year(1990) / 1 / 1) + std::chrono::days(++tick_);
  std::chrono::year_month_day day(moment);
  auto two = [](unsigned long n) { return (n < 10 ? "0" : "") + std::to_string(n); };
  std::string date = std::to_string(static_cast<int>(day.year())) + two(static_cast<unsigned>(day.month())) +
                     two(static_cast<unsigned>(day.day()));
  std::string time = two(random_() % 24) + two(random_() % 60);
  if (type == "DT") return date;
  if (type == "TM") return time;
  if (type == "DTM") return date + time + two(random_() % 60);
  if (type == "NM") return std::to_string(tick_);
  if (type == "SI") return std::to_string(set_);
  if (auto codes = codes_.find(table); codes != codes_.end()) return Any(codes->second);
  if (type == "ID" || type == "IS") return "C" + std::to_string(random_() % 10);
  return std::string(Any(kWords)) + ' ' + std::to_string(random_() % 1000);
}

}  // namespace passerelle::tests
