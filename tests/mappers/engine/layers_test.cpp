// Later layers replace groups of earlier ones; digests tell tables apart.

#include "tests/mappers/engine/support.h"

using namespace passerelle;
using namespace passerelle::tests;
using Strings = std::vector<std::string>;

namespace {

const std::string kBase =
    "message X = ADT^A01\nPID -> Patient\nsegment PID -> Patient\nPID-3 -> identifier[].value\nsex: PID-8 -> "
    "gender code sex\n"
    "\"unknown\" -> gender else\nPID-5 -> name.text\ncodes sex -> "
    "http://hl7.org/fhir/administrative-gender\nF -> female\nM -> male\n";

std::string With(const std::string& overlay, std::string pid = "PID|1||7||A|||F",
                 std::string event = "ADT^A01") {
  auto program = Compiled({{"base.map", kBase, 0}, {"site.map", overlay, 2}});
  auto all = Map(program, Message("MSH|^~\\&|A||||2026||" + event + "|1|P|2.5\n" + pid)).resources;
  REQUIRE(all.size() == 1);
  return "{" + all[0].substr(26);
}

Strings Errors(std::vector<engine::TableFile> files) {
  std::vector<Error> errors;
  auto program = engine::Program::Compile(files, Pack(), &errors);
  Strings all;
  for (const auto& error : errors)
    all.push_back(error.place.path + ":" + std::to_string(error.place.line) + " " + error.detail);
  return all;
}

}  // namespace

TEST_CASE("without an overlay") {
  CHECK(With("") == R"({"identifier":[{"value":"7"}],"name":[{"text":"A"}],"gender":"female"})");
}

TEST_CASE("a condition has a name in every file, and what a later layer says of it counts") {
  auto with = [&](const std::string& names) {
    return With("condition home = PID-11.7 = 'H' or PID-11.7 = 'BA'\n" + names, "PID|1||7||A||||||1^^B^^^^H");
  };
  CHECK(with("segment PID -> Patient\n\"true\" -> active when %home and PID-3 = '7'\n").find("active") !=
        std::string::npos);
  CHECK(with("segment PID -> Patient\n\"true\" -> active when %home and PID-3 = '8'\n").find("active") ==
        std::string::npos);
  CHECK(with("condition home = PID-3 = '8'\nsegment PID -> Patient\n\"true\" -> active when %home\n")
            .find("active") == std::string::npos);
  CHECK(Errors({{"a.map", "condition home\n", 0}}) == Strings{"a.map:1 expected: condition NAME = EXPR"});
}

TEST_CASE("a group is replaced where it stands, all of it") {
  CHECK(With("segment PID -> Patient\nPID-3 -> identifier[].value prefix \"x-\"") ==
        R"({"identifier":[{"value":"x-7"}],"name":[{"text":"A"}],"gender":"female"})");
  // In its place: the else row still follows it.
  CHECK(With("segment PID -> Patient\nPID-8 -> gender code sex when PID-8 = 'M'") ==
        R"({"identifier":[{"value":"7"}],"name":[{"text":"A"}],"gender":"unknown"})");
}

TEST_CASE("new rows join the map, and groups go by source and target or by id") {
  CHECK(With("segment PID -> Patient\nPID-1 -> multipleBirthInteger") ==
        R"({"identifier":[{"value":"7"}],"name":[{"text":"A"}],"gender":"female","multipleBirthInteger":1})");
  CHECK(With("segment PID -> Patient\nremove PID-5 -> name.text\nremove sex") ==
        R"({"identifier":[{"value":"7"}],"gender":"unknown"})");
  CHECK(
      Errors({{"base.map", kBase, 0}, {"site.map", "segment PID -> Patient\nremove PID-5 -> name.txt", 2}}) ==
      Strings{"site.map:2 there is nothing here to remove"});
}

TEST_CASE("lines of code maps and events of messages") {
  CHECK(With("codes sex -> http://hl7.org/fhir/administrative-gender\nF -> other\nX -> male") ==
        R"({"identifier":[{"value":"7"}],"name":[{"text":"A"}],"gender":"other"})");
  CHECK(With("message X = ADT^A04", "PID|1||7", "ADT^A04") ==
        R"({"identifier":[{"value":"7"}],"gender":"unknown"})");
}

TEST_CASE("an overlay's mistakes are told with its file and line") {
  CHECK(Errors({{"base.map", kBase, 0}, {"dir/site.map", "segment PID -> Patient\n\nPID-3 -> nosuch", 2}}) ==
        Strings{"dir/site.map:3 Patient has no nosuch"});
}

TEST_CASE("within one layer a group stands in one file") {
  CHECK(Errors({{"a.map", kBase, 0}, {"b.map", "segment PID -> Patient\nPID-5 -> name.text", 0}}) ==
        Strings{"b.map:2 PID-5 -> name.text stands in a.map too"});
  CHECK(Errors({{"a.map", kBase, 0}, {"b.map", "codes sex\nF -> other", 0}}) ==
        Strings{"b.map:2 the code F has a line already"});
}

TEST_CASE("included rows give way to a map's own of the same group") {
  auto program =
      Compiled({{"a.map",
                 "message X = ADT^A01\nPID -> Patient\nfragment f -> Patient\nPID-3 -> identifier.value\n"
                 "PID-5 -> name.text\nsegment PID -> Patient\ninclude f\nPID-5 -> name.text prefix \"x\"",
                 0}});
  CHECK(Map(program, Message("MSH|^~\\&|A||||2026||ADT^A01|1|P|2.5\nPID|1||7||A")).resources ==
        Strings{R"({"resourceType":"Patient","identifier":[{"value":"7"}],"name":[{"text":"xA"}]})"});
}

TEST_CASE("the digest is of all texts") {
  auto one = Compiled({{"a.map", kBase, 0}}), same = Compiled({{"a.map", kBase, 0}}),
       other = Compiled({{"a.map", kBase + "\n", 0}});
  CHECK(one.digest() == same.digest());
  CHECK(one.digest() != other.digest());
  CHECK(one.digest().size() == 64);
}

TEST_CASE("any other event of a type") {
  auto program = Compiled(
      {{"a.map", "message X = ADT^*\nPID -> Patient\nsegment PID -> Patient\nPID-3 -> identifier.value", 0}});
  CHECK(program.Claims(Message("MSH|^~\\&|A||||2026||ADT^Z99|1|P|2.5\nPID|1||7")));
  CHECK_FALSE(program.Claims(Message("MSH|^~\\&|A||||2026||ORU^R01|1|P|2.5\nPID|1||7")));
}
