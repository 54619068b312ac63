// What is wrong with a table is said with its line, all of it at once.

#include "tests/mappers/engine/support.h"

using namespace passerelle;
using namespace passerelle::tests;
using Strings = std::vector<std::string>;

namespace {

constexpr const char* kHead = "message X = ADT^A01\nPID -> Patient\nsegment PID -> Patient\n";  // three lines

Strings Wrong(const std::string& rows) { return ErrorsOf(kHead + rows); }

}  // namespace

TEST_CASE("targets are checked against the definitions") {
  CHECK(Wrong("PID-3 -> identifer[].value") == Strings{"4 Patient has no identifer"});
  CHECK(Wrong("PID-3 -> identifier[].valu") == Strings{"4 Identifier has no valu"});
  CHECK(Wrong("PID-7 -> birthDate[]") == Strings{"4 birthDate is no list"});
  CHECK(Wrong("PID-7 -> value[Quantity]") == Strings{"4 Patient has no value"});
  CHECK(Wrong("PID-7 -> extension.valueCode") == Strings{"4 an extension has its URL in parentheses"});
  CHECK(Wrong("PID-7 -> name(x)") == Strings{"4 only extensions have parentheses"});
  CHECK(Wrong("PID-7 -> Pacient") == Strings{"4 FHIR R4 has no resource Pacient"});
  CHECK(Wrong("PID-7 -> +Pacient.name") == Strings{"4 FHIR R4 has no resource Pacient"});
  CHECK(Wrong("PID-7 -> contained[].id") == Strings{"4 resources are made by rows of their own"});
  CHECK(ErrorsOf("segment PID -> Pacient\nPID-3 -> id").front() == "1 FHIR R4 has no Pacient");
  CHECK(ErrorsOf("message X = ADT^A01\nPID-3 -> name").front() ==
        "2 there is no element in hand here: name a resource, Type or +Type");
}

TEST_CASE("converters are checked against the target's type, and names against the tables") {
  CHECK(Wrong("PID-3 -> identifier[]") == Strings{"4 no map for this source has the target Identifier"});
  CHECK(Wrong("PID-3 -> identifier[] CX") == Strings{"4 there is no converter or map CX"});
  CHECK(Wrong("PID-3 -> identifier[] date") == Strings{"4 date gives no Identifier"});
  CHECK(Wrong("PID-3 -> birthDate quantity") == Strings{"4 quantity gives no date"});
  CHECK(Wrong("PID-8 -> gender code") == Strings{"4 code wants an argument"});
  CHECK(Wrong("PID-8 -> gender code sex") == Strings{"4 there is no code map sex"});
  CHECK(Wrong("PID-8 -> gender date x") == Strings{"4 date gives no code"});
  CHECK(Wrong("PID-7 -> birthDate date x") == Strings{"4 date takes no argument"});
  CHECK(Wrong("PID-16 -> maritalStatus coding nosuch") == Strings{"4 there is no system nosuch"});
  CHECK(Wrong("PID-7 -> managingOrganization reference Organization") ==
        Strings{"4 no row makes a Organization"});
  CHECK(Wrong("PID-7 -> managingOrganization reference Patient:other") ==
        Strings{"4 no row makes a Patient:other"});
  CHECK(Wrong("PID-7 -> managingOrganization contain org") == Strings{"4 there is no map org"});
  CHECK(Wrong("include nothing") == Strings{"4 there is no map nothing to include"});
  CHECK(Wrong("identity identifir") == Strings{"4 Patient has no identifir"});
  CHECK(Wrong("identity Encounter") == Strings{"4 no row makes a Encounter"});
  CHECK(Wrong("PID-3 -> identifier[] CX\ndatatype CX -> HumanName\nCX.1 -> text") ==
        Strings{"4 no map CX has the target Identifier"});
}

TEST_CASE("lines that cannot be read") {
  CHECK(Wrong("PID-3") == Strings{"4 expected: SOURCE -> TARGET"});
  CHECK(Wrong("PID-3 ->") == Strings{"4 a row has a target after ->"});
  CHECK(Wrong("PID-3 -> drop") == Strings{"4 drop wants its reason in quotes"});
  CHECK(Wrong("PID-3 -> drop because") == Strings{"4 drop wants its reason in quotes"});
  CHECK(Wrong("PID-3 -> name.text text \"x") == Strings{"4 a quote, brace or bracket is not closed"});
  CHECK(Wrong("PID-0 -> id") == Strings{"4 the source PID-0 cannot be read"});
  CHECK(Wrong("PID-3 -> active when") == Strings{"4 expected: when EXPR, else, or else when EXPR"});
  CHECK(Wrong("when PID-3.exists()") == Strings{"4 no rows are indented below the condition"});
  CHECK(ErrorsOf("PID-3 -> x") == Strings{"1 a row stands before the first map"});
  CHECK(ErrorsOf("condition a-b = PID-3.exists()") ==
        Strings{"1 a condition's name has letters, digits and _ only"});
  CHECK(ErrorsOf("segment PID") == Strings{"1 expected: -> TARGET"});
  CHECK(ErrorsOf("codes A -> http://x\nB C") == Strings{"2 expected: CODE -> CODE [\"DISPLAY\"] [SYSTEM]"});
}

TEST_CASE("conditions are compiled when tables are") {
  auto errors = Wrong("PID-3 -> active when PID-3.nosuch()");
  REQUIRE(errors.size() == 1);
  CHECK(errors[0].starts_with("4 PID-3.nosuch(): "));
  CHECK(Wrong("PID-3 -> active when (PID-3 = ").size() == 1);
  CHECK(Wrong("{PID-3 +} -> name.text").size() == 1);
}

TEST_CASE("every error of a file is told, each with its line") {
  CHECK(Wrong("PID-1 -> a\nPID-2 -> active\nPID-3 -> b\n  PID-4 -> c") ==
        Strings{"4 Patient has no a", "6 Patient has no b"});
}

TEST_CASE("maps that call themselves on the same node are found out") {
  CHECK(ErrorsOf("message X = ADT^A01\nPID -> Patient\nsegment PID -> Patient\n. -> generalPractitioner[] A\n"
                 "datatype A -> Practitioner\n. -> qualification[].issuer B\n"
                 "datatype B -> Organization\n. -> contact[].name C\n. -> partOf B\n"
                 "datatype C -> HumanName\n. -> text") == Strings{"7 B calls itself on the same node"});
  CHECK(ErrorsOf("fragment a -> Patient\ninclude b\nfragment b -> Patient\ninclude a").size() == 2);
}

TEST_CASE("a map that calls itself through another node stops with a finding") {
  // PID's own contact is made of PID again.
  auto program =
      Compiled({{"a.map",
                 "message X = ADT^A01\nPID -> Patient\nsegment PID -> Patient\nPID-3 -> identifier.value\n"
                 "(PID) -> generalPractitioner[] P\ndatatype P -> Practitioner\nPID-3 -> identifier.value\n"
                 "(PID) -> qualification[].issuer O\ndatatype O -> Organization\nPID-3 -> identifier.value\n"
                 "(PID) -> partOf O",
                 0}});
  auto mapped = Map(program, Message("MSH|^~\\&|A||||2026||ADT^A01|1|P|2.5\nPID|1||7"));
  CHECK(mapped.resources.size() == 3);
  REQUIRE(mapped.issues.all().size() == 1);
  CHECK(mapped.issues.all()[0].rule->id == "engine.map.again");
}
