// FHIRPath on typed FHIR trees, on untyped ones, on HL7 v2 and CDA trees, and its limits.

#include "fhir_model/path/path.h"

#include <catch2/catch.hpp>
#include <string>

#include "fhir_model/json/json.h"
#include "fhir_model/path/errors.h"
#include "tests/support/pack.h"

namespace passerelle::path {
namespace {

node::Tree Parse(std::string json, bool typed = true) {
  auto tree = json::Parse(std::move(json), kFileLimits, typed ? &tests::Pack() : nullptr);
  REQUIRE(tree);
  return *std::move(tree);
}

// Every item as text, one after the other.
std::string Show(const Item& item) {
  if (item.kind == ItemKind::Integer) return std::to_string(item.integer);
  if (item.kind == ItemKind::Quantity) return std::string(item.text) + " " + std::string(item.unit);
  if (item.kind == ItemKind::Node && TextOf(item).empty()) return std::string(item.tree->name(item.node));
  return std::string(TextOf(item));
}

struct Asked {
  const spec::Definitions* definitions = &tests::Pack();
  std::string_view type;
  Services* services = nullptr;
};

std::string Evaluate(std::string_view text, const Item& focus, CompileOptions options,
                     Services* services = nullptr) {
  auto expression = Expression::Compile(text, options);
  if (!expression) return std::string(expression.error().info->name);
  Machine machine;
  Environment environment;
  environment.services = services;
  auto items = machine.Evaluate(*expression, focus, environment);
  if (!items) return std::string(items.error().info->name);
  std::string out;
  for (const auto& item : *items) out += (out.empty() ? "" : ",") + Show(item);
  return out;
}

std::string OnPatient(std::string_view text, bool strict = false) {
  static const node::Tree patient = Parse(R"({"resourceType":"Patient","id":"p1","active":true,
    "name":[{"use":"official","family":"Fictif","given":["Anne","Zoé"]},{"use":"maiden","family":"Essai"}],
    "birthDate":"1974-12-25",
    "_birthDate":{"extension":[{"url":"http://example.org/time","valueDateTime":"1974-12-25T14:35:45+01:00"}]},
    "deceasedBoolean":false,
    "contained":[{"resourceType":"Organization","id":"o1","name":"Cabinet"}],
    "managingOrganization":{"reference":"#o1"}})");
  CompileOptions options;
  options.definitions = &tests::Pack();
  options.type = "Patient";
  options.strict = strict;
  return Evaluate(text, Item::Of(patient, node::kRoot), options);
}

TEST_CASE("paths follow names, lists keep their order", "[path]") {
  CHECK(OnPatient("name.given") == "Anne,Zoé");
  CHECK(OnPatient("Patient.name.where(use = 'maiden').family") == "Essai");
  CHECK(OnPatient("Resource.id") == "p1");
  CHECK(OnPatient("Encounter.status").empty());
  CHECK(OnPatient("name[1].family") == "Essai");
  CHECK(OnPatient("name.given.length()") == "PathExecution");
  CHECK(OnPatient("name.given[1].length()") == "3");
}

TEST_CASE("a choice is found by its bare name and knows its type", "[path]") {
  CHECK(OnPatient("deceased") == "false");
  CHECK(OnPatient("deceased is boolean") == "true");
  CHECK(OnPatient("deceased.ofType(dateTime)").empty());
  CHECK(OnPatient("deceasedBoolean") == "PathSemantic");
  CHECK(OnPatient("name.nickname").empty());
  CHECK(OnPatient("name.nickname", true) == "PathSemantic");
}

TEST_CASE("extensions of primitives stand below them", "[path]") {
  CHECK(OnPatient("birthDate.extension('http://example.org/time').value") == "1974-12-25T14:35:45+01:00");
  CHECK(OnPatient("birthDate < @1975") == "true");
  CHECK(OnPatient("birthDate + 1 month") == "1975-01-25");
}

TEST_CASE("nested resources are found and typed", "[path]") {
  CHECK(OnPatient("contained.ofType(Organization).name") == "Cabinet");
  CHECK(OnPatient("contained.where(('#' + id) = %resource.managingOrganization.reference).name") ==
        "Cabinet");
  CHECK(OnPatient("%rootResource.contained.id") == "o1");
  auto bundle = Parse(R"({"resourceType":"Bundle","entry":[{"resource":{"resourceType":"Patient","id":"a"}},
    {"resource":{"resourceType":"Observation","id":"b",
      "valueQuantity":{"value":4.0,"system":"http://unitsofmeasure.org","code":"g"}}}]})");
  CompileOptions options;
  options.definitions = &tests::Pack();
  auto on = [&](std::string_view text) { return Evaluate(text, Item::Of(bundle, node::kRoot), options); };
  CHECK(on("Bundle.entry.resource.ofType(Patient).id") == "a");
  CHECK(on("Bundle.entry.resource.ofType(Observation).value = 4000 'mg'") == "true");
  CHECK(on("entry.resource.where($this is DomainResource).id") == "a,b");
}

