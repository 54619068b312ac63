// The hard cases of other people's messages, as far as mapping and unwrapping decide them; the numbers are
// those of tests/mappers/hl7v2/edge_cases_test.cpp, which has what reading decides. Below them the bad input
// that a sender or a site may bring.

#include "tests/mappers/normalise/ask.h"

namespace passerelle::normalise {
namespace {

const std::string kDelimiters = "MSH|^~\\&|LAB|CHU|GW|GW|";

std::string Header(std::string_view event, std::string_view time = "20240306111154+0100") {
  return kDelimiters + std::string(time) + "||" + std::string(event) + "|E1|P|2.5\r";
}

const std::string kResult = Header("ORU^R01^ORU_R01") + "PID|1||P1^^^CHU^PI||MARTIN^Lise\rOBR|1||F1|X^Y^LN\r";
const std::string kAdmission = Header("ADT^A01^ADT_A01") + "EVN||20240306\rPID|1||P1^^^CHU^PI||MARTIN^Lise\r";

// What a message of one OBX says of its Observation.
std::string OfResult(const std::string& observation, const std::string& question) {
  return Ask(Run(kResult + observation + "\r"), "ofType(Observation)." + question);
}
std::string OfPatient(const std::string& fields, const std::string& question) {
  return Ask(Run(Header("ADT^A28^ADT_A05") + "EVN||20240306\rPID|1||P1^^^CHU^PI||" + fields + "\r"),
             "ofType(Patient)." + question);
}

TEST_CASE("edge case 11, mapped: formatted text becomes lines, bytes their characters", "[edge]") {
  CHECK(OfResult(R"(OBX|1|FT|C^C^L||one\.br\two \XC3A9\||||||F)", "value") == "one\ntwo \u00E9");
}

TEST_CASE("edge case 13, mapped: HTML with unescaped delimiters is one text", "[edge]") {
  CHECK(OfResult("OBX|1|TX|C^C^L||<b>a & b</b> ^ c||||||F", "value") == "<b>a & b</b> ^ c");
}

TEST_CASE("edge case 14, mapped: a value without a type is text, and one that is not its type too",
          "[edge]") {
  CHECK(OfResult("OBX|1||C^C^L||12||||||F", "value") == "12");
  CHECK(OfResult("OBX|1|NM|C^C^L||twelve||||||F", "value") == "twelve");
  auto read_as = [](std::string_view value) {
    return Run(kResult + "OBX|1|NM|C^C^L||" + std::string(value) + "||||||F\r").issues;
  };
  CHECK(Has(read_as("twelve"), "convert.number.unreadable"));
  CHECK_FALSE(Has(read_as("12"), "convert.number.unreadable"));
}

TEST_CASE("edge case 15, mapped: structured numbers by their sign", "[edge]") {
  CHECK(OfResult("OBX|1|SN|C^C^L||>^10|mg||||||F", "value.comparator") == ">");
  CHECK(OfResult("OBX|1|SN|C^C^L||^100^-^200|mg|||||F", "value.low.value") == "100");
  CHECK(OfResult("OBX|1|SN|C^C^L||^100^-^200|mg|||||F", "value.high.unit") == "mg");
  CHECK(OfResult("OBX|1|SN|C^C^L||^1^:^128||||||F", "value.denominator.value") == "128");
  CHECK(OfResult("OBX|1|SN|C^C^L||<>^5||||||F", "value") == "<> 5");
  CHECK(OfResult("OBX|1|NA|C^C^L||1^2^3||||||F", "value.data") == "1 2 3");
}

TEST_CASE("edge case 16, mapped: repetitions are components, structured ones too", "[edge]") {
  CHECK(OfResult("OBX|1|ST|C^C^L||a~b~c||||||F", "component.value") == "a b c");
  CHECK(OfResult("OBX|1|SN|C^C^L||>^10~^100^-^200~<>^5|mg|||||F", "component.value.high.unit") == "mg");
  CHECK(OfResult("OBX|1|SN|C^C^L||>^10~^100^-^200~<>^5||||||F", "component.count()") == "3");
}

TEST_CASE("edge case 17, mapped: no result is a state, no value a reason", "[edge]") {
  CHECK(OfResult("OBX|1|ST|C^C^L||||||||X", "status") == "cancelled");
  CHECK(OfResult("OBX|1|ST|C^C^L||||||||N", "dataAbsentReason.coding.code") == "not-asked");
  CHECK(OfResult("OBX|1|ST|C^C^L||||||||F", "dataAbsentReason.coding.code") == "unknown");
  CHECK(OfResult("OBX|1|NM|C^C^L||4|mg|||||N", "dataAbsentReason").empty());
}

TEST_CASE("edge case 18, mapped: null is no text", "[edge]") {
  for (std::string fields : {"\"\"", "MARTIN^\"\"", "MARTIN^Lise||\"\"|\"\"|\"\"|||\"\""}) {
    auto made = Run(Header("ADT^A08^ADT_A01") + "EVN||20240306\rPID|1||P1^^^CHU^PI||" + fields + "\r");
    CHECK(BundleText(made).find("\\\"\\\"") == std::string::npos);
  }
}

TEST_CASE("edge case 19, mapped: no empty element and no empty resource", "[edge]") {
  auto made = Run(kAdmission + "NK1|||||\rAL1||||\rDG1|1||  ^  ^^\rIN1||\rOBX|1||\rPV1|1|I|  ^ ^\r");
  auto text = BundleText(made);
  CHECK(text.find("{}") == text.npos);
  CHECK(text.find("[]") == text.npos);
  CHECK(Ask(made, "ofType(AllergyIntolerance).count()") == "0");
  CHECK(Ask(made, "ofType(RelatedPerson).count()") == "0");
}

TEST_CASE("edge case 20, mapped: of sub-components the first counts, the ledger tells the others", "[edge]") {
  auto made = Run(Header("ADT^A28^ADT_A05") + "EVN||20240306010203\rPID|1||17&18^^^CHU^PI||A^B\r");
  CHECK(Ask(made, "ofType(Patient).identifier.value") == "17");
  CHECK(Unmapped(std::move(made)) == "PID-3.1.2");
}

TEST_CASE("edge case 22, mapped: a result behind the specimen is a result", "[edge]") {
  auto made = Run(kResult + "SPM|1|||SER^Serum^L\rOBX|1|NM|C^C^L||4.2|mmol/L|||||F\rNTE|1||n\r");
  CHECK(Ask(made, "ofType(Observation).value.value") == "4.2");
  CHECK(Ask(made, "ofType(Observation).note.text") == "n");
}

TEST_CASE("edge case 22, mapped: a note is of what it stands behind, in every order", "[edge]") {
  const std::string patient = "PID|1||P1^^^CHU^PI||A^B\rNTE|1||of the patient\r";
  const std::string result = "OBX|1|ST|C^C^L||a||||||F\rNTE|1||of the result\r";
  auto order = Run(Header("ORM^O01") + patient + "ORC|NW|1\rOBR|1|1||X^Y^LN\rNTE|1||of the order\r" + result);
  CHECK(Ask(order, "ofType(ServiceRequest).note.text") == "of the order");
  CHECK(Ask(order, "ofType(Observation).note.text") == "of the result");
  auto laboratory =
      Run(Header("OML^O21") + patient + "ORC|NW|1\rOBR|1|1||X^Y^LN\rNTE|1||of the order\r" + result +
          "SPM|1|||SER^S^L\rNTE|1||of the specimen\rOBX|1|ST|D^D^L||b||||||F\rNTE|1||of its own\r");
  CHECK(Ask(laboratory, "ofType(ServiceRequest).note.text") == "of the order");
  CHECK(Ask(laboratory, "ofType(Specimen).note.text") == "of the specimen");
  CHECK(Ask(laboratory, "ofType(Observation).note.text").find("of its own") != std::string::npos);
  auto pharmacy = Run(Header("RDE^O11") + patient +
                      "ORC|NW|1\rRXE||A^Aspirin^L|1||mg\rNTE|1||of the medication\r" + result);
  CHECK(Ask(pharmacy, "ofType(MedicationRequest).note.text") == "of the medication");
  CHECK(Ask(pharmacy, "ofType(Observation).note.text") == "of the result");
}

TEST_CASE("edge case 23, mapped: each order is one request, each result has its report", "[edge]") {
  auto made = Run(Header("ORM^O01") + "PID|1||P1^^^CHU^PI||A^B\rORC|NW|1\rORC|NW|2\rOBR|1|3\rOBR|2|4\r");
  CHECK(Ask(made, "ofType(ServiceRequest).identifier.value") == "1 2 3 4");
  for (std::string event : {"ORM^O01", "OML^O21", "OMG^O19", "OMI^O23"}) {
    INFO(event);
    auto orders = Run(Header(event) +
                      "PID|1||P1^^^CHU^PI||A^B\rORC|NW|1\rOBR|1|1||X^Y^LN\rNTE|1||of the first\r"
                      "ORC|NW|2\rOBR|2|2||Z^W^LN\rNTE|1||of the second\r");
    CHECK(Ask(orders, "ofType(ServiceRequest).count()") == "2");
    CHECK(Ask(orders, "ofType(ServiceRequest).code.coding.code") == "X Z");
    CHECK(Ask(orders, "ofType(ServiceRequest).note.text") == "of the first of the second");
  }
  auto two = Run(Header("ORU^R01") +
                 "PID|1||P1^^^CHU^PI||A^B\rOBR|1||F1|A^A^L\rOBX|1|ST|C^C^L||a||||||F\r"
                 "OBR|2||F2|B^B^L\rOBX|1|ST|D^D^L||b||||||F\r");
  CHECK(Ask(two, "ofType(DiagnosticReport).result.count()") == "2");
  CHECK(Ask(two, "ofType(DiagnosticReport).count()") == "2");
}

TEST_CASE("edge case 24, mapped: dates keep their precision, times their zone", "[edge]") {
  CHECK(OfPatient("A^B||2021", "birthDate") == "2021");
  CHECK(OfPatient("A^B||202106", "birthDate") == "2021-06");
  CHECK(OfPatient("A^B||20210607", "birthDate") == "2021-06-07");
  auto visit = [](const std::string& time) {
    return Ask(Run(kAdmission + "PV1|1|I" + std::string(42, '|') + time + "\r"),
               "ofType(Encounter).period.start");
  };
  CHECK(visit("20240306") == "2024-03-06");
  CHECK(visit("202403061230") == "2024-03-06T12:30:00+01:00");
  CHECK(visit("20240306123000-0500") == "2024-03-06T12:30:00-05:00");
}

TEST_CASE("edge case 25, mapped: a merge names who goes and who stays", "[edge]") {
  auto made = Run(Header("ADT^A40^ADT_A39") + "EVN||2024\rPID|1||17^^^CHU^PI||A^B\rMRG|18^^^CHU^PI\r");
  REQUIRE(made.merges.size() == 1);
  CHECK(made.merges[0].kind == MergeFacts::Kind::Patients);
  CHECK(made.merges[0].loser_value == "18");
}

TEST_CASE("edge case 26, mapped: the same number of two senders is two orders", "[edge]") {
  auto order = [](std::string_view authority) {
    return Ask(Run(Header("ORM^O01") + "PID|1||P1^^^CHU^PI||A^B\rORC|NW|17^" + std::string(authority) +
                   "\rOBR|1|17^" + std::string(authority) + "||X^Y^LN\r"),
               "ofType(ServiceRequest).id");
  };
  CHECK(order("LAB1") == order("LAB1"));
  CHECK(order("LAB1") != order("LAB2"));
}

TEST_CASE("edge case 28, mapped: base64 that is not quite right is decoded and reported", "[edge]") {
  auto made = Run(kResult + "OBX|1|ED|C^C^L||^TEXT^PLAIN^Base64^QUJD REVG||||||F\r");
  CHECK(Ask(made, "ofType(DocumentReference).content.attachment.data") == "QUJDREVG");
  CHECK(Has(made.issues, "normalise.base64-white-space"));
  auto wrong = Run(kResult + "OBX|1|ED|C^C^L||^TEXT^XML^Base64^QUJD=RE!||||||F\r");
  CHECK(Has(wrong.issues, "normalise.base64-unreadable"));
}

TEST_CASE("edge case 31, mapped: names and addresses have their use", "[edge]") {
  CHECK(OfPatient("A^B^^^^^L~C^D^^^^^D", "name.use") == "official usual");
  CHECK(OfPatient("A^B||||||1 rue^^X^^1^FRA^H~2 rue^^Y^^1^FRA^BI", "address.use") == "home billing");
  CHECK(OfPatient("A^B||||||||0102030405^PRN^PH~^NET^Internet^a@b.example", "telecom.system") ==
        "phone email");
}

TEST_CASE("edge case 33, mapped: the event decides, whatever structure is named", "[edge]") {
  for (std::string event : {"ADT^A08", "ADT^A08^ADT_A01", "ADT^A08^ADT_A99"})
    CHECK(Ask(Run(Header(event) + "EVN||2024\rPID|1||P1^^^CHU^PI||A^B\rNK1|1|C^D\r"),
              "ofType(RelatedPerson).count()") == "1");
}

TEST_CASE("edge case 32, mapped: what older versions write elsewhere is there", "[edge]") {
  const std::string order = "PID|1||P1^^^CHU^PI||A^B\rORC|NW|1|||||2^QID^^20240306^20240310^A\r";
  auto request = Run(Header("ORM^O01") + order + "OBR|1|1||X^Y^LN\r");
  CHECK(Ask(request, "ofType(ServiceRequest).priority") == "asap");
  CHECK(Ask(request, "ofType(ServiceRequest).occurrence.repeat.bounds.end") == "2024-03-10");
  auto dated = Run(Header("ORM^O01") + order + "OBR|1|1||X^Y^LN||20240307\r");
  CHECK(Ask(dated, "ofType(ServiceRequest).occurrence") == "2024-03-07");
  auto pharmacy = Run(Header("RDE^O01") + order + "RXE|1^BID^^20240306|A^Aspirin^L|500||mg\r");
  CHECK(Ask(pharmacy, "ofType(MedicationRequest).dosageInstruction.timing.code.coding.code.first()") ==
        "BID");
  CHECK(Ask(pharmacy, "ofType(MedicationRequest).dosageInstruction.doseAndRate.dose.value") == "500");
}

TEST_CASE("a state that nothing speaks of is unknown by its own code", "[edge]") {
  auto made = Run(Header("RDE^O11") + "PID|1||P1^^^CHU^PI||A^B\rRXR|PO^Oral^HL70162\r");
  CHECK(Ask(made, "ofType(MedicationRequest).status") == "unknown");
  CHECK(Ask(made, "ofType(MedicationRequest).intent.extension.value") == "unknown");
}

TEST_CASE("a unit beside a text is kept with it", "[edge]") {
  CHECK(OfResult("OBX|1|ST|C^C^L||120|mmHg|||||F", "value") == "120");
  CHECK(OfResult("OBX|1|ST|C^C^L||120|mmHg|||||F", "value.extension.value.coding.code") == "mmHg");
  CHECK(OfResult("OBX|1|ST|C^C^L||a~b|mmHg|||||F", "component.value.extension.value.coding.code") ==
        "mmHg mmHg");
  CHECK(OfResult("OBX|1|VR|C^C^L||1^5|mg|||||F", "value.extension.value.coding.code") == "mg");
  CHECK(OfResult("OBX|1|VR|C^C^L||1^5~7^8|mg|||||F", "component.value.extension.value.coding.code") ==
        "mg mg");
}

TEST_CASE("a range and repeated quantities keep their units", "[edge]") {
  CHECK(OfResult("OBX|1|NR|C^C^L||1^5|mg|||||F", "value.high.code") == "mg");
  CHECK(OfResult("OBX|1|NR|C^C^L||1^5~6^|mg|||||F", "component.value.low.code") == "mg mg");
  CHECK(OfResult("OBX|1|NR|C^C^L||1^5~6^|mg|||||F", "component.value.high.code") == "mg");
  CHECK(OfResult("OBX|1|CQ|C^C^L||5^mg~6^g||||||F", "component.value.code") == "mg g");
}

TEST_CASE("a sign of equality is no comparator, and not lost", "[edge]") {
  for (std::string value : {"=^5", "=^5~=^8", "=^1^:^5", "=^1^-^5"}) {
    INFO(value);
    auto made = Run(kResult + "OBX|1|SN|C^C^L||" + value + "|mg|||||F\r");
    CHECK(Ask(made, "ofType(Observation).descendants().ofType(Quantity).comparator").empty());
    CHECK(Unmapped(std::move(made)).empty());
  }
}

TEST_CASE("a code counts the same alone and with its name and system", "[edge]") {
  struct Case {
    std::string message, code, question, answer;
  };
  const std::string visit = kAdmission + "PV1|1|$|W1\r";
  const std::string problem = Header("PPR^PC1") + "PID|1||P1^^^CHU^PI||A^B\rPRB|AD|20240306|D^D^L|1";
  const Case cases[] = {
      {visit, "P", "ofType(Encounter).location.status", "planned"},
      {visit, "I", "ofType(Encounter).location.status", "active"},
      {visit, "I", "ofType(Encounter).status", "in-progress"},
      {visit, "N", "ofType(Encounter).count()", "0"},
      {kAdmission + "PV1|1|$\rPV2|||R^R^L\r", "N", "ofType(Encounter).class.code", "UNK"},
      {kAdmission + "PV1|1|$\rDG1|1||D^D^L||20240306|A\r", "N", "ofType(Encounter).diagnosis.count()", "0"},
      {Header("ADT^A01") + "EVN||20240306||$\rPID|1||P1^^^CHU^PI||A^B\rPV1|1|I\r", "U",
       "ofType(Provenance).reason.extension.value", "unknown"},
      {kAdmission + "AL1|1||A^A^L|$\r", "SV", "ofType(AllergyIntolerance).reaction.severity", "severe"},
      {problem + "|||20240101||20240201|||||$\r", "inactive", "ofType(Condition).clinicalStatus.coding.code",
       "inactive"},
      {problem + "|||20240101||20240201|||||$\r", "active", "ofType(Condition).clinicalStatus.coding.code",
       "resolved"},
  };
  for (const auto& one : cases)
    for (const auto& code : {one.code, one.code + "^name^99L"}) {
      auto message = one.message;
      message.replace(message.find('$'), 1, code);
      INFO(message);
      CHECK(Ask(Run(message), one.question) == one.answer);
    }
}

TEST_CASE("bad input: separators repeated in MSH-2", "[bad-input]") {
  CHECK(RefusalOf(Run("MSH|^^\\&|A|B|C|D|20240306||ADT^A01|1|P|2.5\rPID|1||7^^^H\r")) == "DelimitersInvalid");
  CHECK(RefusalOf(Run("MSH||~\\&|A|B|C|D|20240306||ADT^A01|1|P|2.5\rPID|1||7^^^H\r")) == "DelimitersMissing");
}

TEST_CASE("bad input: a segment name in lower case", "[bad-input]") {
  auto made = Run(Header("ADT^A28^ADT_A05") + "evn||20240306\rpid|1||P1^^^CHU^PI||MARTIN^Lise\r");
  CHECK(Ask(made, "ofType(Patient).name.family") == "MARTIN");
  CHECK(Has(made.issues, "v2.segment.lower-case"));
}

TEST_CASE("bad input: an OBX-2 that contradicts OBX-5", "[bad-input]") {
  CHECK(OfResult("OBX|1|NM|C^C^L||a^b^L||||||F", "value") == "a");
  CHECK(OfResult("OBX|1|DT|C^C^L||soon||||||F", "value") == "soon");
  CHECK(OfResult("OBX|1|TS|C^C^L||a long time ago||||||F", "value") == "a long time ago");
  CHECK(OfResult("OBX|1|CE|C^C^L||4.2||||||F", "value.coding.code") == "4.2");
  CHECK(OfResult("OBX|1|ED|C^C^L||4.2||||||F", "value").empty());
}

}  // namespace
}  // namespace passerelle::normalise
