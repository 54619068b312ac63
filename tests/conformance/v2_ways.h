#pragma once
// Ways: how a row of our HL7 v2 tables is reached from a message: the event, the segment and where it stands,
// the fields that lead to the row, and map by map what must hold, all in the names of the message. The map of
// XCN, called on PV1-7, asks for "PV1-7.9" where its text says "XCN.9".

#include <cctype>
#include <deque>
#include <map>
#include <string>
#include <vector>

#include "fhir_model/spec/spec.h"
#include "tests/conformance/v2_our_maps.h"

namespace passerelle::tests {

// What is in one map on the way: the row that calls the next, or at the end the row itself.
struct Stage {
  std::string map;  // "PID", "XCN", "ADT_A01"
  Alias alias;
  Term condition;
  engine::Spot row;
};

struct Way {
  const engine::MapText* message = nullptr;
  std::string place;                 // "PID", "PATIENT.PRT", "ORDER/NTE"
  std::vector<std::string> sources;  // what must be filled, from the outside in: "PV1-7", "PV1-7.9"
  std::vector<Stage> stages;         // from the message inwards
  bool known = true;                 // all conditions were understood
  std::string codes;                 // the code map that the row asks

  // All that must hold in the stages from `begin` to `end`.
  Term Condition(std::size_t begin, std::size_t end) const {
    std::vector<Term> all;
    for (std::size_t i = begin; i < end; ++i) all.push_back(stages[i].condition);
    return Term::Of(Term::And, std::move(all));
  }
};

// The fields that a source names: one, or those of an expression.
inline std::vector<std::string> FieldsIn(const std::string& source) {
  if (!source.starts_with('{')) return {source};
  std::vector<std::string> fields;
  for (std::size_t i = 0; i < source.size();) {
    std::size_t end = i;
    while (end < source.size() && (std::isalnum(static_cast<unsigned char>(source[end])) ||
                                   source[end] == '-' || source[end] == '.'))
      ++end;
    std::string word = source.substr(i, end - i);
    auto dash = word.find('-');
    if (dash == 3 && std::isupper(static_cast<unsigned char>(word[0]))) {
      while (word.size() > 4 && !std::isdigit(static_cast<unsigned char>(word.back()))) {
        auto dot = word.rfind('.');
        if (dot == word.npos) break;
        word.resize(dot);
      }
      fields.push_back(word);
    }
    i = std::max(end, i + 1);
  }
  return fields;
}

class Ways {
 public:
  Ways(const OurMaps& maps, const spec::Definitions& definitions) : maps_(maps), definitions_(definitions) {
    for (const auto& map : maps.tables().maps) by_name_[map.names[0]].push_back(&map);
    for (const auto& map : maps.tables().maps) {
      if (map.kind != engine::MapKind::Message) continue;
      Frame frame;
      frame.way.message = &map;
      frame.way.stages.push_back({map.names[0], {}, {}, {}});
      Walk(map.rows, frame, 0);
      while (!waiting_.empty()) {
        Frame next = std::move(waiting_.front());
        waiting_.pop_front();
        Walk(next.map->rows, next, 0);
      }
      visits_.clear();
    }
  }

  const std::vector<Way>& To(engine::Spot spot) const {
    static const std::vector<Way> none;
    auto it = ways_.find({spot.file, spot.line});
    return it == ways_.end() ? none : it->second;
  }

 private:
  // For each message so many calls of a map are followed, and so many ways of a row kept.
  static constexpr int kVisits = 100;
  static constexpr std::ptrdiff_t kWays = 40;
  static constexpr std::size_t kDepth = 5;

  struct Frame {
    const engine::MapText* map = nullptr;
    Way way;
    spec::ShapeId shape = 0;  // of the element in hand; 0: not known
  };

  void Walk(const std::vector<engine::RowText>& rows, const Frame& frame, int nesting) {
    std::vector<Term> chain;  // conditions of the rows that an else stands behind
    for (const engine::RowText& text : rows) {
      if (text.kind == engine::RowKind::Include && nesting < 12) {
        for (const auto* map : Named(text.parts[0])) Walk(map->rows, frame, nesting + 1);
        continue;
      }
      if (text.kind != engine::RowKind::Row && text.kind != engine::RowKind::When) continue;
      Frame at = frame;
      Term when = ReadCondition(text.when, frame.way.stages.back().alias, at.way.known, text.source);
      const std::string found = Found(text, frame);
      NameFields(when, [&](const std::string& name) { return PartOf(found, name); });
      std::vector<Term> all{frame.way.stages.back().condition, when};
      if (!text.is_else) chain.clear();
      for (const Term& before : chain) all.push_back(Term::Of(Term::Otherwise, {before}));
      chain.push_back(when);
      at.way.stages.back().condition = Term::Of(Term::And, all);
      at.way.stages.back().row = text.spot;
      if (text.kind == engine::RowKind::Row) {
        at.shape = ShapeOf(text.target, frame.shape);
        Take(text, at);
      }
      Walk(text.below, at, nesting + 1);
    }
  }

