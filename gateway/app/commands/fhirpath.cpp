// passerelle fhirpath EXPRESSION FILE

#include <array>
#include <chrono>
#include <cstdio>
#include <ctime>

#include "fhir_model/json/json.h"
#include "fhir_model/path/path.h"
#include "fhir_model/xml/xml.h"
#include "gateway/app/command.h"
#include "gateway/app/definitions.h"
#include "gateway/app/errors.h"

namespace passerelle::app {
namespace {

class ClockServices : public path::Services {
 public:
  std::string Now() override {
    auto now = std::chrono::system_clock::to_time_t(std::chrono::system_clock::now());
    std::tm utc{};
    gmtime_r(&now, &utc);
    char text[40];
    std::strftime(text, sizeof text, "%Y-%m-%dT%H:%M:%S.000+00:00", &utc);
    return text;
  }
};

bool LooksLikeXml(std::string_view bytes) {
  auto first = bytes.find_first_not_of("\xEF\xBB\xBF \t\r\n");
  return first != bytes.npos && bytes[first] == '<';
}

std::string TypeOf(const path::Item& item, const spec::Definitions& definitions) {
  static constexpr std::array<std::string_view, 11> kNames = {"",
                                                              "",
                                                              "System.Boolean",
                                                              "System.Integer",
                                                              "System.Decimal",
                                                              "System.String",
                                                              "System.Date",
                                                              "System.DateTime",
                                                              "System.Time",
                                                              "System.Quantity",
                                                              "Type"};
  if (item.kind != path::ItemKind::Node) return std::string(kNames[static_cast<std::size_t>(item.kind)]);
  const auto& n = (*item.tree)[item.node];
  if (n.resource != 0) return "FHIR." + std::string(item.tree->NameText(n.resource));
  return n.shape == 0 ? "?" : "FHIR." + std::string(definitions.ShapeName(n.shape));
}

// One line an item: type, then the value, or JSON of what has parts.
void Print(const path::Item& item, const spec::Definitions& definitions) {
  std::string value(path::TextOf(item));
  if (item.kind == path::ItemKind::Integer) value = std::to_string(item.integer);
  if (item.kind == path::ItemKind::Quantity) value += " '" + std::string(item.unit) + "'";
  if (item.kind == path::ItemKind::Node && value.empty()) value = json::Write(*item.tree, item.node);
  std::printf("%s\t%s\n", TypeOf(item, definitions).c_str(), value.c_str());
}

int Run(const Arguments& arguments) {
  if (arguments.files().size() != 2)
    return Fail({errors::UsageWrong, "fhirpath wants EXPRESSION FILE"}, kUsage);
  auto opened = OpenDefinitions(arguments.Get("--definitions"));
  if (!opened) return Fail(opened.error(), kUnreadable);
  const auto& definitions = (*opened)->definitions;
  auto bytes = ReadFile(arguments.files()[1]);
  if (!bytes) return Fail(bytes.error(), kUnreadable);
  auto tree = LooksLikeXml(*bytes) ? xml::ParseFhir(*std::move(bytes), kFileLimits, definitions)
                                   : json::Parse(*std::move(bytes), kFileLimits, &definitions);
  if (!tree) return Fail(tree.error(), kFindings);
  path::CompileOptions options;
  options.definitions = &definitions;
  options.type = tree->NameText(tree->root().resource);
  options.strict = arguments.Has("--strict");
  auto expression = path::Expression::Compile(arguments.files()[0], options);
  if (!expression) return Fail(expression.error(), kFindings);
  ClockServices services;
  path::Environment environment;
  environment.services = &services;
  path::Machine machine;
  auto items = machine.Evaluate(*expression, path::Item::Of(*tree, node::kRoot), environment);
  if (!items) return Fail(items.error(), kFindings);
  for (const auto& item : *items) Print(item, definitions);
  return kClean;
}

constexpr std::array<std::string_view, 1> kOptions = {"--definitions"};
constexpr std::array<std::string_view, 1> kFlags = {"--strict"};

}  // namespace

extern const Command kFhirPath;
const Command kFhirPath{"fhirpath",
                        "evaluate a FHIRPath expression on a resource",
                        R"(usage: passerelle fhirpath [--strict] [--definitions FILE] EXPRESSION FILE

FILE is a FHIR resource in JSON or XML. Prints one line for each item: its type, a tab, its value (what has parts as
JSON). --strict: an element that the type does not have is an error instead of nothing.
)",
                        kOptions,
                        kFlags,
                        Run};

}  // namespace passerelle::app
