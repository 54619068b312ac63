// The part of the compiler that knows types: names to steps, calls to functions, type specifiers.

#include <re2/re2.h>

#include <algorithm>
#include <array>

#include "fhir_model/path/compiler.h"
#include "fhir_model/path/errors.h"
#include "fhir_model/path/regex.h"

namespace passerelle::path {
namespace {

enum Flags : std::uint8_t { kEach = 1, kOrdered = 2, kText = 4, kType = 8 };
enum class Gives : std::uint8_t {
  Unknown,
  Input,
  Argument,
  Type,
  Extension,
  Unordered,
  Boolean,
  Integer,
  Decimal,
  String,
  Date,
  DateTime,
  Time,
  Quantity
};

struct SystemType {
  std::string_view name;
  ItemKind kind;
};
constexpr std::array<SystemType, 9> kSystemTypes = {{{"Boolean", ItemKind::Boolean},
                                                     {"Integer", ItemKind::Integer},
                                                     {"Decimal", ItemKind::Decimal},
                                                     {"String", ItemKind::String},
                                                     {"Date", ItemKind::Date},
                                                     {"DateTime", ItemKind::DateTime},
                                                     {"Time", ItemKind::Time},
                                                     {"Quantity", ItemKind::Quantity},
                                                     {"Any", ItemKind::None}}};

ItemKind KindOf(Gives gives) {
  switch (gives) {
    case Gives::Boolean: return ItemKind::Boolean;
    case Gives::Integer: return ItemKind::Integer;
    case Gives::Decimal: return ItemKind::Decimal;
    case Gives::String: return ItemKind::String;
    case Gives::Date: return ItemKind::Date;
    case Gives::DateTime: return ItemKind::DateTime;
    case Gives::Time: return ItemKind::Time;
    case Gives::Quantity: return ItemKind::Quantity;
    default: return ItemKind::None;
  }
}

}  // namespace

struct Compiler::FunctionRow {
  std::string_view name;
  Function function;
  std::uint8_t fewest, most, flags;
  Gives gives;
};

const Compiler::FunctionRow* Compiler::FindFunction(std::string_view name) {
  static constexpr FunctionRow kFunctions[] = {
#define FUNCTION(id, text, fewest, most, flags, result) \
  {text, Function::id, fewest, most, flags, Gives::result},
#include "fhir_model/path/functions.def"
#undef FUNCTION
  };
  for (const auto& row : kFunctions)
    if (row.name == name) return &row;
  return nullptr;
}

Step Compiler::StepByName(std::string_view name) {
  Step step;
  step.name = options_.trusted ? node::Intern(name) : node::Find(name);
  step.text = step.name != 0 ? node::NameText(step.name) : program_.Keep(name);
  return step;
}

Compiler::Term Compiler::AddStep(Term input, const Step& step, Static type) {
  Op& last = program_.ops[input.op];
  program_.steps.push_back(step);
  if (last.code == Code::Steps && last.right + last.count + 1u == program_.steps.size() &&
      last.count < 0xFFFF) {
    ++last.count;
    return {input.op, std::move(type)};
  }
  Op op{Code::Steps};
  op.left = input.op;
  op.right = static_cast<std::uint32_t>(program_.steps.size() - 1);
  op.count = 1;
  program_.ops.push_back(op);
  depths_.push_back(static_cast<std::uint16_t>(depths_[input.op] + 1));
  return {static_cast<OpIndex>(program_.ops.size() - 1), std::move(type)};
}

Result<Compiler::Term> Compiler::Member(const Term* left, std::string_view name, bool delimited,
                                        std::size_t offset) {
  // "A\u0000" and the like cannot be names; an empty one finds nothing.
  if (name.empty()) return SyntaxError(offset, "a name that is empty");
  if (left == nullptr && name[0] >= 'A' && name[0] <= 'Z')
    if (auto root = RootType(name, offset)) return *std::move(root);
  (void)delimited;
  Term input = left != nullptr ? *left : This();
  if (input.type.known && input.type.value != ItemKind::None && options_.strict)
    return Semantic(offset, "a value has no element '" + std::string(name) + "'");
  if (program_.model && input.type.known && !input.type.shapes.empty())
    return TypedMember(std::move(input), name, offset);
  Step step = StepByName(name);
  if (program_.model) {
    auto names = program_.model->Choices(step.name);
    step.first_choice = static_cast<std::uint32_t>(program_.choices.size());
    step.choice_count = static_cast<std::uint32_t>(names.size());
    program_.choices.insert(program_.choices.end(), names.begin(), names.end());
  } else {
    step.prefix = !options_.table_names;
  }
  Static type;
  type.ordered = input.type.ordered;
  return AddStep(std::move(input), step, std::move(type));
}

// `Patient` at the start of a path. Nothing: it is an ordinary name.
std::optional<Result<Compiler::Term>> Compiler::RootType(std::string_view name, std::size_t offset) {
  const Model* model = program_.model.get();
  const Static& focus = this_types_.back();
  if (model != nullptr && !model->IsType(name)) return std::nullopt;
  if (model != nullptr && focus.known && !focus.shapes.empty()) {
    const auto& definitions = model->definitions();
    for (spec::ShapeId shape : focus.shapes)
      if (definitions.IsA(definitions.ShapeName(shape), name)) return This();
    bool narrower = std::any_of(focus.shapes.begin(), focus.shapes.end(), [&](spec::ShapeId shape) {
      return definitions.IsA(name, definitions.ShapeName(shape));
    });
    if (!narrower && options_.strict)
      return Result<Term>(Semantic(offset, "this is never a " + std::string(name)));
    if (!narrower) return Add({Code::Empty}, {});
  }
  Term input = This();
  Op op{Code::TypeRoot};
  op.left = input.op;
  op.right = static_cast<std::uint32_t>(program_.steps.size());
  program_.steps.push_back(StepByName(name));
  Static type;
  if (model != nullptr) type = {true, true, {model->definitions().FindShape(name)}, ItemKind::None};
  if (model != nullptr && model->definitions().IsAnyResource(type.shapes[0])) type = {};
  return Add(op, std::move(type));
}

Result<Compiler::Term> Compiler::TypedMember(Term input, std::string_view name, std::size_t offset) {
  const auto& definitions = program_.model->definitions();
  Step step = StepByName(name);
  Static type{true, input.type.ordered, {}, ItemKind::None};
  std::vector<node::NameId> written;
  bool found = false, spelled_out = false, any = false;
  auto add = [&](const spec::ChildInfo& child) {
    found = true;
    if (child.name != step.name) written.push_back(child.name);
    any = any || child.shape == 0 || definitions.IsAnyResource(child.shape);
    if (std::find(type.shapes.begin(), type.shapes.end(), child.shape) == type.shapes.end())
      type.shapes.push_back(child.shape);
  };
  for (spec::ShapeId shape : input.type.shapes) {
    const spec::ChildInfo* exact = definitions.FindChild(shape, step.name);
    if (exact != nullptr && !exact->choice) {
      add(*exact);
      continue;
    }
    spelled_out = spelled_out || exact != nullptr;
    for (const auto& child : definitions.Children(shape))
      if (child.choice && child.element_name == step.name) add(child);
  }
  if (!found && spelled_out)
    return Semantic(offset, "'" + std::string(name) + "' is a choice and wants its bare name");
  if (!found && options_.strict) return Semantic(offset, "there is no element '" + std::string(name) + "'");
  std::sort(written.begin(), written.end());
  written.erase(std::unique(written.begin(), written.end()), written.end());
  step.first_choice = static_cast<std::uint32_t>(program_.choices.size());
  step.choice_count = static_cast<std::uint32_t>(written.size());
  program_.choices.insert(program_.choices.end(), written.begin(), written.end());
  if (!found || any) type = {false, input.type.ordered, {}, ItemKind::None};
  return AddStep(std::move(input), step, std::move(type));
}

Result<Compiler::Term> Compiler::Call(const Term* left, std::string_view name, std::size_t offset) {
  CHECK_OK(Expect("("));
  Term input = left != nullptr ? *left : This();
  for (auto host : options_.host_functions)
    if (host == name) return HostCall(std::move(input), name);
  const FunctionRow* row = FindFunction(name);
  if (row == nullptr) return Semantic(offset, "no function '" + std::string(name) + "'");
  Op op{Code::Function};
  op.function = row->function;
  op.left = input.op;
  std::vector<Term> terms;
  if (row->flags & kType) {
    TRY(op.right, TypeSpecifier());
  } else if (!token_.Is(")")) {
    CHECK_OK(Arguments(*row, input, op, terms));
  }
  CHECK_OK(Expect(")"));
  if (!(row->flags & kType) && (terms.size() < row->fewest || terms.size() > row->most))
    return Semantic(offset, "a wrong number of arguments for '" + std::string(name) + "'");
  if (!(row->flags & kType)) {
    op.right = static_cast<std::uint32_t>(program_.arguments.size());
    op.count = static_cast<std::uint16_t>(terms.size());
    for (const auto& term : terms) program_.arguments.push_back(term.op);
  }
  CHECK_OK(CheckCall(*row, input, terms, offset));
  TRY(auto term, Add(op, ResultOf(*row, input, terms, op)));
  KeepPattern(term.op, row->function);
  return term;
}

Result<Compiler::Term> Compiler::HostCall(Term input, std::string_view name) {
  Op op{Code::HostFunction};
  op.left = input.op;
  std::vector<OpIndex> arguments;
  while (!token_.Is(")")) {
    if (!arguments.empty()) CHECK_OK(Expect(","));
    TRY(auto term, Binary(0));
    arguments.push_back(term.op);
  }
  CHECK_OK(Advance());
  op.right = static_cast<std::uint32_t>(program_.arguments.size());
  op.count = static_cast<std::uint16_t>(arguments.size());
  op.name = AddLiteral(Item::Of(program_.Keep(name)));
  program_.arguments.insert(program_.arguments.end(), arguments.begin(), arguments.end());
  return Add(op, {});
}

Status Compiler::Arguments(const FunctionRow& row, const Term& input, Op& op, std::vector<Term>& terms) {
  this_types_.push_back(row.flags & kEach ? input.type : this_types_.back());
  while (true) {
    if (row.function == Function::Sort && token_.Is("-")) {
      CHECK_OK(Advance());
      if (terms.size() < 32) op.descending |= 1u << terms.size();
    }
    TRY(auto term, Binary(0));
    terms.push_back(std::move(term));
    if (!token_.Is(",")) break;
    CHECK_OK(Advance());
  }
  this_types_.pop_back();
  return Ok();
}

Status Compiler::CheckCall(const FunctionRow& row, const Term& input, const std::vector<Term>& terms,
                           std::size_t offset) const {
  if (options_.strict && (row.flags & kOrdered) && !input.type.ordered)
    return Semantic(offset, "'" + std::string(row.name) + "' of what has no order");
  if ((row.flags & kText) && program_.model && input.type.known && !input.type.shapes.empty()) {
    bool complex = std::all_of(input.type.shapes.begin(), input.type.shapes.end(), [&](spec::ShapeId shape) {
      return !program_.model->definitions().IsPrimitive(shape);
    });
    if (complex) return Semantic(offset, "'" + std::string(row.name) + "' of what is no text");
  }
  if (options_.strict && row.function == Function::Iif && terms[0].type.known &&
      terms[0].type.shapes.empty() && terms[0].type.value != ItemKind::Boolean)
    return Semantic(offset, "a condition that is no Boolean");
  return Ok();
}

Static Compiler::TypedAs(std::uint32_t type) const {
  const TypeName& name = program_.types[type];
  if (!name.fhir || !program_.model) return name.kind == ItemKind::None ? Static{} : Static::Value(name.kind);
  spec::ShapeId shape = program_.model->definitions().FindShape(name.name);
  if (shape == 0 || program_.model->definitions().IsAnyResource(shape)) return {};
  return {true, true, {shape}, ItemKind::None};
}

Static Compiler::ResultOf(const FunctionRow& row, const Term& input, const std::vector<Term>& terms,
                          const Op& op) const {
  Static unordered;
  unordered.ordered = false;
  switch (row.gives) {
    case Gives::Unknown: return {};
    case Gives::Input: return input.type;
    case Gives::Argument: return terms.empty() ? Static{} : terms[0].type;
    case Gives::Type: return TypedAs(op.right);
    case Gives::Unordered: return unordered;
    case Gives::Extension:
      if (program_.model)
        return {true, true, {program_.model->definitions().FindShape("Extension")}, ItemKind::None};
      return {};
    default: return Static::Value(KindOf(row.gives));
  }
}

Result<std::uint32_t> Compiler::TypeSpecifier() {
  std::size_t offset = token_.offset;
  TRY(std::string name, QualifiedPart());
  TypeName type;
  std::string space;
  if (token_.Is(".")) {
    CHECK_OK(Advance());
    space = std::move(name);
    TRY(name, QualifiedPart());
    if (space != "FHIR" && space != "System") return Semantic(offset, "no namespace '" + space + "'");
  }
  const auto* system = std::find_if(kSystemTypes.begin(), kSystemTypes.end(),
                                    [&](const auto& row) { return row.name == name; });
  bool fhir = !program_.model || program_.model->IsType(name);
  type.system = space != "FHIR" && system != kSystemTypes.end();
  type.fhir = space != "System" && fhir;
  if (type.system) type.kind = system->kind;
  if (space != "System" && !type.fhir && !type.system) return Semantic(offset, "no type '" + name + "'");
  type.name = program_.Keep(name);
  program_.types.push_back(type);
  return static_cast<std::uint32_t>(program_.types.size() - 1);
}

void Compiler::KeepPattern(OpIndex op, Function function) {
  if (function != Function::Matches && function != Function::MatchesFull &&
      function != Function::ReplaceMatches)
    return;
  const Op& pattern = program_.ops[program_.arguments[program_.ops[op].right]];
  if (pattern.code == Code::Literal &&
      program_.ops[op].count == (function == Function::ReplaceMatches ? 2 : 1))
    program_.patterns[op] = CompileRegex(program_.literals[pattern.left].text, {});
}

}  // namespace passerelle::path
