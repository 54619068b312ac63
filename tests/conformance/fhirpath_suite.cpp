// The official FHIRPath suite for R4. FOLDER is the suite's folder "r4": the tests are
// fhirpath/tests-fhir-r4.xml, the resources they run on stand beside them.

#include <algorithm>
#include <map>
#include <optional>
#include <vector>

#include "fhir_model/json/json.h"
#include "fhir_model/path/path.h"
#include "fhir_model/xml/xml.h"
#include "tests/conformance/score.h"
#include "tests/support/pack.h"

namespace passerelle::tests {
namespace {

namespace fs = std::filesystem;
using node::kNone;
using node::NodeIndex;

struct Output {
  std::string type, value;
  friend bool operator<(const Output& a, const Output& b) { return a.value < b.value; }
};

struct Case {
  std::string name, input, expression, invalid;
  bool predicate = false, strict = false, ordered = true;
  std::vector<Output> outputs;
};

std::string_view Attribute(const node::Tree& tree, NodeIndex i, std::string_view name) {
  return tree.ChildText(i, "@" + std::string(name));
}

Case ReadCase(const node::Tree& tree, NodeIndex test) {
  NodeIndex expression = tree.Child(test, "expression");
  Case c;
  c.name = Attribute(tree, test, "name");
  c.input = Attribute(tree, test, "inputfile");
  c.predicate = Attribute(tree, test, "predicate") == "true";
  c.ordered = Attribute(tree, test, "ordered") != "false";
  c.strict = Attribute(tree, test, "mode") == "strict" || Attribute(tree, expression, "mode") == "strict";
  c.invalid = Attribute(tree, expression, "invalid");
  c.expression = tree[expression].text;
  if (c.expression.empty())  // with attributes the text is a child of its own
    for (NodeIndex child : node::Children(tree, expression))
      if (tree[child].kind == node::Kind::Text) c.expression += tree[child].text;
  for (NodeIndex child : node::Children(tree, test)) {
    if (tree.name(child) != "output") continue;
    Output output{std::string(Attribute(tree, child, "type")), std::string(tree[child].text)};
    for (NodeIndex text : node::Children(tree, child))
      if (tree[text].kind == node::Kind::Text) output.value += tree[text].text;
    c.outputs.push_back(std::move(output));
  }
  return c;
}

// A profile is known if it is the definition of a type; then what is of the type conforms.
class SuiteServices : public path::Services {
 public:
  std::optional<bool> ConformsTo(const path::Item& resource, std::string_view profile) override {
    constexpr std::string_view kBase = "http://hl7.org/fhir/StructureDefinition/";
    if (!profile.starts_with(kBase) || Pack().FindShape(profile.substr(kBase.size())) == 0)
      return std::nullopt;
    return Pack().IsA(Pack().ShapeName((*resource.tree)[resource.node].shape), profile.substr(kBase.size()));
  }
  std::string Now() override { return "2026-03-01T12:00:00.000+00:00"; }
};

std::string TypeOf(const path::Item& item) {
  using path::ItemKind;
  switch (item.kind) {
    case ItemKind::Node: return std::string(Pack().ShapeName((*item.tree)[item.node].shape));
    case ItemKind::Boolean: return "boolean";
    case ItemKind::Integer: return "integer";
    case ItemKind::Decimal: return "decimal";
    case ItemKind::String: return "string";
    case ItemKind::Date: return "date";
    case ItemKind::DateTime: return "dateTime";
    case ItemKind::Time: return "time";
    case ItemKind::Quantity: return "Quantity";
    default: return {};
  }
}

Output Show(const path::Item& item) {
  using path::ItemKind;
  Output out{TypeOf(item), std::string(path::TextOf(item))};
  if (item.kind == ItemKind::Integer) out.value = std::to_string(item.integer);
  if (item.kind == ItemKind::Quantity) out.value += " '" + std::string(item.unit) + "'";
  bool temporal = out.type == "date" || out.type == "dateTime" || out.type == "instant";
  if (temporal) out.value.insert(0, "@");
  if (out.type == "time") out.value.insert(0, "@T");
  return out;
}

bool Same(const Output& expected, const Output& found) {
  return (expected.type.empty() || expected.type == found.type) && expected.value == found.value;
}

class Runner {
 public:
  explicit Runner(fs::path folder) : folder_(std::move(folder)) {}

