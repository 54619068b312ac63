#include "mappers/engine/compiler.h"

#include <algorithm>

#include "mappers/engine/errors.h"
#include "mappers/engine/words.h"

namespace passerelle::engine {
namespace {

std::string_view WithoutLabel(std::string_view name) {
  // "OBX:component" has a label, "sdtc:id" a prefix: labels stand behind names in capitals.
  auto colon = name.find(':');
  bool label = colon != name.npos && name[0] >= 'A' && name[0] <= 'Z';
  return label ? name.substr(0, colon) : name;
}

bool HasLabel(std::string_view name) { return WithoutLabel(name).size() != name.size(); }

bool IsWord(std::string_view text) {
  return !text.empty() && std::all_of(text.begin(), text.end(), [](char c) {
    return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9');
  });
}

}  // namespace

void Compiler::Fail(const ErrorInfo& info, Spot spot, std::string what) {
  errors_.push_back(TableError(info, files_, spot, std::move(what)));
}

void Compiler::Compile(Tables tables) {
  AddSystems(std::move(tables.systems));
  AddCodes(std::move(tables.codes));
  out_.precedence = std::move(tables.precedence);
  for (const auto& group : tables.apart) out_.apart.push_back(node::Intern(group));
  texts_ = std::move(tables.maps);
  AddMaps(texts_);
  for (std::uint32_t i = 0; i < texts_.size(); ++i) {
    std::vector<std::size_t> open{i};
    auto rows = Expanded(texts_[i], open);
    Context context{&out_.maps[i], out_.maps[i].shape, i};
    std::vector<std::uint32_t> identities;
    auto compiled = RowsOf(rows, context, identities);
    out_.maps[i].rows = Rows(std::move(compiled), out_);
    out_.maps[i].identities = std::move(identities);
    if (!texts_[i].when.empty()) out_.maps[i].condition = ConditionOf(texts_[i].when, texts_[i].spot);
  }
  std::vector<std::uint32_t> none;
  out_.everywhere = RowsOf(tables.everywhere, {}, none);
  for (std::uint32_t i = 0; i < out_.everywhere.size(); ++i) {
    const Row& row = out_.everywhere[i];
    if (row.target == TargetKind::Drop && !row.source.steps.empty())
      out_.everywhere_drops[row.source.steps.back().name].push_back(i);
    bool kept = row.target == TargetKind::Kept;
    out_.everywhere_keeps = out_.everywhere_keeps || kept;
    out_.everywhere_drops_only = out_.everywhere_drops_only && (kept || row.target == TargetKind::Drop);
  }
  SortTemplates();
  CheckSlots();
  CheckCycles();
}

void Compiler::AddMaps(const std::vector<MapText>& maps) {
  out_.maps.resize(maps.size());
  for (std::uint32_t i = 0; i < maps.size(); ++i) {
    const MapText& text = maps[i];
    Map& map = out_.maps[i];
    map.kind = text.kind;
    map.name = text.names.front();
    map.spot = text.spot;
    if (text.kind == MapKind::Message) {
      AddEvents(text, i);
      continue;
    }
    auto colon = text.target.find(':');
    map.shape = out_.definitions.FindShape(text.target.substr(0, colon));
    if (map.shape == 0) {
      Fail(errors::TableTarget, text.spot, "FHIR R4 has no " + text.target);
      continue;
    }
    map.makes_resource = out_.definitions.IsResource(map.shape);
    if (map.makes_resource)
      map.slot = SlotOf(map.shape, colon == text.target.npos ? "" : text.target.substr(colon + 1));
    for (const auto& name : text.names) {
      by_name_[name].push_back(i);
      if (text.kind == MapKind::Template) out_.templates[name].push_back(i);
    }
    if ((text.kind == MapKind::Segment || text.kind == MapKind::Element) && !HasLabel(map.name))
      out_.elements[node::Intern(map.name)].push_back(i);
  }
}

void Compiler::AddEvents(const MapText& text, std::uint32_t number) {
  for (const auto& event : text.events) {
    auto [it, added] = out_.events.try_emplace(event, number);
    if (!added && it->second != number)
      Fail(errors::TableTwice, text.spot, "the event " + event + " has a message map already");
  }
}

// Templates of a more particular authority first, then the longer id.
void Compiler::SortTemplates() {
  for (auto& [id, maps] : out_.templates)
    std::stable_sort(maps.begin(), maps.end(), [&](std::uint32_t a, std::uint32_t b) {
      return out_.maps[a].condition != kNoNumber && out_.maps[b].condition == kNoNumber;
    });
}

void Compiler::AddCodes(std::vector<CodesText> codes) {
  for (auto& text : codes) {
    codes_[text.name] = static_cast<std::uint32_t>(out_.codes.size());
    CodeMap& map = out_.codes.emplace_back();
    map.name = std::move(text.name);
    map.system = std::move(text.system);
    map.table = out_.systems.Find(map.name.substr(0, map.name.find(':')));
    for (auto& line : text.lines) {
      CodeLine compiled{{}, std::move(line.target), std::move(line.display), std::move(line.target_system)};
      compiled.same = compiled.code == "=";
      compiled.is_default = line.code == "*";
      if (!line.system.empty()) out_.systems.UriOf(line.system, compiled.system);
      if (line.code == "*")
        map.otherwise.push_back(std::move(compiled));
      else
        map.lines[line.code].push_back(std::move(compiled));
    }
    for (auto& [code, lines] : map.lines)  // a line for one system before the line for all
      std::stable_partition(lines.begin(), lines.end(), [](const CodeLine& l) { return !l.system.empty(); });
  }
}

void Compiler::AddSystems(std::vector<SystemText> systems) {
  for (auto& system : systems) out_.systems.Set(std::move(system.from), std::move(system.to));
}

const MapText* Compiler::FindIncluded(const RowText& row, const MapText& into) {
  auto it = by_name_.find(row.parts.front());
  if (it == by_name_.end()) {
    Fail(errors::TableName, row.spot, "there is no map " + row.parts.front() + " to include");
    return nullptr;
  }
  for (auto number : it->second)
    if (texts_[number].target == into.target) return &texts_[number];
  if (it->second.size() > 1) {
    Fail(errors::TableName, row.spot,
         "several maps are named " + row.parts.front() + ", none with this target");
    return nullptr;
  }
  return &texts_[it->second.front()];
}

// The rows of a map with those of the maps it includes in their place.
std::vector<RowText> Compiler::Expanded(const MapText& map, std::vector<std::size_t>& open) {
  std::set<std::string> own;
  for (const auto& row : map.rows)
    if (row.kind != RowKind::Include) own.insert(row.Group());
  std::vector<RowText> rows;
  for (const auto& row : map.rows) {
    if (row.kind != RowKind::Include) {
      rows.push_back(row);
      continue;
    }
    const MapText* included = FindIncluded(row, map);
    if (included == nullptr) continue;
    auto number = static_cast<std::size_t>(included - texts_.data());
    if (std::find(open.begin(), open.end(), number) != open.end()) {
      Fail(errors::TableCycle, row.spot, row.parts.front() + " includes itself");
      continue;
    }
    open.push_back(number);
    for (auto& theirs : Expanded(*included, open))
      if (!own.contains(theirs.Group())) rows.push_back(std::move(theirs));
    open.pop_back();
  }
  return rows;
}

std::uint32_t Compiler::SourceNumber(Source source) {
  out_.externals.push_back(std::move(source));
  return static_cast<std::uint32_t>(out_.externals.size() - 1);
}

std::uint32_t Compiler::ConditionOf(const std::string& text, Spot spot) {
  Condition condition;
  if (auto quick = ReadQuickly(text, [&](Source source) { return SourceNumber(std::move(source)); }))
    condition.operations = *std::move(quick);
  else
    condition.expression = ExpressionOf(text, spot, 0);
  out_.conditions.push_back(std::move(condition));
  return static_cast<std::uint32_t>(out_.conditions.size() - 1);
}

// With a shape the expression is about FHIR and typed, without about the source tree.
std::uint32_t Compiler::ExpressionOf(std::string_view text, Spot spot, spec::ShapeId shape) {
  path::CompileOptions options;
  if (shape != 0) {
    options.definitions = &out_.definitions;
    options.type = out_.definitions.ShapeName(shape);
    options.strict = true;
  } else {
    options.table_names = true;
    options.external = [&](std::string_view token) -> std::optional<std::uint32_t> {
      auto source = ReadSource(token);
      if (!source) return std::nullopt;
      return SourceNumber(*std::move(source));
    };
  }
  auto compiled = path::Expression::Compile(text, options);
  if (!compiled) {
    Fail(errors::TableCondition, spot, std::string(text) + ": " + compiled.error().Text());
    return kNoNumber;
  }
  out_.expressions.push_back(*std::move(compiled));
  return static_cast<std::uint32_t>(out_.expressions.size() - 1);
}

std::uint32_t Compiler::SlotOf(spec::ShapeId shape, std::string_view label) {
  for (std::uint32_t i = 0; i < out_.slots.size(); ++i)
    if (out_.slots[i].shape == shape && out_.slots[i].label == label) return i;
  out_.slots.push_back({shape, node::Intern(out_.definitions.ShapeName(shape)), std::string(label)});
  return static_cast<std::uint32_t>(out_.slots.size() - 1);
}

// "Patient", "Provenance:source"
std::uint32_t Compiler::SlotOf(std::string_view text, Spot spot) {
  auto colon = text.find(':');
  auto shape = out_.definitions.FindShape(text.substr(0, colon));
  if (shape == 0 || !out_.definitions.IsResource(shape)) {
    Fail(errors::TableTarget, spot, "FHIR R4 has no resource " + std::string(text.substr(0, colon)));
    return kNoNumber;
  }
  return SlotOf(shape, colon == text.npos ? std::string_view() : text.substr(colon + 1));
}

std::uint32_t Compiler::KeyOf(std::string_view text) {
  auto [it, added] = keys_.try_emplace(std::string(text), static_cast<std::uint32_t>(keys_.size() + 1));
  return it->second;
}

std::optional<IdentityPart> Compiler::PartOf(const std::string& text, Spot spot, const Context& context) {
  IdentityPart part;
  if (IsQuoted(text)) {
    part.kind = IdentityPart::Constant;
    part.text = Unquoted(text);
    return part;
  }
  auto type = text.substr(0, text.find(':'));
  if (text[0] >= 'A' && text[0] <= 'Z' && IsWord(type)) {
    part.kind = IdentityPart::Resource;
    part.slot = SlotOf(text, spot);
    if (part.slot == kNoNumber) return std::nullopt;
    wanted_.emplace_back(part.slot, spot);
    return part;
  }
  if (IsWord(text)) {
    part.element = node::Intern(text);
    if (out_.definitions.FindChild(context.shape, part.element) != nullptr) return part;
    Fail(errors::TableTarget, spot,
         std::string(out_.definitions.ShapeName(context.shape)) + " has no " + text);
    return std::nullopt;
  }
  part.kind = IdentityPart::Path;
  part.expression = ExpressionOf(text, spot, context.shape);
  return part.expression == kNoNumber ? std::nullopt : std::optional(part);
}

std::optional<std::uint32_t> Compiler::IdentityOf(const RowText& text, const Context& context) {
  if (context.shape == 0 || !out_.definitions.IsResource(context.shape)) {
    Fail(errors::TableTarget, text.spot, "only a resource has an identity");
    return std::nullopt;
  }
  Identity identity;
  for (const auto& part : text.parts) {
    auto compiled = PartOf(part, text.spot, context);
    if (!compiled) return std::nullopt;
    identity.parts.push_back(*std::move(compiled));
  }
  if (!text.when.empty()) identity.condition = ConditionOf(text.when, text.spot);
  out_.identities.push_back(std::move(identity));
  return static_cast<std::uint32_t>(out_.identities.size() - 1);
}

// A reference to what no row makes can never be.
void Compiler::CheckSlots() {
  for (const auto& map : out_.maps)
    if (map.slot != kNoNumber) made_.insert(map.slot);
  for (const auto& [wanted, spot] : wanted_) {
    const Slot& slot = out_.slots[wanted];
    bool found = std::any_of(made_.begin(), made_.end(), [&](std::uint32_t number) {
      const Slot& made = out_.slots[number];
      return made.shape == slot.shape && (slot.label.empty() || made.label == slot.label);
    });
    if (found) continue;
    std::string name(out_.definitions.ShapeName(slot.shape));
    if (!slot.label.empty()) name += ":" + slot.label;
    Fail(errors::TableName, spot, "no row makes a " + name);
  }
}

namespace {

// Calls visit(map) for each map that these rows call on the very node they stand on.
template <class Visit>
void ForEachCallOnSelf(const Rows& rows, const Visit& visit) {
  for (const Row& row : rows) {
    bool on_self = row.source.kind == SourceKind::Self;
    if (on_self && row.calls_map)
      for (auto map : row.maps) visit(map);
    if (on_self) ForEachCallOnSelf(row.below, visit);
  }
}

}  // namespace

void Compiler::FindCircle(std::uint32_t map, std::vector<std::uint8_t>& state) {
  enum : std::uint8_t { New, Open, Done };
  if (state[map] == Done) return;
  if (state[map] == Open) {
    Fail(errors::TableCycle, out_.maps[map].spot, out_.maps[map].name + " calls itself on the same node");
    return;
  }
  state[map] = Open;
  ForEachCallOnSelf(out_.maps[map].rows, [&](std::uint32_t next) { FindCircle(next, state); });
  state[map] = Done;
}

void Compiler::CheckCycles() {
  std::vector<std::uint8_t> state(out_.maps.size());
  for (std::uint32_t i = 0; i < out_.maps.size(); ++i) FindCircle(i, state);
}

}  // namespace passerelle::engine
