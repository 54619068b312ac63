// Conditions and expressions on the source tree, and which map is the best for a node.

#include <algorithm>

#include "fhir_model/base/decimal.h"
#include "mappers/engine/rules.h"
#include "mappers/engine/run.h"

namespace passerelle::engine {

using node::Children;
using node::kNone;
using node::kRoot;
using node::NodeIndex;

namespace {

path::Machine& TheMachine() {
  static thread_local path::Machine machine;
  return machine;
}

// True, false, nothing: as FHIRPath counts.
constexpr std::int8_t kFalse = 0, kTrue = 1, kNothing = -1;

std::int8_t And(std::int8_t a, std::int8_t b) {
  if (a == kFalse || b == kFalse) return kFalse;
  return a == kTrue && b == kTrue ? kTrue : kNothing;
}
std::int8_t Or(std::int8_t a, std::int8_t b) {
  if (a == kTrue || b == kTrue) return kTrue;
  return a == kFalse && b == kFalse ? kFalse : kNothing;
}

bool FitsLength(const Operation& operation, std::string_view text) {
  auto starts_character = [](char c) { return (static_cast<unsigned char>(c) & 0xC0) != 0x80; };
  auto length = static_cast<std::uint32_t>(std::count_if(text.begin(), text.end(), starts_character));
  return operation.code == Operation::LengthMore   ? length > operation.count
         : operation.code == Operation::LengthLess ? length < operation.count
                                                   : length == operation.count;
}

bool Fits(const Operation& operation, std::string_view text) {
  if (operation.code == Operation::IsDecimal)
    return text.find_first_of("eE") == text.npos && Decimal::Parse(text).has_value();
  if (operation.literals.empty()) return FitsLength(operation, text);
  const std::string& literal = operation.literals[0];
  auto within = [&](char c) { return literal[static_cast<unsigned char>(c)] == '1'; };
  switch (operation.code) {
    case Operation::Starts: return text.starts_with(literal);
    case Operation::Contains: return text.find(literal) != text.npos;
    case Operation::BeginsWithin: return !text.empty() && within(text.front());
    default:
      return !text.empty() && (operation.count == 0 || text.size() == operation.count) &&
             std::all_of(text.begin(), text.end(), within);
  }
}

}  // namespace

std::int8_t Run::Operate(const Operation& operation, NodeIndex node, NodeIndex hand) {
  std::size_t begin = operands_.size();
  const Source& operand = p_.externals[operation.operand];
  const NodeIndex start = StartOf(operand, operation.in_hand && hand != kNone ? hand : node);
  finder_.Find(operand, start, operands_, below_ != nullptr && below_->node == start ? below_ : nullptr);
  if (!operation.filter.empty()) {
    std::size_t kept = begin;
    for (std::size_t i = begin; i < operands_.size(); ++i)
      if (Decide(operation.filter, operands_[i], hand) == kTrue) operands_[kept++] = operands_[i];
    operands_.resize(kept);
  }
  std::size_t count = operands_.size() - begin;
  const node::Node* only = count == 1 ? &source_[operands_[begin]] : nullptr;
  operands_.resize(begin);
  auto is = [&](const std::string& literal) {
    return only != nullptr && only->kind != node::Kind::Element && only->text == literal;
  };
  switch (operation.code) {
    case Operation::Exists: return count > 0;
    case Operation::Empty: return count == 0;
    case Operation::CountMore: return count > operation.count;
    case Operation::CountIs: return count == operation.count;
    case Operation::Equal: return count == 0 ? kNothing : is(operation.literals[0]);
    case Operation::NotEqual: return count == 0 ? kNothing : !is(operation.literals[0]);
    case Operation::Starts:
    case Operation::Contains:
    case Operation::BeginsWithin:
    case Operation::IsWithin:
    case Operation::IsDecimal:
    case Operation::LengthMore:
    case Operation::LengthLess:
    case Operation::LengthIs:
      if (count == 0) return kNothing;
      return only != nullptr && only->kind != node::Kind::Element && Fits(operation, only->text);
    case Operation::In:
      if (count == 0) return kNothing;
      return std::any_of(operation.literals.begin(), operation.literals.end(), is);
    default: return kNothing;
  }
}

// Where a name in a condition is looked for. CX.4 is a part of the value in hand: of the one that the map is
// about or, in the map of a segment, of the field that the row found.
NodeIndex Run::StartOf(const Source& source, NodeIndex node) const {
  return source.kind == SourceKind::Components && value_in_hand_ != kNone ? value_in_hand_ : node;
}

// `node` is what a source found, `hand` the node that the row works on.
bool Run::Holds(std::uint32_t number, NodeIndex node, NodeIndex hand) {
  value_in_hand_ = hand != kNone && source_[hand].position != 0 ? hand : node;
  const Condition& condition = p_.conditions[number];
  if (condition.operations.empty()) {
    path::Environment environment;
    environment.services = this;
    environment.resource = environment.root_resource = path::Item::Of(source_, kRoot);
    environment.context = path::Item::Of(source_, hand == kNone ? node : hand);
    focus_ = node;
    auto result =
        TheMachine().Test(p_.expressions[condition.expression], path::Item::Of(source_, node), environment);
    if (!result) Report(rules::ExpressionFailed, node, {p_.expressions[condition.expression].text()});
    return result && *result;
  }
  return Decide(condition.operations, node, hand) == kTrue;
}

std::int8_t Run::Decide(const std::vector<Operation>& operations, NodeIndex node, NodeIndex hand) {
  if (operations.size() == 1) return Operate(operations[0], node, hand);
  std::int8_t stack[64];  // two for each parenthesis that may be open (condition.cpp), and the last
  std::size_t top = 0;
  for (std::size_t at = 0; at < operations.size(); ++at) {
    const Operation& operation = operations[at];
    switch (operation.code) {
      case Operation::SkipIfFalse:
      case Operation::SkipIfTrue:
        if (stack[top - 1] == (operation.code == Operation::SkipIfTrue ? kTrue : kFalse))
          at += operation.count;
        break;
      case Operation::Not:
        if (stack[top - 1] != kNothing) stack[top - 1] = stack[top - 1] == kTrue ? kFalse : kTrue;
        break;
      case Operation::And:
      case Operation::Or:
        --top;
        stack[top - 1] = operation.code == Operation::And ? And(stack[top - 1], stack[top])
                                                          : Or(stack[top - 1], stack[top]);
        break;
      default: stack[top++] = Operate(operation, node, hand);
    }
  }
  return stack[0];
}

void Run::EvaluateSource(const Row& row, const Hand& hand) {
  path::Environment environment;
  environment.services = this;
  environment.resource = environment.root_resource = path::Item::Of(source_, kRoot);
  touched_.clear();
  focus_ = hand.node;
  value_in_hand_ = hand.node;
  recording_ = true;
  const auto& expression = p_.expressions[row.source_expression];
  auto result = TheMachine().Evaluate(expression, path::Item::Of(source_, hand.node), environment);
  recording_ = false;
  if (!result) {
    Report(rules::ExpressionFailed, hand.node, {expression.text()});
    return;
  }
  for (const path::Item& item : *result) {
    if (item.kind == path::ItemKind::Node && item.tree == &source_) {
      found_.push_back({item.node, {}, false});
    } else if (item.kind == path::ItemKind::Boolean) {
      found_.push_back({hand.node, item.boolean ? "true" : "false", true});
    } else if (item.kind == path::ItemKind::Integer) {
      found_.push_back({hand.node, draft_.bundle.Keep(std::to_string(item.integer)), true});
    } else if (auto text = path::TextOf(item); !text.empty()) {
      found_.push_back({hand.node, draft_.bundle.Keep(text), true});
    }
  }
}

bool Run::Variable(std::string_view name, std::vector<path::Item>& out) {
  if (name == "message") {
    out.push_back(path::Item::Of(source_, kRoot));
    return true;
  }
  node::NameId id = node::Find(name);
  NodeIndex nearest = id == 0 ? kNone : finder_.Nearest(focus_, id);
  if (nearest != kNone) out.push_back(path::Item::Of(source_, nearest));
  return true;
}

void Run::External(std::uint32_t slot, const path::Item& focus, std::vector<path::Item>& out) {
  if (focus.kind != path::ItemKind::Node || focus.tree != &source_) return;
  std::size_t begin = operands_.size();
  finder_.Find(p_.externals[slot], StartOf(p_.externals[slot], focus.node), operands_);
  for (std::size_t i = begin; i < operands_.size(); ++i) {
    out.push_back(path::Item::Of(source_, operands_[i]));
    if (recording_) touched_.push_back(operands_[i]);
  }
  operands_.resize(begin);
}

std::uint32_t Run::Choose(const Maps& maps, NodeIndex node) {
  for (auto map : maps)
    if (p_.maps[map].condition == kNoNumber || Holds(p_.maps[map].condition, node, node)) return map;
  return kNoNumber;
}

// The maps of the templates that a CDA element carries: those of the authorities named first, then the longer
// ids.
void Run::AddTemplates(NodeIndex node, Maps& maps) {
  static const node::NameId template_id = node::Intern("templateId"), root = node::Intern("@root");
  struct Claim {
    std::size_t rank, size;
    const Maps* maps;
  };
  std::vector<Claim> claims;
  for (NodeIndex child : Children(source_, node)) {
    if (source_[child].name != template_id) continue;
    NodeIndex id = source_.Child(child, root);
    auto it = id == kNone ? p_.templates.end() : p_.templates.find(source_[id].text);
    if (it == p_.templates.end()) continue;
    std::string_view oid = source_[id].text;
    auto first = std::find_if(p_.precedence.begin(), p_.precedence.end(),
                              [&](const std::string& start) { return oid.starts_with(start); });
    claims.push_back({static_cast<std::size_t>(first - p_.precedence.begin()), oid.size(), &it->second});
  }
  std::stable_sort(claims.begin(), claims.end(), [](const Claim& a, const Claim& b) {
    return a.rank != b.rank ? a.rank < b.rank : a.size > b.size;
  });
  for (const Claim& claim : claims) maps.insert(maps.end(), claim.maps->begin(), claim.maps->end());
}

// With a shape (and slot) a map for that, else one that makes any resource.
// Whether the best template map makes no resource: the node is an attribute or a note of the entry around it.
bool Run::IsPartOfAnother(NodeIndex node, const Maps& templates) {
  for (auto number : templates) {
    const Map& map = p_.maps[number];
    if (map.condition == kNoNumber || Holds(map.condition, node, node)) return !map.makes_resource;
  }
  return false;
}

std::uint32_t Run::Best(NodeIndex node, spec::ShapeId shape, std::uint32_t slot) {
  Maps templates;
  if (source_.format() == node::Format::Cda && !p_.templates.empty()) AddTemplates(node, templates);
  if (shape == 0 && IsPartOfAnother(node, templates)) return kNoNumber;
  auto it = p_.elements.find(source_[node].name);
  auto try_all = [&](bool exactly) {
    auto among = [&](const Maps& maps) {
      for (auto number : maps) {
        const Map& map = p_.maps[number];
        bool fits = shape == 0 ? map.makes_resource : map.Makes(shape, slot, p_);
        if (!fits || (exactly && slot != kNoNumber && map.slot != slot)) continue;
        if (map.condition == kNoNumber || Holds(map.condition, node, node)) return number;
      }
      return kNoNumber;
    };
    auto best = among(templates);
    return best != kNoNumber || it == p_.elements.end() ? best : among(it->second);
  };
  auto best = try_all(true);
  return best != kNoNumber || slot == kNoNumber ? best : try_all(false);
}

std::uint32_t FindEvent(const Program::Compiled& program, const node::Tree& message) {
  static const node::NameId msh = node::Intern("MSH"), type = node::Intern("MSH-9"),
                            code = node::Intern("MSH-9.1"), trigger = node::Intern("MSH-9.2");
  NodeIndex header = message.root().first;
  if (header == kNone || message[header].name != msh) return kNoNumber;
  NodeIndex field = message.Child(header, type);
  if (field == kNone) return kNoNumber;
  NodeIndex first = message.Child(field, code), second = message.Child(field, trigger);
  if (first == kNone) return kNoNumber;
  std::string event(message[first].text);
  event += '^';
  std::string any = event + '*';
  if (second != kNone) event += message[second].text;
  auto it = program.events.find(event);
  if (it == program.events.end()) it = program.events.find(any);
  return it == program.events.end() ? kNoNumber : it->second;
}

}  // namespace passerelle::engine