  bool Run(const Case& c, std::string& found) {
    // A few tests are about literals alone.
    const node::Tree* tree = c.input.empty() ? nullptr : Input(c.input);
    if (tree == nullptr && !c.input.empty()) return found = "the input cannot be read", false;
    std::string type(tree == nullptr ? std::string_view() : tree->NameText(tree->root().resource));
    path::CompileOptions options;
    options.definitions = &Pack();
    options.type = type;
    options.strict = c.strict;
    auto compiled = path::Expression::Compile(c.expression, options);
    if (!compiled) return found = compiled.error().Text(), !c.invalid.empty();
    path::Environment environment;
    environment.services = &services_;
    auto focus = tree == nullptr ? path::Item() : path::Item::Of(*tree, node::kRoot);
    std::vector<Output> outputs;
    if (c.predicate) {
      auto truth = machine_.Test(*compiled, focus, environment);
      if (!truth) return found = truth.error().Text(), !c.invalid.empty();
      outputs.push_back({"boolean", *truth ? "true" : "false"});
    } else {
      auto items = machine_.Evaluate(*compiled, focus, environment);
      if (!items) return found = items.error().Text(), !c.invalid.empty();
      for (const auto& item : *items) outputs.push_back(Show(item));
    }
    found = "{";
    for (const auto& output : outputs) found += " " + output.type + ":" + output.value;
    found += " }";
    auto expected = c.outputs;
    if (!c.ordered) {
      std::sort(outputs.begin(), outputs.end());
      std::sort(expected.begin(), expected.end());
    }
    return c.invalid.empty() &&
           std::equal(expected.begin(), expected.end(), outputs.begin(), outputs.end(), Same);
  }

 private:
  const node::Tree* Input(const std::string& file) {
    auto known = inputs_.find(file);
    if (known != inputs_.end()) return known->second ? &*known->second : nullptr;
    std::string bytes = ReadAll(folder_ / file);
    auto tree = file.ends_with(".json") ? json::Parse(std::move(bytes), kFileLimits, &Pack())
                                        : xml::ParseFhir(std::move(bytes), kFileLimits, Pack());
    auto& kept = inputs_[file];
    if (tree) kept.emplace(*std::move(tree));
    return kept ? &*kept : nullptr;
  }

  fs::path folder_;
  std::map<std::string, std::optional<node::Tree>> inputs_;
  SuiteServices services_;
  path::Machine machine_;
};

int Main(const std::string& folder, const char* score_file) {
  fs::path suite = fs::path(folder) / "fhirpath" / "tests-fhir-r4.xml";
  if (!fs::exists(suite)) return Skip(folder);
  constexpr xml::Vocabulary kVocabulary{"", "tests", nullptr, 0};
  auto tests = xml::ParseForeign(ReadAll(suite), kFileLimits, kVocabulary);
  if (!tests) {
    std::cout << tests.error().Text() << "\n";
    return 1;
  }
  Runner runner(folder);
  Score score{"fhirpath"};
  for (NodeIndex group : node::Children(*tests, node::kRoot)) {
    if (tests->name(group) != "group") continue;
    for (NodeIndex test : node::Children(*tests, group)) {
      if (tests->name(test) != "test") continue;
      Case c = ReadCase(*tests, test);
      std::string found, expected = c.invalid.empty() ? "{" : "error (" + c.invalid + ")";
      bool pass = runner.Run(c, found);
      if (c.invalid.empty()) {
        for (const auto& output : c.outputs) expected += " " + output.type + ":" + output.value;
        expected += " }";
      }
      score.Count(pass, c.name + ": " + c.expression + ": expected " + expected + ", found " + found);
    }
  }
  return Finish(score, score_file);
}

}  // namespace
}  // namespace passerelle::tests

int main(int argc, char** argv) {
  if (argc < 2) return 2;
  return passerelle::tests::Main(argv[1], argc > 2 ? argv[2] : nullptr);
}
