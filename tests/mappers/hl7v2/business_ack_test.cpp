// ZAM: who asks for it, and what it says.

#include "mappers/hl7v2/business_ack.h"

#include <array>
#include <catch2/catch.hpp>

namespace passerelle::hl7v2 {
namespace {

constexpr std::string_view kHeader =
    "MSH|^~\\&|SIL|LABO|PFI|HOPITAL|20260301||ORU^R01^ORU_R01|015|P|2.5|||||FRA|UNICODE "
    "UTF-8|||2.1^CISIS_CDA_HL7_V2\r";

std::string With(std::string_view lines) { return std::string(kHeader) + std::string(lines); }

TEST_CASE("a business acknowledgement is sent only where ACK_RECEPTION says Y", "[hl7v2]") {
  CHECK(
      AsksForReceipt(With("OBX|10|CE|ACK_RECEPTION^Accuse^MetaDMPMSS||Y^^expandedYes-NoIndicator||||||F\r")));
  CHECK_FALSE(
      AsksForReceipt(With("OBX|10|CE|ACK_RECEPTION^Accuse^MetaDMPMSS||N^^expandedYes-NoIndicator||||||F\r")));
  CHECK_FALSE(AsksForReceipt(With("OBX|11|CE|ACK_LECTURE_MSS^Accuse^MetaDMPMSS||Y||||||F\r")));
  CHECK_FALSE(AsksForReceipt(With("NTE|1||ACK_RECEPTION|Y\r")));
}

TEST_CASE("it names the original in OBX-4 and says Y, or N with the reason", "[hl7v2]") {
  AckOptions options{"20260301120000", "Z1", "", ""};
  std::string yes = BuildBusinessAck(Receipt::Record, kHeader, {}, options);
  CHECK(yes ==
        "MSH|^~\\&|PFI|HOPITAL|SIL|LABO|20260301120000||ZAM^Z01^ZAM_Z01|Z1|P|2.6|||||FRA|UNICODE UTF-8|||"
        "2.1^CISIS_CDA_HL7_V2\rEVN||20260301120000\r"
        "OBX|1|CWE|ACK_RECEPTION_DMP^Accusé de réception DMP^AckMetierZAM|015|Y^^HL70136||||||F\r");
  std::array<AckError, 1> errors{AckError{"", "207", "E", "", "4102 TargetRefused", "non"}};
  std::string no = BuildBusinessAck(Receipt::Record, kHeader, errors, options);
  CHECK(no.find("|015|N^^HL70136|") != no.npos);
  CHECK(no.find("\rERR|||207^Application internal error^HL70357|E|||4102 TargetRefused|non\r") != no.npos);
}

TEST_CASE("secure mail is acknowledged with the addresses it went to", "[hl7v2]") {
  AckOptions options{"20260301120000", "Z1", "", ""};
  auto message = With(
      "PRT||UC||SB^Send by^participation|8011||||||||||^^Internet^a@sender.example\r"
      "PRT||UC||RCT^Result Copies To^participation|8012||||||||||^^X.400^b@mail.example\r");
  auto ack = BuildBusinessAck(Receipt::Mail, message, {}, options);
  CHECK(ack.find("|ZAM^Z02^ZAM_Z01|") != ack.npos);
  CHECK(ack.find("OBX|1|CWE|ACK_RECEPTION_MSS^Accusé de réception MSSanté^AckMetierZAM|015|Y^^HL70136|") !=
        ack.npos);
  CHECK(ack.find("OBX|2|XTN|DESTINATAIRE_MSS^Destinataire "
                 "MSSanté^AckMetierZAM|8012|^^X.400^b@mail.example||||||F") != ack.npos);
  CHECK(ack.find("sender.example") == ack.npos);
  auto of_record = BuildBusinessAck(Receipt::Record, message, {}, options);
  CHECK(of_record.find("DESTINATAIRE_MSS") == of_record.npos);
  CHECK(of_record.find("b@mail.example") == of_record.npos);
}

}  // namespace
}  // namespace passerelle::hl7v2
