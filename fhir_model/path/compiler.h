#pragma once
// Compiler: reads an expression, checks it against the definitions, and lays it down as a Program, all in one
// pass.
//
// The static type of what stands left of a dot is known when the right side is read, so names become steps at
// once: "value" of an Observation is the eleven names under which JSON and XML write it.

#include <string_view>
#include <vector>

#include "fhir_model/path/lexer.h"
#include "fhir_model/path/program.h"

namespace passerelle::path {

// What is known of a collection before it exists.
struct Static {
  bool known = false;
  bool ordered = true;
  std::vector<spec::ShapeId> shapes;  // nodes are of one of these
  ItemKind value = ItemKind::None;    // a System value

  static Static Value(ItemKind kind) { return {true, true, {}, kind}; }
};

class Compiler {
 public:
  Compiler(std::string_view text, const CompileOptions& options, Program& program);
  Status Run();

 private:
  struct Term {
    OpIndex op = 0;
    Static type;
  };
  struct FunctionRow;
  static const FunctionRow* FindFunction(std::string_view name);

  // Grammar, from the loosest to the tightest.
  Result<Term> Binary(int loosest);
  Result<Term> Unary();
  Result<Term> Postfix();
  Result<Term> Primary();
  Result<Term> Literal();
  Result<Term> NumberLiteral();
  Result<Term> TimeLiteral();
  Result<Term> EnvironmentVariable();
  Result<Term> DollarTerm();
  Result<Term> Invocation(const Term* left);
  Result<Term> Indexer(Term left);
  Result<Term> Call(const Term* left, std::string_view name, std::size_t offset);
  Result<Term> HostCall(Term input, std::string_view name);
  Status Arguments(const FunctionRow& row, const Term& input, Op& op, std::vector<Term>& terms);
  Result<std::uint32_t> TypeSpecifier();
  Result<std::string> QualifiedPart();

  // Types.
  Result<Term> Member(const Term* left, std::string_view name, bool delimited, std::size_t offset);
  std::optional<Result<Term>> RootType(std::string_view name, std::size_t offset);
  Result<Term> TypedMember(Term input, std::string_view name, std::size_t offset);
  Term AddStep(Term input, const Step& step, Static type);
  Step StepByName(std::string_view name);
  Static ResultOf(const FunctionRow& row, const Term& input, const std::vector<Term>& terms,
                  const Op& op) const;
  Static TypedAs(std::uint32_t type) const;
  Status CheckCall(const FunctionRow& row, const Term& input, const std::vector<Term>& terms,
                   std::size_t offset) const;
  void KeepPattern(OpIndex op, Function function);

  Status Advance();
  Status Expect(std::string_view symbol);
  Result<Term> Add(const Op& op, Static type);
  Term This();
  std::uint32_t AddLiteral(const Item& item);
  Error Semantic(std::size_t offset, std::string what) const;

  const CompileOptions& options_;
  Program& program_;
  Lexer lexer_;
  Token token_;
  std::vector<Static> this_types_;
  std::vector<std::uint16_t> depths_;  // of the operation tree, by operation
  int nesting_ = 0;
};

}  // namespace passerelle::path
