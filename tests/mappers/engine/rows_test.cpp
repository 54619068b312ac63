// Rows of every form, from HL7 v2 and CDA to FHIR.

#include "tests/mappers/engine/support.h"

using namespace passerelle;
using namespace passerelle::tests;
using Strings = std::vector<std::string>;

TEST_CASE("fields, components and constants fill elements in the order of the definitions") {
  CHECK(MapPid(
            "PID-7 -> birthDate\nPID-5.1 -> name[0].family\nPID-5.2 -> name[0].given[]\n\"true\" -> active\n",
            "PID|1||||DURAND^PAUL^A||19700102") ==
        Strings{R"({"resourceType":"Patient","active":true,"name":[{"family":"DURAND","given":["PAUL"]}],)"
                R"("birthDate":"1970-01-02"})"});
}

TEST_CASE("CX.4 in a condition is a part of the value in hand, in a segment's map of the field that was found") {
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
