// JSON as people write it by hand: what is mended, what is told of it, what is given up.

#include "fhir_model/json/mend.h"

#include <catch2/catch.hpp>

#include "fhir_model/json/json.h"

namespace passerelle::json {
namespace {

using Told = std::vector<std::string>;

// "line:column place" of each flaw.
Told FlawsOf(std::string_view text) {
  auto mended = Mend(text);
  if (!mended) return {"given up"};
  CHECK(Parse(mended->text, kFileLimits).has_value());
  Told told;
  for (const auto& at : mended->flaws)
    told.push_back(std::to_string(at.place.line) + ":" + std::to_string(at.place.column) + " " +
                   at.place.path);
  return told;
}

TEST_CASE("comments are told at the member they stand before", "[json]") {
  CHECK(FlawsOf("// a\n{\"resourceType\":\"Patient\"}") == Told{"1:1 Patient"});
  CHECK(FlawsOf("{\"resourceType\":\"Patient\",\n/* a\n b */ \"id\":\"x\"}") == Told{"2:1 Patient.id"});
  CHECK(FlawsOf("{\"resourceType\":\"Patient\",\"name\":[{\"text\":\"// none\"}] // a\n}") ==
        Told{"1:55 Patient"});
}

TEST_CASE("what has no quotes gets them", "[json]") {
  auto mended = Mend("{resourceType:Patient,active:true,name:[{given:[Anne,\"B\"]}]}");
  REQUIRE(mended.has_value());
  CHECK(mended->text ==
        "{\"resourceType\":\"Patient\",\"active\":true,\"name\":[{\"given\":[\"Anne\",\"B\"]}]}");
  CHECK(mended->flaws.size() == 6);
  CHECK(mended->flaws.back().place.path == "Patient.name[0].given[0]");
}

TEST_CASE("commas are put in and left out", "[json]") {
  CHECK(FlawsOf("{\"resourceType\":\"Patient\" \"id\":\"x\"}") == Told{"1:27 Patient"});
  CHECK(FlawsOf("{\"resourceType\":\"Patient\",\"name\":[{\"given\":[\"a\" \"b\",],},]}") ==
        Told{"1:49 Patient.name[0]", "1:53 Patient.name[0]", "1:55 Patient.name[0]", "1:57 Patient"});
}

TEST_CASE("what is beyond that is given up, and so is what has no flaw", "[json]") {
  for (std::string_view text : {"", "x", "[1]", "{\"a\":}", "{\"a\" 1}", "{\"a\":\"x}", "{\"a\":[1}", "{,}",
                                "{} x", "{\"a\":#}", "{\"resourceType\":\"Patient\"}"})
    CHECK(FlawsOf(text) == Told{"given up"});
  CHECK(FlawsOf(std::string(100'000, '[')) == Told{"given up"});
  std::string deep;
  for (int i = 0; i < 1000; ++i) deep += "{a:";
  CHECK(FlawsOf(deep) == Told{"given up"});
}

}  // namespace
}  // namespace passerelle::json