TEST_CASE("without definitions names are taken as they stand, choices by their prefix", "[path]") {
  auto tree =
      Parse(R"({"resourceType":"Observation","valueQuantity":{"value":7},"component":[{"valueString":"x"}]})",
            false);
  auto on = [&](std::string_view text) { return Evaluate(text, Item::Of(tree, node::kRoot), {}); };
  CHECK(on("Observation.value.value") == "7");
  CHECK(on("valueQuantity.value + 1") == "8");
  CHECK(on("component.value") == "x");
  CHECK(on("Patient.name").empty());
}

class TableHost : public Services {
 public:
  bool Variable(std::string_view name, std::vector<Item>& out) override {
    if (name != "ORC") return false;
    out.push_back(Item::Of(*tree, tree->Child(node::kRoot, "ORC")));
    return true;
  }
  void External(std::uint32_t slot, const Item& focus, std::vector<Item>& out) override {
    asked = slot;
    auto child = focus.tree->Child(focus.node, "PID-8");
    if (child != node::kNone) out.push_back(Item::Of(*focus.tree, child));
  }
  const node::Tree* tree = nullptr;
  std::uint32_t asked = 0;
};

TEST_CASE("mapping tables write HL7 v2 and CDA names bare", "[path]") {
  node::Tree tree(node::Format::Hl7v2, node::Intern("ADT_A01"));
  auto pid = tree.Append(node::kRoot, node::Intern("PID"), node::Kind::Element);
  tree.Append(pid, node::Intern("PID-8"), node::Kind::String, "F");
  auto orc = tree.Append(node::kRoot, node::Intern("ORC"), node::Kind::Element);
  tree.Append(orc, node::Intern("ORC-1"), node::Kind::String, "NW");
  TableHost host;
  host.tree = &tree;
  CompileOptions options;
  options.table_names = true;
  options.external = [](std::string_view token) -> std::optional<std::uint32_t> {
    if (token == "PID-8") return 42;
    return std::nullopt;
  };
  auto on = [&](std::string_view text) { return Evaluate(text, Item::Of(tree, pid), options, &host); };
  CHECK(on("PID-8 = 'F'") == "true");
  CHECK(host.asked == 42);
  CHECK(on("%ORC.ORC-1 = 'NW'") == "true");
  CHECK(on("%ORC.ORC-1.exists() and PID-7.empty()") == "true");
  CHECK(on("3 - 1") == "2");
  CHECK(on("%nobody") == "PathExecution");
  // A field with a single component is that component.
  auto plain = Evaluate("`PID-8`.`PID-8.1`", Item::Of(tree, pid), {});
  CHECK(plain == "F");
}

TEST_CASE("attributes of CDA are children with an @", "[path]") {
  node::Tree tree(node::Format::Cda, node::Intern("ClinicalDocument"));
  auto id = tree.Append(node::kRoot, node::Intern("id"), node::Kind::Element);
  auto root = tree.Append(id, node::Intern("@root"), node::Kind::String, "1.2.3");
  tree[root].attribute = true;
  CompileOptions options;
  options.table_names = true;
  auto on = [&](std::string_view text) { return Evaluate(text, Item::Of(tree, node::kRoot), options); };
  CHECK(on("id.@root = '1.2.3'") == "true");
  CHECK(on("ClinicalDocument.id.@root") == "1.2.3");
  CHECK(on("id.where(@root.startsWith('1.2')).exists()") == "true");
  CHECK(on("@2020-01-01 < @2020-01-02") == "true");
}

TEST_CASE("a host answers functions of its own", "[path]") {
  class Host : public Services {
   public:
    Status Call(std::string_view function, std::span<const Item> focus,
                std::span<const std::span<const Item>> arguments, std::vector<Item>& out) override {
      CHECK(function == "shout");
      CHECK(arguments.size() == 1);
      for (const auto& item : focus) out.push_back(item);
      for (const auto& item : arguments[0]) out.push_back(item);
      return Ok();
    }
  };
  auto tree = Parse(R"({"resourceType":"Patient","name":[{"family":"A"}]})");
  CompileOptions options;
  options.host_functions = {"shout"};
  Host host;
  CHECK(Evaluate("name.family.shout('b')", Item::Of(tree, node::kRoot), options, &host) == "A,b");
  CHECK(Evaluate("name.whisper()", Item::Of(tree, node::kRoot), options, &host) == "PathSemantic");
}

