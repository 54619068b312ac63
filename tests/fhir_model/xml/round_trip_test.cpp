// JSON to XML and back over every example of the R4 package: nothing may be lost.

#include <algorithm>
#include <catch2/catch.hpp>
#include <filesystem>
#include <map>

#include "fhir_model/json/json.h"
#include "fhir_model/xml/xml.h"
#include "profiles/packages/source.h"
#include "tests/support/pack.h"

namespace passerelle::xml {
namespace {

using node::NodeIndex;
using node::Tree;

// The JSON value with the members of each object in alphabetical order: FHIR gives their order no meaning.
std::string Canonical(const Tree& tree, NodeIndex i) {
  const node::Node& n = tree[i];
  std::string out = std::to_string(static_cast<int>(n.kind)) + std::string(tree.NameText(n.resource)) + "=" +
                    std::string(n.text);
  std::map<std::string_view, std::string> members;
  for (NodeIndex c : node::Children(tree, i))
    members[tree.name(c)] += (tree[c].list ? "[" : "") + Canonical(tree, c) + ",";
  out += '{';
  for (auto& [name, value] : members) out.append(name).append(":") += value;
  return out + '}';
}

// Definitions are tested where they are compiled; what is left are the examples of the specification.
bool IsExample(std::string_view name) {
  constexpr std::string_view definitional[] = {"package.json",
                                               "ig-r4",
                                               ".index",
                                               "StructureDefinition-",
                                               "ValueSet-",
                                               "CodeSystem-",
                                               "SearchParameter-",
                                               "ConceptMap-",
                                               "OperationDefinition-",
                                               "CompartmentDefinition-",
                                               "ImplementationGuide-",
                                               "CapabilityStatement-",
                                               "Bundle-resources",
                                               "Bundle-types",
                                               "Bundle-extensions",
                                               "Bundle-profiles-others",
                                               "Bundle-valueset",
                                               "Bundle-v2-",
                                               "Bundle-v3-",
                                               "Bundle-searchParams",
                                               "Bundle-dataelements"};
  return std::none_of(std::begin(definitional), std::end(definitional),
                      [&](std::string_view start) { return name.starts_with(start); });
}

TEST_CASE("every example of the specification survives JSON, XML and JSON again", "[xml][conformance]") {
  const std::string package = ".packages/hl7.fhir.r4.examples-4.0.1.tgz";
  if (!std::filesystem::exists(package)) {
    WARN("skipped: no " << package);
    return;
  }
  int same = 0, all = 0;
  auto visited = packages::ReadPackage(package, [&](std::string_view name, std::string bytes) -> Status {
    auto file = name.substr(name.rfind('/') + 1);
    if (!IsExample(file)) return Ok();
    ++all;
    INFO(file);
    auto tree = json::Parse(std::move(bytes), kFileLimits, &tests::Pack());
    if (!tree) FAIL_CHECK(tree.error().Text());
    auto back = ParseFhir(WriteFhir(*tree, tests::Pack()), kFileLimits, tests::Pack());
    if (!back) {
      FAIL_CHECK(back.error().Text());
      return Ok();
    }
    bool equal = Canonical(*tree, node::kRoot) == Canonical(*back, node::kRoot);
    CHECK(equal);
    auto again = json::Parse(json::Write(*back), kFileLimits, &tests::Pack());
    CHECK((again && Equal(*again, node::kRoot, *back, node::kRoot)));
    same += equal;
    return Ok();
  });
  REQUIRE(visited);
  WARN("round trips: " << same << " of " << all);
  CHECK(all >= 717);
}

}  // namespace
}  // namespace passerelle::xml
