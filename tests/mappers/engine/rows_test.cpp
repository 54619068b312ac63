// Rows of every form over HL7 v2: sources, targets, conditions.

#include "tests/mappers/engine/support.h"

using namespace passerelle;
using namespace passerelle::tests;
using Strings = std::vector<std::string>;

namespace {

// The Patient of one PID, without its type.
std::string Patient(const std::string& rows, const std::string& pid, const std::string& more = {}) {
  auto all = MapPid(rows, pid, more);
  REQUIRE(all.size() == 1);
  std::string_view head = R"({"resourceType":"Patient",)";
  REQUIRE(all[0].starts_with(head));
  return "{" + all[0].substr(head.size());
}

}  // namespace

TEST_CASE("elements come out in the order of the definitions, whatever the rows' order") {
  CHECK(
      Patient("PID-7 -> birthDate\nPID-5.1 -> name[0].family\nPID-5.2 -> name[0].given[]\n\"true\" -> active",
              "PID|1||||DURAND^PAUL^A||19700102") ==
      R"({"active":true,"name":[{"family":"DURAND","given":["PAUL"]}],"birthDate":"1970-01-02"})");
}

TEST_CASE("a row runs once for each node; brackets decide what is shared") {
  std::string pid = "PID|1||1~2||A^B~C^D";
  CHECK(Patient("PID-3 -> identifier[].value", pid) == R"({"identifier":[{"value":"1"},{"value":"2"}]})");
  CHECK(Patient("PID-3 -> identifier.value", pid) == R"({"identifier":[{"value":"1"}]})");
  CHECK(Patient("PID-5.1 -> name[0].family\nPID-5.2 -> name[0].given[]", pid) ==
        R"({"name":[{"family":"A","given":["B","D"]}]})");
  CHECK(Patient("PID-5.1 -> name[a].family\nPID-5.2 -> name[b].text", pid) ==
        R"({"name":[{"family":"A"},{"text":"B"}]})");
  CHECK(Patient("PID-5[2].1 -> name.family", pid) == R"({"name":[{"family":"C"}]})");
  // Shared by every map that comes to the resource, where brackets with a key are of one run.
  std::string address = "PID-11.1 -> address[+].city\n. -> . PID:more\nsegment PID:more -> Patient\n";
  CHECK(Patient(address + "PID-11.2 -> address[+].state", "PID|1||||||||||A^B") ==
        R"({"address":[{"city":"A","state":"B"}]})");
  CHECK(Patient(address + "PID-11.2 -> address[1].state", "PID|1||||||||||A^B") ==
        R"({"address":[{"city":"A"},{"state":"B"}]})");
}

