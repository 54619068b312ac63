// Rows: source, target, converter and condition of each, with what is indented below it.

#include <algorithm>
#include <array>

#include "mappers/engine/compiler.h"
#include "mappers/engine/errors.h"
#include "mappers/engine/words.h"

namespace passerelle::engine {
namespace {

using convert::Name;

// Which types a converter can fill. Words stand for several: see Fits.
struct Fit {
  Name converter;
  std::string_view types;  // parted by blanks
};
constexpr std::array kFits = {
    Fit{Name::Reference, "Reference"},
    Fit{Name::Apply, "Reference"},
    Fit{Name::Contain, "Reference"},
    Fit{Name::Code, "code Coding CodeableConcept Quantity SimpleQuantity Duration Age string uri"},
    Fit{Name::Coding, "code Coding CodeableConcept"},
    Fit{Name::Text, "[text]"},
    Fit{Name::Join, "[text]"},
    Fit{Name::Encoded, "base64Binary"},
    Fit{Name::Later, "dateTime instant"},
    Fit{Name::Earlier, "dateTime instant"},
    Fit{Name::Prefix, "[text]"},
    Fit{Name::After, "[text]"},
    Fit{Name::Before, "[text]"},
    Fit{Name::Date, "date dateTime string"},
    Fit{Name::DateTime, "dateTime date string"},
    Fit{Name::Instant, "instant"},
    Fit{Name::Time, "time"},
    Fit{Name::Language, "code"},
    Fit{Name::Boolean, "boolean"},
    Fit{Name::Number, "decimal"},
    Fit{Name::Integer, "integer positiveInt unsignedInt"},
    Fit{Name::System, "[text]"},
    Fit{Name::NationalValue, "[text]"},
    Fit{Name::NationalSystem, "[text]"},
    Fit{Name::Quantity, "Quantity SimpleQuantity Age Duration Count Distance Money MoneyQuantity"},
    Fit{Name::Range, "Range"},
    Fit{Name::Ratio, "Ratio"},
    Fit{Name::Period, "Period"},
    Fit{Name::Timing, "Timing Timing.repeat"},
    Fit{Name::DosageRange, "Dosage Dosage.doseAndRate Range"},
    Fit{Name::Attachment, "Attachment Binary"},
    Fit{Name::Base64, "base64Binary"},
    Fit{Name::Narrative, "Narrative xhtml"},
    Fit{Name::Formatted, "[text]"},
};

constexpr std::string_view kTexts = "string markdown code uri url canonical id oid uuid base64Binary";

bool IsAmong(std::string_view type, std::string_view types) {
  while (!types.empty()) {
    auto end = types.find(' ');
    if (types.substr(0, end) == type) return true;
    types = end == types.npos ? std::string_view() : types.substr(end + 1);
  }
  return false;
}

bool Fits(Name converter, std::string_view type) {
  for (const auto& fit : kFits) {
    if (fit.converter != converter) continue;
    return IsAmong(type, fit.types) || (fit.types.starts_with("[text]") && IsAmong(type, kTexts));
  }
  return false;
}

// What a primitive is converted by when a row names nothing.
Name ByType(std::string_view type) {
  struct Default {
    std::string_view types;
    Name converter;
  };
  static constexpr std::array kDefaults = {
      Default{"date", Name::Date},       Default{"dateTime", Name::DateTime},
      Default{"instant", Name::Instant}, Default{"time", Name::Time},
      Default{"boolean", Name::Boolean}, Default{"integer positiveInt unsignedInt", Name::Integer},
      Default{"decimal", Name::Number},  Default{"base64Binary", Name::Base64}};
  for (const auto& row : kDefaults)
    if (IsAmong(type, row.types)) return row.converter;
  return Name::Text;
}

// "\\n" in the text of a row is a line end.
std::string WithLineEnds(std::string_view text) {
  std::string out(text);
  for (auto at = out.find("\\n"); at != out.npos; at = out.find("\\n", at)) out.replace(at, 2, "\n");
  return out;
}

bool IsCoded(std::string_view type) { return IsAmong(type, "code Coding CodeableConcept"); }

}  // namespace

bool Compiler::SetSource(const RowText& text, Row& row) {
  auto source = ReadSource(text.source);
  if (!source) {
    Fail(errors::TableSyntax, text.spot, "the source " + text.source + " cannot be read");
    return false;
  }
  row.source = *std::move(source);
  if (row.source.kind != SourceKind::Expression) return true;
  row.source_expression = ExpressionOf(row.source.text, text.spot, 0);
  return row.source_expression != kNoNumber;
}

// Whether the node that the row finds may have a map of its own with that target.
bool Compiler::HasBestMap(const Source& source, const Context& context, spec::ShapeId shape,
                          std::uint32_t slot) const {
  auto fits = [&](const Maps& maps) {
    return std::any_of(maps.begin(), maps.end(),
                       [&](std::uint32_t m) { return out_.maps[m].Makes(shape, slot, out_); });
  };
  node::NameId name = 0;
  if (source.kind == SourceKind::Nearest && source.steps.empty()) name = source.origin;
  if (!source.steps.empty()) name = source.steps.back().name;
  if (source.kind == SourceKind::Self && context.map != nullptr && !context.map->name.empty())
    name = node::Intern(context.map->name);
  if (auto it = out_.elements.find(name); name != 0 && it != out_.elements.end() && fits(it->second))
    return true;
  if (source.kind == SourceKind::Fields || source.kind == SourceKind::Components) return false;
  if (source.kind == SourceKind::Segments || source.kind == SourceKind::Constant) return false;
  return std::any_of(out_.templates.begin(), out_.templates.end(),
                     [&](const auto& t) { return fits(t.second); });
}

// No converter: a primitive by its type, anything else by the map of the node or the rows below.
bool Compiler::SetDefault(const RowText& text, const Target& target, const Context& context, Row& row) {
  if (out_.definitions.IsPrimitive(target.shape)) {
    row.converter = ByType(target.type);
    if (target.type != "xhtml") return true;
    Fail(errors::TableTarget, text.spot, "a div is made by the narrative converter");
    return false;
  }
  row.best_map = HasBestMap(row.source, context, target.shape, target.path.empty() ? target.slot : kNoNumber);
  row.map_target = target.shape;
  // "+Encounter" alone fills the nearest one with the node's map, or sees to it that there is one.
  bool needs_map = !row.best_map && text.below.empty();
  if (!needs_map) return true;
  Fail(errors::TableName, text.spot,
       "no map for this source has the target " + std::string(out_.definitions.ShapeName(target.shape)));
  return false;
}

bool Compiler::SetArgument(const RowText& text, const Target& target, const convert::NameInfo& info,
                           Row& row) {
  std::string argument = WithLineEnds(Unquoted(text.argument));
  auto fail = [&](std::string what) {
    Fail(errors::TableName, text.spot, std::move(what));
    return false;
  };
  if (info.argument == convert::Argument::None)
    return text.argument.empty() || fail(text.converter + " takes no argument");
  if (text.argument.empty())
    return info.argument == convert::Argument::Type || fail(text.converter + " wants an argument");
  switch (info.argument) {
    case convert::Argument::Text: row.text = argument; return true;
    case convert::Argument::Type:
      row.map_target = out_.definitions.FindShape(argument);
      return out_.definitions.IsResource(row.map_target) || fail("FHIR R4 has no resource " + argument);
    case convert::Argument::Slot:
      row.reference = SlotOf(argument, text.spot);
      if (row.reference == kNoNumber) return false;
      wanted_.emplace_back(row.reference, text.spot);
      return true;
    case convert::Argument::Codes: {
      auto it = codes_.find(argument);
      if (it == codes_.end()) return fail("there is no code map " + argument);
      row.codes = it->second;
      return true;
    }
    case convert::Argument::System:
      if (out_.systems.Has(argument))
        row.text = out_.systems.Find(argument);
      else if (argument.find(':') != argument.npos)
        row.text = argument;
      else
        return fail("there is no system " + argument);
      return true;
    default: break;
  }
  auto it = by_name_.find(argument);
  if (it == by_name_.end()) return fail("there is no map " + argument);
  for (auto map : it->second)
    if (out_.maps[map].makes_resource) row.maps.push_back(map);
  static_cast<void>(target);
  return !row.maps.empty() || fail("the map " + argument + " makes no resource");
}

bool Compiler::SetBuiltIn(const RowText& text, const Target& target, const convert::NameInfo& info,
                          Row& row) {
  row.converter = info.name;
  row.reads_text = info.name == Name::Text || info.name == Name::Formatted;
  if (!Fits(info.name, target.type)) {
    Fail(errors::TableTarget, text.spot, text.converter + " gives no " + std::string(target.type));
    return false;
  }
  return SetArgument(text, target, info, row);
}

// On a Reference: the map makes a resource. The argument chooses where several do.
bool Compiler::SetMapForReference(const RowText& text, const Maps& named, Row& row) {
  spec::ShapeId wanted = 0;
  for (auto map : named) {
    if (!out_.maps[map].makes_resource) continue;
    bool chosen = text.argument.empty() || out_.definitions.ShapeName(out_.maps[map].shape) == text.argument;
    if (!chosen) continue;
    if (wanted != 0 && out_.maps[map].shape != wanted) {
      Fail(errors::TableName, text.spot,
           text.converter + " makes resources of several types: name one after it");
      return false;
    }
    wanted = out_.maps[map].shape;
    row.maps.push_back(map);
  }
  if (!row.maps.empty()) return true;
  Fail(errors::TableName, text.spot, "no map " + text.converter + " makes such a resource");
  return false;
}

bool Compiler::SetMap(const RowText& text, const Target& target, Row& row) {
  auto it = by_name_.find(text.converter);
  if (it == by_name_.end()) {
    Fail(errors::TableName, text.spot, "there is no converter or map " + text.converter);
    return false;
  }
  row.calls_map = true;
  if (target.type == "Reference" && target.kind == TargetKind::Element) {
    bool fills = std::any_of(it->second.begin(), it->second.end(),
                             [&](std::uint32_t m) { return out_.maps[m].shape == target.shape; });
    if (!fills) return SetMapForReference(text, it->second, row);
  }
  if (!text.argument.empty()) {
    auto codes = codes_.find(text.argument);
    if (codes == codes_.end() || !IsCoded(target.type)) {
      Fail(errors::TableName, text.spot,
           codes == codes_.end() ? "there is no code map " + text.argument
                                 : "only coded elements take a code map");
      return false;
    }
    row.codes = codes->second;
  }
  for (auto map : it->second)
    if (out_.maps[map].shape == target.shape) row.maps.push_back(map);
  if (!row.maps.empty()) return true;
  if (row.codes != kNoNumber && target.type == "code") {  // the mapped code is all there is to it
    row.calls_map = false;
    row.converter = Name::Code;
    return true;
  }
  Fail(errors::TableName, text.spot,
       "no map " + text.converter + " has the target " +
           std::string(out_.definitions.ShapeName(target.shape)));
  return false;
}

bool Compiler::SetConverter(const RowText& text, const Target& target, const Context& context, Row& row) {
  if (target.kind == TargetKind::Drop) {
    row.text = Unquoted(text.converter);
    if (IsQuoted(text.converter) && text.argument.empty()) return true;
    Fail(errors::TableSyntax, text.spot, "drop wants its reason in quotes");
    return false;
  }
  if (target.kind == TargetKind::Best) {
    if (text.converter.empty() && text.below.empty()) return true;
    Fail(errors::TableSyntax, text.spot, "* stands alone");
    return false;
  }
  if (text.converter.empty()) return SetDefault(text, target, context, row);
  if (const auto* info = convert::FindName(text.converter)) return SetBuiltIn(text, target, *info, row);
  return SetMap(text, target, row);
}

std::optional<Row> Compiler::BlockOf(const RowText& text, const Context& context) {
  Row row;
  row.target = TargetKind::Block;
  row.is_else = text.is_else;
  if (!text.when.empty()) row.condition = ConditionOf(text.when, text.spot);
  if (text.below.empty()) {
    Fail(errors::TableSyntax, text.spot, "no rows are indented below the condition");
    return std::nullopt;
  }
  row.below = Rows(RowsOf(text.below, context, row.identities), out_);
  return row;
}

std::optional<Row> Compiler::RowOf(const RowText& text, const Context& context) {
  if (text.kind == RowKind::When) return BlockOf(text, context);
  Row row;
  if (!SetSource(text, row)) return std::nullopt;
  auto target = TargetOf(text, context);
  if (!target) return std::nullopt;
  row.target = target->kind;
  row.slot = target->slot;
  row.path = target->path;
  row.url = target->url;
  row.form = convert::FormOf(target->type);
  row.is_else = text.is_else;
  if (!text.when.empty()) row.condition = ConditionOf(text.when, text.spot);
  if (!SetConverter(text, *target, context, row)) return std::nullopt;
  if (row.converter == Name::Language) row.form = convert::Form::Language;
  if (text.below.empty()) return row;
  Context inner{context.map, target->shape, context.map_number};
  row.below = Rows(RowsOf(text.below, inner, row.identities), out_);
  return row;
}

std::vector<Row> Compiler::RowsOf(const std::vector<RowText>& texts, const Context& context,
                                  std::vector<std::uint32_t>& identities) {
  std::vector<Row> rows;
  std::vector<std::string_view> sources;  // of the rows, as written
  for (const auto& text : texts) {
    if (text.kind == RowKind::Identity) {
      if (auto identity = IdentityOf(text, context)) identities.push_back(*identity);
      continue;
    }
    if (text.kind == RowKind::Include) {
      std::vector<std::size_t> open;
      MapText wrapper;
      wrapper.target = context.shape == 0 ? "" : std::string(out_.definitions.ShapeName(context.shape));
      wrapper.rows.push_back(text);
      for (auto& row : RowsOf(Expanded(wrapper, open), context, identities)) {
        rows.push_back(std::move(row));
        sources.push_back(text.parts.front());
      }
      continue;
    }
    if (text.kind == RowKind::Remove) {
      Fail(errors::TableSyntax, text.spot, "remove is for the rows of a map");
      continue;
    }
    auto row = RowOf(text, context);
    if (!row) continue;
    row->number = static_cast<std::uint32_t>(out_.spots.size());
    out_.spots.push_back(text.spot);
    if (row->target == TargetKind::Drop) out_.reasons[row->number] = row->text;
    rows.push_back(*std::move(row));
    sources.push_back(text.source);
  }
  MarkChains(rows, sources);
  return rows;
}

// A chain is a row and the else rows behind it; only chains keep account of the nodes they took.
void Compiler::MarkChains(std::vector<Row>& rows, const std::vector<std::string_view>& sources) const {
  std::size_t begin = 0;
  for (std::size_t i = 0; i < rows.size(); ++i) {
    if (!rows[i].is_else) begin = i;
    if (i == begin) continue;
    rows[i].chained = rows[i - 1].chained = true;
    rows[i].else_by_node = std::all_of(sources.begin() + static_cast<std::ptrdiff_t>(begin),
                                       sources.begin() + static_cast<std::ptrdiff_t>(i),
                                       [&](std::string_view source) { return source == sources[i]; });
  }
}

}  // namespace passerelle::engine
