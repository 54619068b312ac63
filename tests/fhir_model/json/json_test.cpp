#include "fhir_model/json/json.h"

#include <algorithm>
#include <catch2/catch.hpp>

#include "fhir_model/base/errors.h"
#include "fhir_model/json/errors.h"

namespace passerelle::json {
namespace {

using node::Kind;
using node::kNone;
using node::kRoot;
using node::NodeIndex;
using node::Tree;

Tree Read(std::string text) {
  auto tree = Parse(std::move(text), kWireLimits);
  if (!tree) FAIL(tree.error().Text());
  return *std::move(tree);
}

Error Refusal(std::string text, const Limits& limits = kWireLimits) {
  auto tree = Parse(std::move(text), limits);
  REQUIRE_FALSE(tree);
  return tree.error();
}

void CheckRoundTrip(const std::string& text) { CHECK(Write(Read(text)) == text); }

TEST_CASE("what is read is written again, byte for byte", "[json]") {
  CheckRoundTrip(
      R"({"resourceType":"Patient","active":true,"name":[{"family":"Nessi","given":["Ruth","Domi"]}]})");
  CheckRoundTrip(R"({"resourceType":"Observation","valueQuantity":{"value":2.50,"unit":"mg\"\\\n"}})");
  CheckRoundTrip(R"({"x":0.000000000001e-2147483639,"y":-0,"z":123456789012345678901234567890})");
  CheckRoundTrip(R"({"a":[],"b":{},"c":[null],"d":null,"e":[{},{}],"f":""})");
  CheckRoundTrip("{}");
}

TEST_CASE("line breaks that texts hold move no line, after however many of them", "[json]") {
  Tree tree = Read("{\"a\":\"\\n\\nx\\\"y\\n\",\n\"b\":\"plain\",\n\"c\":\"\\u000a\",\n\"d\":\"z\"}");
  CHECK(tree.ChildText(kRoot, "a") == "\n\nx\"y\n");
  CHECK(tree.ChildText(kRoot, "c") == "\n");
  std::string_view source = tree.source();
  NodeIndex last = tree.Child(kRoot, "d");
  CHECK(std::count(source.begin(), source.begin() + tree[last].line - 1, '\n') == 3);
}

TEST_CASE("primitive extensions live under their primitive, wherever the sibling stands", "[json]") {
  Tree tree = Read(R"({"_birthDate":{"id":"b"},"birthDate":"1970-01-01"})");
  NodeIndex date = tree.Child(kRoot, "birthDate");
  CHECK(tree[date].text == "1970-01-01");
  CHECK(tree.ChildText(date, "id") == "b");
  CHECK(tree.CountChildren(kRoot) == 1);

  CheckRoundTrip(R"({"birthDate":"1970","_birthDate":{"extension":[{"url":"u"}]}})");
  CheckRoundTrip(R"({"given":["A",null,"C"],"_given":[null,{"id":"1"},{"id":"2"}]})");
  CheckRoundTrip(R"({"given":["A"],"_given":[{"id":"1"}],"family":"B"})");
}

TEST_CASE("a primitive may have extensions and no value", "[json]") {
  Tree tree = Read(R"({"_birthDate":{"extension":[{"url":"u","valueCode":"unknown"}]},"z":1})");
  NodeIndex date = tree.Child(kRoot, "birthDate");
  CHECK(tree[date].kind == Kind::Null);
  CHECK(tree[date].text.empty());
  CHECK(tree.ChildText(tree.Child(date, "extension"), "valueCode") == "unknown");

  CheckRoundTrip(R"({"_birthDate":{"id":"1"},"z":1})");
  CheckRoundTrip(R"({"_given":[{"id":"1"},null,{"id":"3"}]})");
  // More siblings than values, and before them.
  CHECK(Write(Read(R"({"_given":[{"id":"1"},{"id":"2"}],"given":["A"],"z":1})")) ==
        R"({"given":["A",null],"_given":[{"id":"1"},{"id":"2"}],"z":1})");
}

TEST_CASE("many members with siblings fold too", "[json]") {
  std::string text = "{";
  for (int i = 0; i < 100; ++i) {
    std::string n = std::to_string(i);
    text += (i ? ",\"m" : "\"m") + n + "\":\"" + n + "\",\"_m" + n + "\":{\"id\":\"" + n + "\"}";
  }
  CheckRoundTrip(text + "}");
}

TEST_CASE("an underscore that is no sibling is a name like any other", "[json]") {
  CheckRoundTrip(R"({"_id":"hl7.fhir@4","_":1,"_n":null})");
  CHECK(Refusal(R"({"name":[{"family":"A"}],"_name":[{"id":"1"}]})").info == &errors::JsonSiblingMisplaced);
  CHECK(Refusal(R"({"given":["A"],"_given":["B"]})").info == &errors::JsonSiblingMisplaced);
}

TEST_CASE("resources know their type, and resourceType is an element elsewhere", "[json]") {
  Tree tree = Read(
      R"({"type":"collection","entry":[{"resource":{"id":"1","resourceType":"Patient"}}],"resourceType":"Bundle"})");
  CHECK(tree.name(kRoot) == "Bundle");
  NodeIndex resource = tree.Child(tree.Child(kRoot, "entry"), "resource");
  CHECK(tree.NameText(tree[resource].resource) == "Patient");
  CHECK(tree.Child(resource, "resourceType") == kNone);
  CHECK(
      Write(tree) ==
      R"({"resourceType":"Bundle","type":"collection","entry":[{"resource":{"resourceType":"Patient","id":"1"}}]})");
  CheckRoundTrip(
      R"({"resourceType":"ExampleScenario","instance":[{"resourceId":"1","resourceType":"Patient"}]})");
}