TEST_CASE("conditions follow the rule for single items", "[path]") {
  auto tree = Parse(R"({"resourceType":"Patient","active":false,"name":[{"family":"A"},{"family":"B"}]})");
  Machine machine;
  auto test = [&](std::string_view text) {
    auto expression = Expression::Compile(text);
    REQUIRE(expression);
    auto truth = machine.Test(*expression, Item::Of(tree, node::kRoot));
    REQUIRE(truth);
    return *truth;
  };
  CHECK_FALSE(test("active"));
  CHECK(test("active.exists()"));
  CHECK(test("name"));
  CHECK_FALSE(test("telecom"));
}

TEST_CASE("text that goes deep, and work without end, are errors", "[path]") {
  auto code = [](const std::string& text) {
    auto expression = Expression::Compile(text);
    return expression ? std::string() : std::string(expression.error().info->name);
  };
  CHECK(code(std::string(10'000, '(') + "1" + std::string(10'000, ')')) == "PathTooCostly");
  CHECK(code(std::string(10'000, '-') + "1") == "PathTooCostly");
  std::string sum = "1";
  for (int i = 0; i < 10'000; ++i) sum += " + 1";
  CHECK(code(sum) == "PathTooCostly");
  std::string calls = "a";
  for (int i = 0; i < 10'000; ++i) calls += ".first()";
  CHECK(code(calls) == "PathTooCostly");
  auto tree = Parse(R"({"resourceType":"Patient"})");
  std::string doubling = "('a'|'b')";
  for (int i = 0; i < 40; ++i) doubling += ".select($this.combine($this + 'x'))";
  CHECK(Evaluate(doubling, Item::Of(tree, node::kRoot), {}) == "PathTooCostly");
  CHECK(Evaluate("'a'.repeat($this + 'a')", Item::Of(tree, node::kRoot), {}) == "PathTooCostly");
}

TEST_CASE("what is wrong is said as syntax, semantics or execution", "[path]") {
  CHECK(OnPatient("name.") == "PathSyntax");
  CHECK(OnPatient("name.where(") == "PathSyntax");
  CHECK(OnPatient("'open") == "PathSyntax");
  CHECK(OnPatient("nothing()") == "PathSemantic");
  CHECK(OnPatient("name.ofType(Nobody)") == "PathSemantic");
  CHECK(OnPatient("name.first(1)") == "PathSemantic");
  CHECK(OnPatient("name.single()") == "PathExecution");
  CHECK(OnPatient("now()") == "PathExecution");
}

TEST_CASE("escapes of strings are undone, those that are none stand for themselves", "[path]") {
  CHECK(OnPatient(R"('a\u00e9\'b' = 'a\u00E9\u0027b')") == "true");
  CHECK(OnPatient(R"('\ud83d\ude00'.length())") == "1");
  CHECK(OnPatient(R"('75'.matches('^\d+$'))") == "true");
  CHECK(OnPatient(R"('\ud83d')") == "PathSyntax");
}

TEST_CASE("text from outside does not add to the vocabulary", "[path]") {
  auto tree = Parse(R"({"resourceType":"Patient","neverHeardOf":"x","active":true})", false);
  CompileOptions options;
  options.trusted = false;
  CHECK(Evaluate("neverHeardOf", Item::Of(tree, node::kRoot), options) == "x");
  CHECK(Evaluate("active and neverHeardOfEither.empty()", Item::Of(tree, node::kRoot), options) == "true");
  CHECK(node::Find("neverHeardOf") == 0);
  CHECK(node::Find("neverHeardOfEither") == 0);
}

TEST_CASE("many items are made distinct in linear time", "[path]") {
  std::string json = R"({"resourceType":"Bundle","entry":[)";
  for (int i = 0; i < 20'000; ++i)
    json += (i == 0 ? "" : ",") + std::string(R"({"fullUrl":"urn:x:)") + std::to_string(i) + "\"}";
  auto tree = Parse(json + "]}");
  CompileOptions options;
  options.definitions = &tests::Pack();
  options.type = "Bundle";
  CHECK(Evaluate("entry.fullUrl.isDistinct()", Item::Of(tree, node::kRoot), options) == "true");
}

}  // namespace
}  // namespace passerelle::path
