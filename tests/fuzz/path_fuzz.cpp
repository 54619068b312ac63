// Any text is an expression or an error with a code, and whatever it asks of a tree ends within its budget.
// The first byte says how the text is read, the first line is the expression, the rest a resource.

#include <cstdint>
#include <cstdlib>
#include <string>

#include "fhir_model/json/json.h"
#include "fhir_model/path/path.h"
#include "tests/fuzz/pack.h"

namespace {

class Clock : public passerelle::path::Services {
 public:
  std::string Now() override { return "2026-03-01T12:00:00.000+00:00"; }
};

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  using namespace passerelle;
  if (size == 0) return 0;
  std::string text(reinterpret_cast<const char*>(data) + 1, size - 1);
  auto line = text.find('\n');
  std::string json = line == text.npos
                         ? R"({"resourceType":"Patient","name":[{"given":["A","B"]}],"active":true})"
                         : text.substr(line + 1);
  text.resize(std::min(line, text.size()));
  path::CompileOptions options;
  options.table_names = (data[0] & 1) != 0;
  options.trusted = false;
  const bool typed = (data[0] & 2) != 0;
  if (typed)
    options.definitions = &fuzz::Pack(), options.type = "Observation", options.strict = (data[0] & 4) != 0;
  auto expression = path::Expression::Compile(text, options);
  if (!expression) return 0;
  if (expression->text() != text) std::abort();
  constexpr Limits kSmall{1u << 16, 32, 10'000, 1u << 12};
  auto tree = json::Parse(std::move(json), kSmall, options.definitions);
  if (!tree) return 0;
  Clock clock;
  path::Environment environment;
  environment.services = &clock;
  environment.steps_max = 20'000;
  path::Machine machine;
  auto items = machine.Evaluate(*expression, path::Item::Of(*tree, node::kRoot), environment);
  if (items)
    for (const auto& item : *items) (void)path::TextOf(item);
  (void)machine.Test(*expression, path::Item::Of(*tree, node::kRoot), environment);
  return 0;
}
