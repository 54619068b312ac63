// ERR-5 of the profile for documents that came by secure mail.

#include "mappers/hl7v2/application_errors.h"

#include <catch2/catch.hpp>

namespace passerelle::hl7v2 {
namespace {

std::string CodeOf(std::uint16_t number, std::string_view v2_error, std::string place) {
  const ErrorInfo info{number, "Name", 422, "AE", v2_error, "value", "", ""};
  return ApplicationErrorOf(Error{info, {}, {std::move(place), 0, 0}}, Delimiters{}).substr(0, 3);
}

TEST_CASE("an application error says which: version, patient, INS, or another", "[hl7v2]") {
  CHECK(CodeOf(2405, "207", "PID-3") == "904");  // message and document differ
  CHECK(CodeOf(3304, "207", "PID-3") == "905");  // its key is wrong
  CHECK(CodeOf(3301, "207", "PID-3") == "902");
  CHECK(CodeOf(1, "101", "PID-3") == "903");
  CHECK(CodeOf(1, "203", "MSH-12") == "900");
  CHECK(CodeOf(2403, "102", "OBX-5") == "906");
}

TEST_CASE("only the profile for mails received has application errors", "[hl7v2]") {
  CHECK(IsLpsProfile("1.1^CISIS_CDA_HL7_LPS"));
  CHECK_FALSE(IsLpsProfile("2.1^CISIS_CDA_HL7_V2"));
}

}  // namespace
}  // namespace passerelle::hl7v2
