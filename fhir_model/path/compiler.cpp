#include "fhir_model/path/compiler.h"

#include <algorithm>
#include <array>
#include <charconv>

#include "fhir_model/path/date_time.h"
#include "fhir_model/path/errors.h"

namespace passerelle::path {
namespace {

constexpr int kNestingMax = 200;          // brackets within brackets in the text
constexpr std::uint16_t kDepthMax = 500;  // operations below one another: a.b.c, a or b or c

struct Operator {
  std::string_view text;
  int binding;  // the higher, the tighter
  Code code;
};
constexpr int kTypeBinding = 8;
constexpr std::array<Operator, 27> kOperators = {{
    {"implies", 1, Code::Implies},
    {"or", 2, Code::Or},
    {"xor", 2, Code::Xor},
    {"and", 3, Code::And},
    {"in", 4, Code::In},
    {"contains", 4, Code::Contains},
    {"=", 5, Code::Equal},
    {"~", 5, Code::Equivalent},
    {"!=", 5, Code::NotEqual},
    {"!~", 5, Code::NotEquivalent},
    {"<", 6, Code::Less},
    {"<=", 6, Code::LessOrEqual},
    {">", 6, Code::Greater},
    {">=", 6, Code::GreaterOrEqual},
    {"|", 7, Code::Union},
    {"is", kTypeBinding, Code::Is},
    {"as", kTypeBinding, Code::As},
    {"+", 9, Code::Add},
    {"-", 9, Code::Subtract},
    {"&", 9, Code::Concatenate},
    {"*", 10, Code::Multiply},
    {"/", 10, Code::Divide},
    {"div", 10, Code::Div},
    {"mod", 10, Code::Mod},
}};

const Operator* OperatorOf(const Token& token) {
  bool candidate =
      token.kind == TokenKind::Symbol || (token.kind == TokenKind::Identifier && !token.delimited);
  if (!candidate) return nullptr;
  for (const auto& row : kOperators)
    if (!row.text.empty() && row.text == token.text) return &row;
  return nullptr;
}

// What can only be an operator; "as", "contains", "in" and "is" may be names too.
constexpr std::array<std::string_view, 6> kReserved = {"and", "div", "implies", "mod", "or", "xor"};

struct Constant {
  std::string_view name, value;
};
constexpr std::array<Constant, 3> kConstants = {{{"ucum", "http://unitsofmeasure.org"},
                                                 {"sct", "http://snomed.info/sct"},
                                                 {"loinc", "http://loinc.org"}}};
constexpr std::array<Constant, 2> kPrefixes = {
    {{"vs-", "http://hl7.org/fhir/ValueSet/"}, {"ext-", "http://hl7.org/fhir/StructureDefinition/"}}};

ItemKind KindOf(Code code) {
  switch (code) {
    case Code::Is:
    case Code::And:
    case Code::Or:
    case Code::Xor:
    case Code::Implies:
    case Code::Equal:
    case Code::NotEqual:
    case Code::Equivalent:
    case Code::NotEquivalent:
    case Code::Less:
    case Code::LessOrEqual:
    case Code::Greater:
    case Code::GreaterOrEqual:
    case Code::In:
    case Code::Contains: return ItemKind::Boolean;
    case Code::Concatenate: return ItemKind::String;
    default: return ItemKind::None;
  }
}

}  // namespace

Compiler::Compiler(std::string_view text, const CompileOptions& options, Program& program)
    : options_(options), program_(program), lexer_(text, options.table_names) {}

Error Compiler::Semantic(std::size_t offset, std::string what) const {
  return {errors::PathSemantic, std::move(what) + " at character " + std::to_string(offset + 1)};
}

Status Compiler::Run() {
  Static focus;
  if (program_.model && !options_.type.empty()) {
    spec::ShapeId shape = program_.model->definitions().FindShape(options_.type);
    if (shape != 0 && !program_.model->definitions().IsAnyResource(shape))
      focus = {true, true, {shape}, ItemKind::None};
  }
  this_types_.push_back(focus);
  CHECK_OK(Advance());
  TRY(auto term, Binary(0));
  if (token_.kind != TokenKind::End) return SyntaxError(token_.offset, "something that does not belong here");
  program_.top = term.op;
  return Ok();
}

Status Compiler::Advance() {
  TRY(token_, lexer_.Next());
  return Ok();
}

Status Compiler::Expect(std::string_view symbol) {
  if (!token_.Is(symbol)) return SyntaxError(token_.offset, "'" + std::string(symbol) + "' is missing");
  return Advance();
}

Result<Compiler::Term> Compiler::Add(const Op& op, Static type) {
  auto depth_of = [&](OpIndex i) { return i < depths_.size() ? depths_[i] : std::uint16_t{0}; };
  std::uint16_t depth = op.code == Code::Literal ? 0 : depth_of(op.left);
  if (op.code >= Code::And) depth = std::max(depth, depth_of(op.right));
  if (op.code == Code::At) depth = std::max(depth, depth_of(op.right));
  if (op.code == Code::Function || op.code == Code::HostFunction)
    for (std::uint32_t i = 0; i < op.count; ++i)
      depth = std::max(depth, depth_of(program_.arguments[op.right + i]));
  if (++depth > kDepthMax) return Error{errors::PathTooCostly, "an expression that is nested too deeply"};
  program_.ops.push_back(op);
  depths_.push_back(depth);
  return Term{static_cast<OpIndex>(program_.ops.size() - 1), std::move(type)};
}

Compiler::Term Compiler::This() {
  program_.ops.push_back({Code::This});
  depths_.push_back(1);
  return {static_cast<OpIndex>(program_.ops.size() - 1), this_types_.back()};
}

std::uint32_t Compiler::AddLiteral(const Item& item) {
  program_.literals.push_back(item);
  return static_cast<std::uint32_t>(program_.literals.size() - 1);
}

Result<Compiler::Term> Compiler::Binary(int loosest) {
  if (++nesting_ > kNestingMax)
    return Error{errors::PathTooCostly, "an expression that is nested too deeply"};
  TRY(auto left, Unary());
  while (const Operator* row = OperatorOf(token_)) {
    if (row->binding < loosest) break;
    CHECK_OK(Advance());
    Op op{row->code};
    op.left = left.op;
    if (row->binding == kTypeBinding) {
      TRY(op.right, TypeSpecifier());
      Static type = row->code == Code::Is ? Static::Value(ItemKind::Boolean) : TypedAs(op.right);
      TRY(left, Add(op, std::move(type)));
      continue;
    }
    TRY(auto right, Binary(row->binding + 1));
    op.right = right.op;
    ItemKind kind = KindOf(row->code);
    Static type = kind == ItemKind::None ? Static{} : Static::Value(kind);
    if (row->code == Code::Union && left.type.known && right.type.known &&
        left.type.value == right.type.value) {
      type = left.type;
      type.shapes.insert(type.shapes.end(), right.type.shapes.begin(), right.type.shapes.end());
    }
    TRY(left, Add(op, std::move(type)));
  }
  --nesting_;
  return left;
}

Result<Compiler::Term> Compiler::Unary() {
  if (!token_.Is("+") && !token_.Is("-")) return Postfix();
  if (++nesting_ > kNestingMax)
    return Error{errors::PathTooCostly, "an expression that is nested too deeply"};
  Op op{token_.Is("-") ? Code::Negative : Code::Positive};
  CHECK_OK(Advance());
  TRY(auto operand, Unary());
  --nesting_;
  op.left = operand.op;
  return Add(op, operand.type);
}

Result<Compiler::Term> Compiler::Postfix() {
  TRY(auto term, Primary());
  while (true) {
    if (token_.Is(".")) {
      CHECK_OK(Advance());
      TRY(term, Invocation(&term));
    } else if (token_.Is("[")) {
      TRY(term, Indexer(std::move(term)));
    } else {
      return term;
    }
  }
}

Result<Compiler::Term> Compiler::Indexer(Term left) {
  std::size_t offset = token_.offset;
  if (options_.strict && !left.type.ordered) return Semantic(offset, "an index into what has no order");
  CHECK_OK(Advance());
  TRY(auto index, Binary(0));
  CHECK_OK(Expect("]"));
  Op op{Code::At};
  op.left = left.op;
  op.right = index.op;
  return Add(op, left.type);
}

Result<Compiler::Term> Compiler::Primary() {
  if (token_.Is("(")) {
    CHECK_OK(Advance());
    TRY(auto term, Binary(0));
    CHECK_OK(Expect(")"));
    return term;
  }
  if (token_.Is("{")) {
    CHECK_OK(Advance());
    CHECK_OK(Expect("}"));
    return Add({Code::Empty}, {});
  }
  if (token_.Is("%")) return EnvironmentVariable();
  switch (token_.kind) {
    case TokenKind::String:
    case TokenKind::Number:
    case TokenKind::DateTime:
    case TokenKind::Time: return Literal();
    case TokenKind::Dollar: return DollarTerm();
    case TokenKind::Identifier:
      if (token_.IsWord("true") || token_.IsWord("false")) return Literal();
      return Invocation(nullptr);
    case TokenKind::Table: return Invocation(nullptr);
    case TokenKind::End: return SyntaxError(token_.offset, "an end where something is missing");
    default: return SyntaxError(token_.offset, "something that does not belong here");
  }
}

Result<Compiler::Term> Compiler::Literal() {
  Op op{Code::Literal};
  switch (token_.kind) {
    case TokenKind::Number: return NumberLiteral();
    case TokenKind::DateTime:
    case TokenKind::Time: return TimeLiteral();
    case TokenKind::Identifier:
      op.left = AddLiteral(Item::Of(token_.text == "true"));
      CHECK_OK(Advance());
      return Add(op, Static::Value(ItemKind::Boolean));
    default: break;
  }
  TRY(auto text, Unescape(token_.text, token_.offset));
  op.left = AddLiteral(Item::Of(program_.Keep(text)));
  CHECK_OK(Advance());
  return Add(op, Static::Value(ItemKind::String));
}

Result<Compiler::Term> Compiler::NumberLiteral() {
  Item item;
  std::string_view digits = token_.text;
  item.text = program_.Keep(digits);
  bool whole = digits.find('.') == digits.npos;
  item.kind = whole ? ItemKind::Integer : ItemKind::Decimal;
  if (whole && std::from_chars(digits.data(), digits.data() + digits.size(), item.integer).ec != std::errc())
    return SyntaxError(token_.offset, "a number that is too large");
  CHECK_OK(Advance());
  bool definite = true;
  if (token_.kind == TokenKind::String) {
    TRY(auto unit, Unescape(token_.text, token_.offset));
    item.unit = program_.Keep(unit);
  } else if (token_.kind == TokenKind::Identifier && !TimeUnit(token_.text, definite).empty() && !definite) {
    item.unit = program_.Keep(token_.text);
  }
  if (!item.unit.empty()) {
    item.kind = ItemKind::Quantity;
    CHECK_OK(Advance());
  } else if (whole) {
    item.text = {};
  }
  Op op{Code::Literal};
  op.left = AddLiteral(item);
  return Add(op, Static::Value(item.kind));
}

Result<Compiler::Term> Compiler::TimeLiteral() {
  Item item;
  bool time = token_.kind == TokenKind::Time;
  auto value = time ? DateTime::ParseTime(token_.text) : DateTime::Parse(token_.text);
  if (!value) return SyntaxError(token_.offset, "a date or time that is none");
  std::string_view text = token_.text;
  if (text.ends_with('T')) text.remove_suffix(1);
  item.kind = time                                      ? ItemKind::Time
              : value->kind == DateTime::Kind::DateTime ? ItemKind::DateTime
                                                        : ItemKind::Date;
  item.text = program_.Keep(text);
  CHECK_OK(Advance());
  Op op{Code::Literal};
  op.left = AddLiteral(item);
  return Add(op, Static::Value(item.kind));
}

Result<Compiler::Term> Compiler::EnvironmentVariable() {
  CHECK_OK(Advance());
  if (token_.kind != TokenKind::Identifier && token_.kind != TokenKind::String)
    return SyntaxError(token_.offset, "a variable without a name");
  TRY(auto name, Unescape(token_.text, token_.offset));
  CHECK_OK(Advance());
  if (name == "context") return Add({Code::Context}, this_types_.front());
  if (name == "resource") return Add({Code::Resource}, {});
  if (name == "rootResource") return Add({Code::RootResource}, {});
  Op op{Code::Literal};
  for (const auto& row : kConstants)
    if (name == row.name) {
      op.left = AddLiteral(Item::Of(row.value));
      return Add(op, Static::Value(ItemKind::String));
    }
  for (const auto& row : kPrefixes)
    if (name.starts_with(row.name)) {
      auto url = program_.Keep(std::string(row.value) + name.substr(row.name.size()));
      op.left = AddLiteral(Item::Of(url));
      return Add(op, Static::Value(ItemKind::String));
    }
  op.code = Code::Variable;
  op.left = 0;
  op.right = AddLiteral(Item::Of(program_.Keep(name)));
  return Add(op, {});
}

Result<Compiler::Term> Compiler::DollarTerm() {
  Token token = token_;
  CHECK_OK(Advance());
  if (token.text == "this") return This();
  if (token.text == "index") return Add({Code::Index}, Static::Value(ItemKind::Integer));
  if (token.text == "total") return Add({Code::Total}, {});
  return SyntaxError(token.offset, "$" + std::string(token.text));
}

Result<Compiler::Term> Compiler::Invocation(const Term* left) {
  Token token = token_;
  if (token.kind == TokenKind::Dollar) return DollarTerm();
  if (token.kind == TokenKind::Table) {
    CHECK_OK(Advance());
    Term input = left != nullptr ? *left : This();
    auto slot = options_.external ? options_.external(token.text) : std::nullopt;
    if (!slot) return AddStep(std::move(input), StepByName(token.text), {});
    Op op{Code::External};
    op.left = input.op;
    op.right = *slot;
    return Add(op, {});
  }
  if (token.kind != TokenKind::Identifier) return SyntaxError(token.offset, "a name is missing");
  bool reserved = std::find(kReserved.begin(), kReserved.end(), token.text) != kReserved.end();
  // After a dot no operator can stand: `text.div` is meant as a name.
  if (!token.delimited && reserved && left == nullptr)
    return SyntaxError(token.offset, "an operator where a name is missing");
  CHECK_OK(Advance());
  if (token_.Is("(") && !token.delimited) return Call(left, token.text, token.offset);
  if (!token.delimited) return Member(left, token.text, false, token.offset);
  TRY(auto name, Unescape(token.text, token.offset));
  return Member(left, name, true, token.offset);
}

Result<std::string> Compiler::QualifiedPart() {
  if (token_.kind != TokenKind::Identifier) return SyntaxError(token_.offset, "a type is missing");
  TRY(auto name, Unescape(token_.text, token_.offset));
  CHECK_OK(Advance());
  return name;
}

}  // namespace passerelle::path
