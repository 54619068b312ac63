#include "fhir_model/path/path.h"

#include "fhir_model/path/compiler.h"
#include "fhir_model/path/errors.h"
#include "fhir_model/path/evaluation.h"

namespace passerelle::path {

std::optional<bool> Services::MemberOf(const Item&, std::string_view) { return std::nullopt; }
std::optional<bool> Services::ConformsTo(const Item&, std::string_view) { return std::nullopt; }
std::optional<Item> Services::Resolve(const Item&) { return std::nullopt; }
bool Services::Variable(std::string_view, std::vector<Item>&) { return false; }
void Services::External(std::uint32_t, const Item&, std::vector<Item>&) {}
Status Services::Call(std::string_view function, std::span<const Item>,
                      std::span<const std::span<const Item>>, std::vector<Item>&) {
  return Error{errors::PathExecution, "nobody answers '" + std::string(function) + "'"};
}
std::string Services::Now() { return {}; }

Result<Expression> Expression::Compile(std::string_view text, const CompileOptions& options) {
  auto program = std::make_shared<Program>();
  program->text = text;
  if (options.definitions != nullptr) program->model = Model::Of(*options.definitions);
  Compiler compiler(program->text, options, *program);
  CHECK_OK(compiler.Run());
  Expression expression;
  expression.program_ = std::move(program);
  return expression;
}

std::string_view Expression::text() const {
  return program_ ? std::string_view(program_->text) : std::string_view();
}

struct Machine::State {
  Evaluation evaluation;
};

Machine::Machine() : state_(std::make_unique<State>()) {}
Machine::~Machine() = default;
Machine::Machine(Machine&&) noexcept = default;
Machine& Machine::operator=(Machine&&) noexcept = default;

Result<std::span<const Item>> Machine::Evaluate(const Expression& expression, const Item& focus,
                                                const Environment& environment) {
  return state_->evaluation.Run(*expression.program_, focus, environment);
}

Result<bool> Machine::Test(const Expression& expression, const Item& focus, const Environment& environment) {
  TRY(auto items, Evaluate(expression, focus, environment));
  if (items.empty()) return false;
  if (items.size() > 1) return true;
  Item value = state_->evaluation.Value(items[0]);
  return value.kind != ItemKind::Boolean || value.boolean;
}

}  // namespace passerelle::path
