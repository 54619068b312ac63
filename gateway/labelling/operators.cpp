// The tables of mutation operators.

#include <algorithm>
#include <array>

#include "gateway/labelling/errors.h"
#include "gateway/labelling/mutation.h"
#include "profiles/requirements/functions.h"
#include "profiles/requirements/names.h"
#include "profiles/requirements/reader.h"

namespace passerelle::labelling {
namespace {

using requirements::Line;

// The edits, and what stands behind the word.
struct Edit {
  std::string_view word;
  bool takes_name, takes_value;
};
constexpr Edit kEdits[] = {{"delete", false, false}, {"duplicate", false, false}, {"swap", false, false},
                           {"set", false, true},     {"insert", true, true},      {"bytes", true, false}};

class OperatorReader {
 public:
  OperatorReader(std::string file, std::vector<Operator>& operators, std::vector<Error>& errors)
      : file_(std::move(file)), operators_(operators), errors_(errors) {}

  void Read(std::string_view text) {
    for (const auto& line : requirements::ReadLines(file_, text, errors_)) {
      if (line.depth == 0)
        Begin(line);
      else if (operators_.empty())
        Wrong(line, "nothing is open that this line could belong to");
      else
        Inner(line);
    }
  }

 private:
  void Begin(const Line& line) {
    std::string_view rest = line.rest;
    Operator op;
    op.name = requirements::TakeWord(rest);
    op.line = line.number;
    if (line.word != "mutant" || requirements::TakeWord(rest) != "breaks" || rest.empty())
      return Wrong(line, "expected mutant NAME breaks REQUIREMENT");
    op.breaks = rest;
    operators_.push_back(std::move(op));
  }

  void Inner(const Line& line) {
    auto& op = operators_.back();
    if (line.word == "on") {
      auto kind = requirements::KindNamed(line.rest);
      if (!kind) return Wrong(line, "on wants a kind of tree");
      op.kind = *kind;
    } else if (line.word == "as") {
      op.as = requirements::KindNamed(line.rest);
      if (!op.as) return Wrong(line, "as wants a kind of tree");
    } else if (line.word == "in" || line.word == "after") {
      auto& names = line.word == "in" ? op.in : op.after;
      for (std::string_view rest = line.rest; !rest.empty();)
        names.emplace_back(requirements::TakeWord(rest));
    } else if (line.word == "beside") {
      std::string_view rest = line.rest;
      auto kind = requirements::KindNamed(requirements::TakeWord(rest));
      if (!kind || rest.empty()) return Wrong(line, "beside wants a kind of tree and an example");
      op.beside.emplace_back(*kind, rest);
    } else if (line.word == "at") {
      op.at = Compile(line, line.rest);
    } else if (line.word == "place") {
      op.place = Compile(line, line.rest);
    } else {
      ReadEdit(line, op);
    }
  }

  void ReadEdit(const Line& line, Operator& op) {
    auto edit = std::find_if(std::begin(kEdits), std::end(kEdits),
                             [&](const Edit& e) { return e.word == line.word; });
    if (edit == std::end(kEdits)) return Wrong(line, "a mutant has no " + line.word);
    op.edit = line.word;
    std::string_view rest = line.rest;
    if (edit->takes_name) op.argument = requirements::TakeWord(rest);
    if (edit->takes_value && !rest.empty()) op.value = Compile(line, rest);
  }

  std::optional<path::Expression> Compile(const Line& line, std::string_view text) {
    path::CompileOptions options;
    options.table_names = true;
    options.external = requirements::NameSlot;
    options.host_functions = requirements::FunctionNames();
    auto compiled = path::Expression::Compile(text, options);
    if (compiled) return *std::move(compiled);
    Wrong(line, compiled.error().detail);
    return std::nullopt;
  }

  void Wrong(const Line& line, std::string detail) {
    errors_.push_back(
        Error{errors::MutantSyntax, std::move(detail), {file_, static_cast<std::uint32_t>(line.number), 0}});
  }

  std::string file_;
  std::vector<Operator>& operators_;
  std::vector<Error>& errors_;
};

}  // namespace

Result<std::vector<Operator>> ReadOperators(std::span<const requirements::SourceFile> files,
                                            std::vector<Error>* errors) {
  std::vector<Operator> operators;
  std::vector<Error> found;
  for (const auto& file : files) OperatorReader(file.name, operators, found).Read(file.text);
  for (const auto& op : operators)
    if (op.edit.empty() || (!op.at && op.edit != "bytes"))
      found.push_back(Error{errors::MutantSyntax, op.name + " has no edit or no place", {}});
  if (errors) *errors = found;
  if (!found.empty()) return found.front();
  return operators;
}

}  // namespace passerelle::labelling
