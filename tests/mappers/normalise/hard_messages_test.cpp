// What senders really send: values in another form than their type, codes without their system, the same said
// twice.

#include "tests/mappers/normalise/ask.h"

namespace passerelle::normalise {
namespace {

std::string Message(std::string_view event, std::string_view segments) {
  return "MSH|^~\\&|LAB|CHU|GW|GW|20240306111154+0100||" + std::string(event) +
         "|H1|P|2.5\rPID|1||P1^^^CHU^PI||MARTIN^Lise||19800102|F\r" + std::string(segments);
}

std::string OfResult(std::string_view obx, const std::string& question) {
  return Ask(
      Run(Message("ORU^R01", "OBR|1||F1|58410-2^NFS^LN|||20240306083000\rOBX|1|" + std::string(obx) + "\r")),
      "ofType(Observation)." + question);
}

TEST_CASE("a comparator before a number is one, and the number is a number", "[hard-messages]") {
  const std::string obx = "NM|6690-2^Leuco^LN||<0.5|10*9/L^^UCUM|4-10|L|||F";
  CHECK(OfResult(obx, "value.comparator") == "<");
  CHECK(OfResult(obx, "value.value") == "0.5");
  CHECK(OfResult(obx, "value.code") == "10*9/L");
  CHECK(OfResult("NM|1^X^L||>=20~3|mg||||||F", "component.value.comparator") == ">=");
}

TEST_CASE("a number that is none is text with its unit", "[hard-messages]") {
  const std::string obx = "NM|2345-7^Glucose^LN||not done|mmol/L^^UCUM|||||X";
  CHECK(OfResult(obx, "value") == "not done");
  CHECK(OfResult(obx, "value.extension.value.coding.code") == "mmol/L");
  CHECK(OfResult(obx, "status") == "cancelled");
  CHECK(OfResult("NM|1^X^L||12~low|mg||||||F", "component.value.ofType(string)") == "low");
}

TEST_CASE("a range of two numbers is one, in the unit of the value", "[hard-messages]") {
  const std::string obx = "NM|718-7^Hb^LN||13.5|g/dL^^UCUM|12.0 - 16|||||F";
  CHECK(OfResult(obx, "referenceRange.low.value") == "12.0");
  CHECK(OfResult(obx, "referenceRange.high.value") == "16");
  CHECK(OfResult(obx, "referenceRange.high.code") == "g/dL");
  CHECK(OfResult(obx, "referenceRange.text") == "12.0 - 16");
  CHECK(OfResult("NM|718-7^Hb^LN||13.5|g/dL|< 40|||||F", "referenceRange.low.exists()") == "false");
}

TEST_CASE("lines of a text are one text, rows of an array one array", "[hard-messages]") {
  CHECK(OfResult("TX|1^CR^L||first~second||||||F", "value") == "first\nsecond");
  CHECK(OfResult("TX|1^CR^L||first~second||||||F", "component.exists()") == "false");
  CHECK(OfResult("NA|1^Wave^L||1^2~3^4|mV|||||F", "value.data") == "1 2 3 4");
  const std::string note = "OBR|1||F1|58410-2^NFS^LN\rNTE|1||one~two\r";
  CHECK(Ask(Run(Message("ORU^R01", note)), "ofType(DiagnosticReport).extension.value.text") == "one\ntwo");
}

TEST_CASE("a vital sign without a time says so", "[hard-messages]") {
  auto made = Run(Message("ADT^A08", "PV1|1|O\rOBX|1|NM|8302-2^Height^LN||175|cm|||||F\r"));
  CHECK(Ask(made, "ofType(Observation).effective.extension.value") == "unknown");
}

TEST_CASE("a code that names no table is one of the field's table", "[hard-messages]") {
  auto made_of = [](std::string_view field) {
    return Ask(Run(Message("ADT^A01", "PV1|1|I||" + std::string(field) + "\r")),
               "ofType(Encounter).type.coding.system");
  };
  CHECK(made_of("E") == "http://terminology.hl7.org/CodeSystem/v2-0007");
  CHECK(OfResult("NM|718-7^Hb^LN||13.5|g/dL||N|||F", "interpretation.coding.code") == "N");
  // Where both are one, one is left; the sender's words are text.
  auto made = Run(Message("ORU^R01", "OBR|1||F1|58410-2^NFS^LN\rSPM|1|||BLD^Sang\r"));
  CHECK(Ask(made, "ofType(Specimen).type.coding.count()") == "1");
  CHECK(Ask(made, "ofType(Specimen).type.text") == "Sang");
  CHECK(Unmapped(std::move(made)).empty());
  CHECK(OfResult("CWE|1^X^L||Y^Oui^HL70136||||||F", "value.coding.system") ==
        "http://terminology.hl7.org/CodeSystem/v2-0136");
}

TEST_CASE("words alone are text, no code", "[hard-messages]") {
  auto made = Run(Message("ADT^A01", "PV1|1|I\rPV2|||Pain in the chest\rDG1|1||I10\r"));
  CHECK(Ask(made, "ofType(Encounter).reasonCode.text") == "Pain in the chest");
  CHECK(Ask(made, "ofType(Encounter).reasonCode.coding.exists()") == "false");
  CHECK(Ask(made, "ofType(Condition).code.coding.code") == "I10");
}

TEST_CASE("a date of death that cannot be read leaves that the patient died", "[hard-messages]") {
  auto with = [](std::string_view death) {
    return Ask(Run("MSH|^~\\&|A|B|||20240306111154||ADT^A08|H2|P|2.5\rPID|1||P1^^^CHU^PI||M^L" +
                   std::string(24, '|') + std::string(death) + "\r"),
               "ofType(Patient).deceased");
  };
  CHECK(with("20241399|Y") == "true");
  CHECK(with("20240305|Y") == "2024-03-05");
  CHECK(with("\"\"|N") == "false");
}

TEST_CASE("nothing ends before it starts", "[hard-messages]") {
  auto made = Run(Message("ADT^A03", "PV1|1|I" + std::string(42, '|') + "20240306100000|20240305100000\r"));
  CHECK(Has(made.issues, "convert.period.backwards"));
  CHECK(Ask(made, "ofType(Encounter).period.start") == "2024-03-06T10:00:00+01:00");
  CHECK(Ask(made, "ofType(Encounter).period.end.exists()") == "false");
  CHECK(Unmapped(std::move(made)) == "PV1-45");
}

TEST_CASE("the text of a document is its content, line by line", "[hard-messages]") {
  auto made = Run(Message("MDM^T02",
                          "TXA|1|CR|TX||||||||||D1^DOC\rOBX|1|TX|1^CR^L||first line~second\r"
                          "OBX|2|TX|1^CR^L||third\rOBX|3|ED|1^CR^L||^application^pdf^Base64^JVBERi0xLjQK\r"));
  CHECK(
      Ask(made,
          "ofType(DocumentReference).content.where(attachment.contentType = 'text/plain').attachment.data") ==
      "Zmlyc3QgbGluZQpzZWNvbmQKdGhpcmQ=");
  CHECK(Ask(made, "ofType(DocumentReference).content.count()") == "2");
  auto pdf = Run(Message(
      "MDM^T02", "TXA|1|CR|AP||||||||||D1^DOC\rOBX|1|ED|1^CR^L||^application^pdf^Base64^JVBERi0xLjQK\r"));
  CHECK(Ask(pdf, "ofType(DocumentReference).content.attachment.contentType") == "application/pdf");
}

TEST_CASE("a pointer to data has the type of the data", "[hard-messages]") {
  auto type = [](std::string_view pointer) {
    return OfResult("ST|1^X^L||y\rOBX|2|RP|1^X^L||" + std::string(pointer) + "||||||F", "count()") + " " +
           Ask(Run(Message("ORU^R01", "OBR|1||F1|58410-2^NFS^LN\rOBX|1|RP|1^X^L||" + std::string(pointer) +
                                          "||||||F\r")),
               "ofType(DocumentReference).content.attachment.contentType");
  };
  CHECK(type("http://x/1^HIS^AP^PDF") == "1 application/pdf");
  CHECK(type("http://x/1^HIS^image^pict") == "1 image/pict");
}

TEST_CASE("a report is based on its order once", "[hard-messages]") {
  auto made = Run(Message("ORU^R01", "ORC|RE|P1|F1\rOBR|1|P1|F1|58410-2^NFS^LN\r"));
  CHECK(Ask(made, "ofType(DiagnosticReport).basedOn.count()") == "1");
}

TEST_CASE("patients who become one are linked both ways, pair by pair", "[hard-messages]") {
  auto made =
      Run("MSH|^~\\&|A|B|||20240306111154||ADT^A40^ADT_A39|H3|P|2.5\rEVN|A40|20240306\r"
          "PID|1||P1^^^CHU^PI||M^L\rMRG|P2^^^CHU^PI\rPID|2||P3^^^CHU^PI||D^K\rMRG|P4^^^CHU^PI\r");
  CHECK(Ask(made, "ofType(Patient).link.type") == "replaces replaces replaced-by replaced-by");
  CHECK(Ask(made, "ofType(Patient).where(identifier.value = 'P1').link.other.reference") ==
        "urn:uuid:" + Ask(made, "ofType(Patient).where(identifier.value = 'P2').id"));
  CHECK(Ask(made, "ofType(Patient).where(identifier.value = 'P4').link.other.reference") ==
        "urn:uuid:" + Ask(made, "ofType(Patient).where(identifier.value = 'P3').id"));
  CHECK(Ask(made, "ofType(Provenance).recorded.extension.value.ofType(string)") == "20240306");
}

TEST_CASE("ends are computed of a start and a duration, starts of an offset", "[hard-messages]") {
  auto appointment = [](std::string_view segments, const std::string& question) {
    return Ask(Run(Message("SIU^S12", segments)), "ofType(Appointment)." + question);
  };
  const std::string given = "SCH|A1|||||C^C|||||^^^20240310235000^20240311001000\r";
  CHECK(appointment(given + "AIL|1||S1^101|||||15|min|20|M\r", "participant.period.start") ==
        "2024-03-11T00:05:00+01:00");
  CHECK(appointment(given + "AIP|1||1^X|||20240310235000|||1|h\r", "participant.period.end") ==
        "2024-03-11T00:50:00+01:00");
  CHECK(appointment("SCH|A1|||||C^C\rAIS|1||C^C^L|20240310233000|||45|min\r", "end") ==
        "2024-03-11T00:15:00+01:00");
  CHECK(appointment("AIS|1||C^C^L|20240310233000|||45|min\r", "status") == "booked");
  CHECK(Ask(Run(Message("ADT^A03", "PR1|1||X^Y^L||20240306235500||10\r")),
            "ofType(Procedure).performed.end") == "2024-03-07T00:05:00+01:00");
  auto bounds = [](std::string_view timing) {
    return Ask(
        Run(Message("OML^O21", "ORC|NW|1\r" + std::string(timing) + "\rOBR|1|1||X^Y^LN\r")),
        "ofType(ServiceRequest).occurrence.repeat.bounds.select(start.toString() + ' ' + end.toString())");
  };
  CHECK(bounds("TQ1|1||BID|||5^d|20240306") == "2024-03-06 2024-03-11");
  CHECK(bounds("TQ1|1||BID|||2^wk||20240306") == "2024-02-21 2024-03-06");
}

TEST_CASE("a pattern of hours is a period, further patterns are kept", "[hard-messages]") {
  auto made = Run(Message("RDE^O11", "ORC|NW|1\rRXE||A^Aspirin^L|500||mg\rTQ1|1||Q6H~BID|||5^d\r"));
  CHECK(Ask(made, "ofType(MedicationRequest).dosageInstruction.timing.repeat.period") == "6");
  CHECK(Ask(made, "ofType(MedicationRequest).dosageInstruction.timing.repeat.periodUnit") == "h");
  CHECK(Ask(made, "ofType(MedicationRequest).dosageInstruction.timing.repeat.bounds.code") == "d");
  CHECK(Ask(made, "ofType(MedicationRequest).dosageInstruction.timing.extension.value.code.coding.code") ==
        "BID");
  CHECK(Unmapped(std::move(made)).empty());
}

TEST_CASE("an INS is one by its root, whatever kind the sender calls it", "[hard-messages]") {
  auto type = [](std::string_view kind) {
    return Ask(Run("MSH|^~\\&|A|B|||20240306111154||ADT^A28|H4|P|2.5^FRA^2.11\rPID|1||269054958815780^^^X&"
                   "1.2.250.1.213.1.4.10&ISO^" +
                   std::string(kind) + "||M^L\r"),
               "ofType(Patient).identifier.type.coding.code");
  };
  CHECK(type("INS") == "INS-NIR-TEST");
  CHECK(type("INS-NIR") == "INS-NIR-TEST");
  CHECK(type("NH") == "INS-NIR-TEST");
}

TEST_CASE("a header in small letters is read", "[hard-messages]") {
  auto made =
      Run("msh|^~\\&|A|B|||20240306111154||ADT^A28|H5|P|2.5\rpid|1||P1^^^CHU^PI||M^L||19800102|female\r");
  CHECK(Ask(made, "ofType(Patient).gender") == "female");
}

}  // namespace
}  // namespace passerelle::normalise