TEST_CASE("escapes are decoded, and lines still count as in the text", "[json]") {
  Tree tree =
      Read("\xEF\xBB\xBF{\n \"a\": \"x\\ny\\u00e9\\ud83d\\ude00\",\n\"b\\nc\": 1,\n \"c\": {\"d\": null}}");
  CHECK(tree.ChildText(kRoot, "a") == "x\ny\xC3\xA9\xF0\x9F\x98\x80");
  CHECK(tree.ChildText(kRoot, "b\nc") == "1");
  Place place = tree.PlaceOf(tree.Child(tree.Child(kRoot, "c"), "d"));
  CHECK(place.line == 4);
  CHECK(place.column == 13);
}

TEST_CASE("text that needs no decoding is not copied", "[json]") {
  std::string big(1 << 20, 'A');
  Tree tree = Read("{\"data\":\"" + big + "\"}");
  CHECK(tree.ChildText(kRoot, "data") == big);
  CHECK(tree.arena_bytes() < 1000);
}

TEST_CASE("what is no FHIR JSON is refused with its place", "[json]") {
  Error twice = Refusal("{\"name\": [\n {\"family\": \"A\", \"use\": \"usual\",\n \"family\": \"B\"}]}");
  CHECK(twice.info == &errors::JsonDuplicateMember);
  CHECK(twice.place.line == 3);
  CHECK(twice.place.column == 3);
  CHECK(twice.place.path == "name[0]");
  CHECK(twice.detail.empty());

  CHECK(Refusal("[1]").info == &errors::JsonNotAnObject);
  CHECK(Refusal("\"x\"").info == &errors::JsonNotAnObject);
  CHECK(Refusal("").info == &errors::JsonMalformed);
  CHECK(Refusal("{\"a\":1}x").info == &errors::JsonMalformed);
  CHECK(Refusal(std::string("{\"a\":1}\0x", 9)).info == &errors::JsonMalformed);
  CHECK(Refusal("{\"a\":01}").info == &errors::JsonMalformed);
  CHECK(Refusal("{\"a\":1e400}").info == &errors::JsonMalformed);
  CHECK(Refusal("{\"a\":1,}").info == &errors::JsonMalformed);
  CHECK(Refusal("{\"a\":\"" + std::string(40, 'x') + "\x1C\"}").info == &errors::JsonMalformed);
  CHECK(Refusal("{\"a\":[[1]]}").info == &errors::JsonNestedArray);
  Error utf8 = Refusal("{\"a\":\n\"\xE9t\xE9\"}");
  CHECK(utf8.info == &errors::Utf8Invalid);
  CHECK(utf8.place.line == 2);
  CHECK(utf8.place.column == 2);
}

TEST_CASE("many different members are no repetition, but the last may be", "[json]") {
  std::string text = "{";
  for (int i = 0; i < 1000; ++i) text += "\"m" + std::to_string(i) + "\":1,";
  CHECK(Read(text + "\"z\":1}").CountChildren(kRoot) == 1001);
  CHECK(Refusal(text + "\"m5\":1}").info == &errors::JsonDuplicateMember);
  CHECK(Refusal(text + "\"m999\":1}").info == &errors::JsonDuplicateMember);
}

TEST_CASE("limits hold", "[json]") {
  CHECK(Refusal(std::string(100'000, '[')).info == &errors::JsonNotAnObject);
  CHECK(Refusal("{\"a\":" + std::string(100'000, '[')).info == &errors::JsonNestedArray);
  std::string deep;
  for (int i = 0; i < 100'000; ++i) deep += "{\"a\":";
  CHECK(Refusal(deep).info == &errors::InputTooDeep);
  deep.clear();
  for (int i = 0; i < 100'000; ++i) deep += "{\"a\":[";
  CHECK(Refusal(deep).info == &errors::InputTooDeep);
  CHECK(Refusal("{\"a\":[1,2,3,4]}", {100, 4, 4, 10}).info == &errors::InputTooManyValues);
  CHECK(Refusal("{\"a\":[1,2,3,4]}", {10, 4, 100, 10}).info == &errors::InputTooLarge);
}

TEST_CASE("pieces put together out of order are written as lists", "[json]") {
  Tree tree(node::Format::Fhir, node::Intern("Patient"));
  tree[kRoot].resource = node::Intern("Patient");
  auto add = [&](std::string_view name, std::string_view text) {
    tree[tree.Append(kRoot, node::Intern(name), Kind::String, text)].list = true;
  };
  add("a", "1"), add("b", "2"), add("a", "3");
  CHECK(Write(tree) == R"({"resourceType":"Patient","a":["1","3"],"b":["2"]})");
  CHECK(Write(tree, kRoot, true) ==
        "{\n  \"resourceType\": \"Patient\",\n  \"a\": [\n    \"1\",\n    \"3\"\n  ],\n  \"b\": [\n    "
        "\"2\"\n  ]\n}");
}

TEST_CASE("half of a surrogate pair is refused, a whole one read", "[json]") {
  CHECK_FALSE(Parse(R"({"a":"x\uDEC6"})", kFileLimits).has_value());
  CHECK_FALSE(Parse(R"({"a\uDEC6":"x"})", kFileLimits).has_value());
  CHECK_FALSE(Parse(R"({"a":"\uD83D"})", kFileLimits).has_value());
  CHECK(Parse(R"({"a":"\uD83D\uDE00 \\uDEC6"})", kFileLimits).has_value());
}

}  // namespace
}  // namespace passerelle::json
