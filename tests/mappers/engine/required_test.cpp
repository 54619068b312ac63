#include "mappers/engine/required.h"

#include <catch2/catch.hpp>

#include "fhir_model/json/json.h"
#include "profiles/terminology/terminology.h"
#include "tests/support/pack.h"

namespace passerelle::engine {
namespace {

// What an empty resource of the type is given for its status.
std::string StatusGiven(const Required& required, std::string_view type) {
  auto bundle = json::Parse(
      R"({"resourceType":"Bundle","entry":[{"resource":{"resourceType":")" + std::string(type) + "\"}}]}",
      kFileLimits);
  REQUIRE(bundle);
  tests::Pack().Type(*bundle, node::kRoot, tests::Pack().FindShape("Bundle"));
  required.Complete(*bundle);
  return std::string(
      bundle->ChildText(bundle->Child(bundle->Child(node::kRoot, "entry"), "resource"), "status"));
}

const spec::Element* Find(const spec::Profile& profile, const std::string& path) {
  for (const auto& element : profile.elements)
    if (element.path == path) return &element;
  return nullptr;
}

}  // namespace

TEST_CASE("a status that FHIR requires is unknown where its codes have that, and of no other resource") {
  const Required required(tests::Pack());
  const spec::Library library(tests::Pack());
  const terminology::Terminology terminology(library);
  int unknown = 0;
  for (auto type : tests::Pack().ResourceTypes()) {
    const auto* profile = library.FindType(type);
    REQUIRE(profile != nullptr);
    const auto* status = Find(*profile, std::string(type) + ".status");
    bool definition =
        Find(*profile, std::string(type) + ".publisher") != nullptr;  // never made here
    bool may = status != nullptr && status->min > 0 && !definition &&
               status->binding.strength == spec::BindingStrength::Required &&
               terminology.MemberOf(status->binding.value_set, {{}, {}, "unknown", {}}).answer ==
                   terminology::Answer::In;
    INFO(type);
    CHECK((StatusGiven(required, type) == "unknown") == may);
    unknown += may;
  }
  CHECK(unknown > 15);
}

}  // namespace passerelle::engine