  // "dispenseRequest.quantity" of a MedicationRequest is a Quantity; "+Patient" and "Patient" begin anew.
  spec::ShapeId ShapeOf(std::string target, spec::ShapeId shape) const {
    if (target.starts_with('+')) target.erase(0, 1);
    std::istringstream path(OurPath(target));
    for (std::string step; std::getline(path, step, '.');) {
      step.resize(std::min(step.find(':'), step.size()));
      if (std::isupper(static_cast<unsigned char>(step[0])) != 0) {
        shape = definitions_.FindShape(step);
        continue;
      }
      const auto* child = shape == 0 ? nullptr : definitions_.FindChild(shape, node::Intern(step));
      shape = child == nullptr ? 0 : child->shape;
    }
    return shape;
  }
  // Whether a map gives what stands at the target: itself, or a resource that a Reference refers to.
  bool Gives(const engine::MapText& map, spec::ShapeId shape) const {
    auto given = definitions_.FindShape(map.target.substr(0, map.target.find(':')));
    if (shape == 0 || given == 0) return true;
    return given == shape || (definitions_.ShapeName(shape) == "Reference" && definitions_.IsResource(given));
  }

  // What a row works on, where that is one field.
  static std::string Found(const engine::RowText& text, const Frame& frame) {
    if (text.source.starts_with('"') || text.source == ".")
      return frame.way.sources.empty() ? "" : frame.way.sources.back();
    return text.source.starts_with('{') ? "" : frame.way.stages.back().alias(WithoutRepetition(text.source));
  }

  void Take(const engine::RowText& text, Frame& at) {
    bool in_message = at.way.place.empty();
    if (!text.source.starts_with('"') && text.source != ".") {
      std::string source = at.way.stages.back().alias(WithoutRepetition(text.source));
      if (in_message)
        at.way.place = source;
      else
        for (auto& field : FieldsIn(source)) at.way.sources.push_back(field);
    }
    std::string argument = text.argument;
    at.way.codes = maps_.FindCodes(argument) != nullptr ? argument : "";
    auto& ways = ways_[{text.spot.file, text.spot.line}];
    auto known = std::count_if(ways.begin(), ways.end(),
                               [&](const Way& way) { return way.message == at.way.message; });
    if (known < kWays) ways.push_back(at.way);
    if (at.way.stages.size() <= kDepth) Call(text, at, in_message);
  }

  void Call(const engine::RowText& text, const Frame& at, bool in_message) {
    std::string segment = at.way.place.substr(at.way.place.find_last_of("./") + 1);
    std::string target = text.target.substr(text.target.starts_with('+') ? 1 : 0);
    bool by_name = text.converter.empty() && in_message;
    std::vector<Term> before;  // the first map whose condition holds is taken
    for (const auto* map : Named(by_name ? segment : text.converter)) {
      bool fits = by_name ? map->target == target
                          : text.argument.empty() || map->target == text.argument || !at.way.codes.empty();
      if (!fits || !Gives(*map, at.shape)) continue;
      Frame frame = at;
      frame.map = map;
      frame.shape = definitions_.FindShape(map->target.substr(0, map->target.find(':')));
      Stage stage;
      stage.map = map->names[0].substr(0, map->names[0].find(':'));
      if (map->kind == engine::MapKind::Datatype && !at.way.sources.empty())
        stage.alias = {stage.map, at.way.sources.back()};
      Term when = ReadCondition(map->when, stage.alias, frame.way.known);
      std::vector<Term> own{when};
      for (const Term& other : before) own.push_back(Term::Of(Term::Not, {other}));
      if (!map->when.empty()) before.push_back(when);
      stage.condition = Term::Of(Term::And, own);
      frame.way.stages.push_back(std::move(stage));
      if (visits_[map]++ < kVisits) waiting_.push_back(std::move(frame));
    }
  }

  const std::vector<const engine::MapText*>& Named(const std::string& name) const {
    static const std::vector<const engine::MapText*> none;
    auto it = by_name_.find(name);
    return it == by_name_.end() ? none : it->second;
  }

  const OurMaps& maps_;
  const spec::Definitions& definitions_;
  std::map<std::string, std::vector<const engine::MapText*>> by_name_;
  std::map<std::pair<std::uint32_t, std::uint32_t>, std::vector<Way>> ways_;
  std::map<const engine::MapText*, int> visits_;
  std::deque<Frame> waiting_;
};

}  // namespace passerelle::tests
