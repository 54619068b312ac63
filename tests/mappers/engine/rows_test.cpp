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