TEST_CASE("indented rows run on the node and the element of the row above") {
  CHECK(Patient("PID-5 -> name[]\n  PID-5.1 -> text\n", "PID|1||||A^B~C^D") ==
        R"({"name":[{"text":"A"},{"text":"A"}]})");  // PID-5 is the segment's
  CHECK(
      Patient("PID-5 -> name[] XPN", "PID|1||||A^B~C^D",
              "datatype XPN -> HumanName\nXPN.1 -> family\nXPN.2 -> given[]\n  . -> "
              "extension(http://x)[].valueString") ==
      R"({"name":[{"family":"A","given":["B"],"_given":[{"extension":[{"url":"http://x","valueString":"B"}]}]},)"
      R"({"family":"C","given":["D"],"_given":[{"extension":[{"url":"http://x","valueString":"D"}]}]}]})");
}

TEST_CASE("components of a value without any are the value itself") {
  std::string cx =
      "datatype CX -> Identifier\nCX.1 -> value\nCX.4.1 -> assigner.display\nCX.4.2 -> system prefix "
      "\"urn:oid:\"";
  CHECK(Patient("PID-3 -> identifier[] CX", "PID|1||7", cx) == R"({"identifier":[{"value":"7"}]})");
  CHECK(Patient("PID-3 -> identifier[] CX", "PID|1||7^^^H", cx) ==
        R"({"identifier":[{"value":"7","assigner":{"display":"H"}}]})");
  CHECK(Patient("PID-3 -> identifier[] CX", "PID|1||7^^^H&1.2.3&ISO", cx) ==
        R"({"identifier":[{"system":"urn:oid:1.2.3","value":"7","assigner":{"display":"H"}}]})");
}

TEST_CASE("extensions are one for each URL, with brackets one for each node") {
  CHECK(Patient(
            "PID-3 -> extension(http://x).valueString\nPID-8 -> extension(http://x).extension(y).valueCode\n"
            "PID-7 -> birthDate.extension(http://t).valueDateTime",
            "PID|1||7||||19700102030405|F") ==
        R"({"extension":[{"extension":[{"url":"y","valueCode":"F"}],"url":"http://x","valueString":"7"}],)"
        R"("_birthDate":{"extension":[{"url":"http://t","valueDateTime":"1970-01-02T03:04:05+01:00"}]}})");
  CHECK(Patient("alias x = http://x.org\nPID-3 -> extension(x/a).valueString", "PID|1||7") ==
        R"({"extension":[{"url":"http://x.org/a","valueString":"7"}]})");
  CHECK(Patient("PID-3 -> extension(http://x)[].valueString", "PID|1||7~8") ==
        R"({"extension":[{"url":"http://x","valueString":"7"},{"url":"http://x","valueString":"8"}]})");
}

TEST_CASE("choices: one type only, the first that comes") {
  CHECK(Patient("PID-29 -> deceasedDateTime\nPID-30 -> deceased[boolean]",
                "PID|||||||||||||||||||||||||||||20200101|Y") == R"({"deceasedDateTime":"2020-01-01"})");
  CHECK(Patient("PID-29 -> deceasedDateTime\nPID-30 -> deceased[boolean]",
                "PID||||||||||||||||||||||||||||||Y") == R"({"deceasedBoolean":true})");
}

TEST_CASE("conditions choose, else takes what is left") {
  std::string rows = "PID-8 -> gender code sex\n\"unknown\" -> gender else\n";
  std::string codes = "codes sex -> http://hl7.org/fhir/administrative-gender\nF -> female\nM -> male";
  CHECK(Patient(rows + "PID-3 -> active", "PID|1||true|||||F", codes) ==
        R"({"active":true,"gender":"female"})");
  CHECK(Patient(rows + "PID-3 -> active", "PID|1||true|||||X", codes) ==
        R"({"active":true,"gender":"unknown"})");
  CHECK(Patient(rows + "PID-3 -> active", "PID|1||true", codes) == R"({"active":true,"gender":"unknown"})");
  // By node: the first repetition is taken, the second goes on.
  CHECK(Patient("PID-3 -> identifier[].value when CX.1 = 'a'\nPID-3 -> name[].text else", "PID|1||a~b") ==
        R"({"identifier":[{"value":"a"}],"name":[{"text":"b"}]})");
  CHECK(Patient("PID-3 -> identifier[].value when $this = 'a'\nPID-3 -> name[].family else when $this = 'b'\n"
                "PID-3 -> name[].text else",
                "PID|1||a~b~c") == R"({"identifier":[{"value":"a"}],"name":[{"family":"b"},{"text":"c"}]})");
  // What could not be converted is left to the else row.
  CHECK(Patient("PID-7 -> birthDate\nPID-7 -> name.text else", "PID|||||||soon") ==
        R"({"name":[{"text":"soon"}]})");
}

TEST_CASE("what stands 64 places further on is not taken for what is looked for") {
  std::string pid = "PID|1" + std::string(64, '|') + "far";  // PID-65, and PID-1
  CHECK(Patient("PID-65 -> language", pid) == R"({"language":"far"})");
  CHECK(MapPid("PID-66 -> language", pid).empty());
  CHECK(Patient("PID-2 -> language\nPID-1 -> implicitRules", pid) == R"({"implicitRules":"1"})");
}

TEST_CASE("a segment without fields gives nothing") {
  CHECK(MapPid("PID-1 -> language\nPID-3 -> identifier[].value", "PID|").empty());
}

TEST_CASE("a condition over rows below it") {
  std::string rows =
      "when PID-8 = 'F'\n  \"female\" -> gender\n  PID-3 -> identifier.value\nelse\n  \"other\" -> gender\n";
  CHECK(Patient(rows, "PID|1||7|||||F") == R"({"identifier":[{"value":"7"}],"gender":"female"})");
  CHECK(Patient(rows, "PID|1||7|||||M") == R"({"gender":"other"})");
}

TEST_CASE("conditions in every quick form agree with FHIRPath") {
  struct Case {
    std::string condition;
    bool holds;
  };
  const std::vector<Case> cases = {
      {"PID-8 = 'F'", true},
      {"PID-8 != 'F'", false},
      {"PID-9 = 'F'", false},
      {"PID-9 != 'F'", false},  // nothing is not unequal
      {"PID-8 in ('M' | 'F')", true},
      {"(PID-8 in ('M' | 'U')).not()", true},
      {"(PID-9 in ('M' | 'U')).not()", false},
      {"PID-9.empty() or PID-9 != 'X'", true},
      {"PID-5.1.startsWith('A')", true},
      {"PID-5.1.startsWith('AB') or PID-8.startsWith('X')", false},
      {"PID-5.1.startsWith('B').not() and PID-8.startsWith('')", true},
      {"PID-9.startsWith('A').not()", false},
      {"PID-5.contains('B')", false},  // not of a field with components
      {"PID-5.2.contains('B') and PID-5.2.contains('C').not()", true},
      {"PID-5.1.matches('^[A-C]')", true},
      {"PID-5.1.matches('^[0-9]')", false},
      {"PID-5.1.matches('^[0-9A-]+$')", true},
      {"PID-5.1.matches('^[A-Z]{2}$')", false},
      {"PID-9.matches('^[0-9]').not()", false},
      {"PID-3.count() > 1 and PID-8.exists()", true},
      {"PID-3.count() = 3", false},
      {"PID-3 = 'a'", false},  // two are not one
      {"PID-5.1 = 'A' and (PID-8 = 'M' or PID-8 = 'F')", true},
      {"PID-8.exists().not()", false},
      {"%PID.PID-8 = 'F'", true},
      {"PID-8.startsWith('F')", true},
      {"PID-8.startsWith('FF').not() and PID-5.1.startsWith('')", true},
      {"PID-9.startsWith('F').not()", false},
      {"PID-5.2.matches('^[A-Z]+$')", true},
      {"PID-5.2.matches('^[0-9]+$').not()", true},
      {"PID-3.exists($this = 'b')", true},
      {"PID-3.exists($this in ('c' | 'd'))", false},
      {"PID-3.where($this = 'a' or $this = 'b').count() = 2", true},
      {"PID-3.where($this = 'c').empty() and PID-3.where($this != 'a').exists()", true},
      {"PID-3.exists($this = 'b' and PID-8 = 'F')", true},
      {"PID-9.where($this = 'a').exists().not()", true},
      {"PID-8.length() = 1 and PID-8.length() < 2", true},
      {"PID-8.toString().length() > 1", false},
      {"PID-9.length() < 2", false},  // nothing has no length
      {"PID-1.convertsToDecimal() and PID-8.convertsToDecimal().not()", true},
      {"PID-9.convertsToDecimal().not()", false},
      {"PID-3.where($this.convertsToDecimal()).empty()", true},
  };
  for (const auto& one : cases) {
    INFO(one.condition);
    // The quick form, and the same where FHIRPath is needed.
    for (const std::string& condition : {one.condition, "iif(true, " + one.condition + ")"}) {
      auto all =
          MapPid("PID-3 -> identifier[].value\n\"true\" -> active when " + condition, "PID|1||a~b||A^B|||F");
      REQUIRE(all.size() == 1);
      CHECK((all[0].find("active") != all[0].npos) == one.holds);
    }
  }
}

TEST_CASE("expressions as sources give values and nodes") {
  CHECK(Patient("{'S' + PID-8} -> name.text", "PID||||||||F") == R"({"name":[{"text":"SF"}]})");
  CHECK(Patient("{PID-3.where($this != 'a')} -> identifier[].value", "PID|1||a~b~c") ==
        R"({"identifier":[{"value":"b"},{"value":"c"}]})");
  CHECK(Patient("{PID-3.count()} -> multipleBirthInteger", "PID|1||a~b~c") ==
        R"({"multipleBirthInteger":3})");
}

TEST_CASE("null says that there is no value") {
  CHECK(Patient("PID-3 -> identifier.value\nPID-8 -> gender\nPID-5.1 -> name.family",
                "PID|1||7||\"\"|||\"\"") == R"({"identifier":[{"value":"7"}]})");
}

TEST_CASE("what comes to nothing leaves nothing") {
  CHECK(MapPid("\"true\" -> active\nPID-3 -> identifier[] CX", "PID|1",
               "datatype CX -> Identifier\nCX.1 -> value")
            .empty());
  // A datatype of which only the constants would stand.
  CHECK(Patient("PID-8 -> gender\nPID-5 -> name[] XPN", "PID|||||^^^^X|||F",
                "datatype XPN -> HumanName\n\"official\" -> use\nXPN.1 -> family") == R"({"gender":"F"})");
}

TEST_CASE("a code map answers by system, passes on, or says a default") {
  std::string codes =
      "codes m -> http://sys\nA -> a \"Letter A\"\n1.2.3|B -> b1\nB -> b2 http://other\n\"x y\" -> z\n"
      "codes all -> http://sys\n* -> =\ncodes some -> http://sys\n* -> unknown\nsystems\nT1 -> urn:oid:1.2.3";
  auto coded = [&](const std::string& map, const std::string& value) {
    auto all = MapPid("PID-3 -> active\nPID-16 -> maritalStatus code " + map,
                      "PID|1||true|||||||||||||" + value, codes);
    REQUIRE(all.size() == 1);
    auto at = all[0].find("maritalStatus");
    return at == std::string::npos ? "" : all[0].substr(at + 16, all[0].size() - at - 18);
  };
  CHECK(coded("m", "A") == R"("coding":[{"system":"http://sys","code":"a","display":"Letter A"}])");
  CHECK(coded("m", "B^^T1") == R"("coding":[{"system":"http://sys","code":"b1"}])");
  CHECK(coded("m", "B^^T2") == R"("coding":[{"system":"http://other","code":"b2"}])");
  CHECK(coded("m", "x y") == R"("coding":[{"system":"http://sys","code":"z"}])");
  CHECK(coded("m", "C").empty());
  CHECK(coded("all", "C") == R"("coding":[{"system":"http://sys","code":"C"}])");
  CHECK(coded("some", "C") == R"("coding":[{"system":"http://sys","code":"unknown"}])");
}

TEST_CASE(
    "a code that its map lacks is a finding, unless the map is a filter or the code stands as it was sent") {
  auto findings = [&](const std::string& row, const std::string& lines) {
    auto program =
        Compiled({{"a.map",
                   "message X = ADT^A01\nPID -> Patient\nsegment PID -> Patient\nPID-3 -> active\n" + row +
                       "\ndatatype CWE -> CodeableConcept\nCWE.1 -> coding[1].code\n"
                       "codes m -> http://sys\nA -> a\n" +
                       lines,
                   0}});
    auto mapped = Map(program, Message("MSH|^~\\&|A|B|C|D|2026||ADT^A01|1|P|2.5\nPID|||true|||||||||||||Z"));
    std::string all;
    for (const auto& issue : mapped.issues.all()) all += std::string(issue.rule->id) + " ";
    return all;
  };
  CHECK(findings("PID-16 -> maritalStatus code m", "") == "convert.code.unmapped ");
  CHECK(findings("PID-16 -> maritalStatus code m", "* ->\n").empty());
  CHECK(findings("PID-16 -> maritalStatus CWE m", "") == "convert.code.kept-as-sent ");
}

TEST_CASE("the unit's code map gives a quantity code and system, beside its value") {
  CHECK(
      Patient("PID-3 -> extension(http://q).valueQuantity.value\nPID-8 -> extension(http://q).valueQuantity "
              "code m",
              "PID|||5|||||MG", "codes m -> http://unitsofmeasure.org\nMG -> mg") ==
      R"({"extension":[{"url":"http://q","valueQuantity":{"value":5,)"
      R"("system":"http://unitsofmeasure.org","code":"mg"}}]})");
}

TEST_CASE("a text that the type does not take is left to the else row, and said") {
  auto system = [&](const std::string& value) {
    return Patient(
        "PID-3 -> identifier[0].value\nPID-8 -> identifier[0].system prefix \"urn:oid:\"\n"
        "PID-8 -> identifier[0].assigner.display else",
        "PID|||7|||||" + value);
  };
  CHECK(system("1.2.3") == R"({"identifier":[{"system":"urn:oid:1.2.3","value":"7"}]})");
  CHECK(system("UNI") == R"({"identifier":[{"value":"7","assigner":{"display":"UNI"}}]})");
  CHECK(Patient("PID-3 -> telecom[0].value\nPID-8 -> telecom[0].rank", "PID|||7|||||-1") ==
        R"({"telecom":[{"value":"7"}]})");
}

TEST_CASE("a map with a code map puts the mapped coding first") {
  CHECK(
      Patient("PID-16 -> maritalStatus CWE m", "PID||||||||||||||||A^Alpha^L",
              "codes m -> http://sys\nA -> a\ndatatype CWE -> CodeableConcept\nCWE.1 -> coding[1].code\n"
              "CWE.2 -> coding[1].display") ==
      R"({"maritalStatus":{"coding":[{"system":"http://sys","code":"a"},{"code":"A","display":"Alpha"}]}})");
}

TEST_CASE("converters of text") {
  CHECK(Patient("PID-3 -> name[0].text join \", \"\nPID-8 -> name[0].family prefix \"Sex \"\n"
                "PID-11 -> name[1].family before \"/\"\nPID-11 -> name[1].text after \"/\"",
                "PID|1||a~b|||||F|||up/down") ==
        R"({"name":[{"text":"a, b","family":"Sex F"},{"text":"down","family":"up"}]})");
}

TEST_CASE("systems: an OID known or not, an authority, a table") {
  std::string more =
      "datatype CX -> Identifier\nCX.1 -> value\nCX.4 -> system system\nsystems\n1.2.9 -> http://nine\nLOCAL "
      "-> http://local";
  auto system = [&](const std::string& authority) {
    return Patient("PID-3 -> identifier[] CX", "PID|1||7^^^" + authority, more);
  };
  CHECK(system("H&1.2.3&ISO") == R"({"identifier":[{"system":"urn:oid:1.2.3","value":"7"}]})");
  CHECK(system("H&1.2.9&ISO") == R"({"identifier":[{"system":"http://nine","value":"7"}]})");
  CHECK(system("LOCAL") == R"({"identifier":[{"system":"http://local","value":"7"}]})");
  CHECK(system("OTHER") == R"({"identifier":[{"value":"7"}]})");
  auto program = Compiled(
      {{"a.map",
        "message X = ADT^A01\nPID -> Patient\nsegment PID -> Patient\nPID-3 -> identifier[] CX\n" + more,
        0}});
  auto options = Options();
  options.authorities = {{"OTHER", "http://by.setting"}};
  auto mapped = Map(program, Message("MSH|^~\\&|A||||2026||ADT^A01|1|P|2.5\nPID|1||7^^^OTHER"), options);
  CHECK(mapped.resources ==
        Strings{R"({"resourceType":"Patient","identifier":[{"system":"http://by.setting","value":"7"}]})"});
}

TEST_CASE(
    "CX.4 in a condition is a part of the value in hand, in a segment's map of the field that was found") {
  auto program = Compiled({{"a.map",
                            "message ADT_A01 = ADT^A01\nPID -> Patient\n"
                            "segment PID -> Patient\n"
                            "PID-11 -> address[] XAD when XAD.7.empty() or XAD.7 != 'BDL'\n"
                            "PID-5 -> name[] XPN\n"
                            "datatype XAD -> Address\nXAD.3 -> city\n"
                            "datatype XPN -> HumanName\nXPN.1 -> family\n"
                            "XPN.3 -> given[] when XPN.7.empty() or XPN.7 != 'L'\n"
                            "XPN.3 -> text when XPN.7 = 'L'\n",
                            0}});
  auto message = Message(
      "MSH|^~\\&|A|B|||||ADT^A01|1|P|2.5\n"
      "PID|||||A^B^C^^^^L~D^E^F^^^^D||||||^^PARIS^^^^H~^^LYON^^^^BDL\n");
  Issues issues;
  auto draft = program.Run(message, Options(), issues);
  REQUIRE(draft.has_value());
  auto json = json::Write(draft->bundle);
  CHECK(json.find("PARIS") != json.npos);
  CHECK(json.find("LYON") == json.npos);
  CHECK(json.find(R"({"text":"C","family":"A"})") != json.npos);
  CHECK(json.find(R"({"family":"D","given":["F"]})") != json.npos);
}
