// Documents in messages: unwrapped, joined with the message, refused where the two contradict each other
// (safety rules 3, 4, 5, 15; TC 2.1).

#include "fhir_model/base/digest.h"
#include "fhir_model/json/json.h"
#include "tests/mappers/normalise/fixture.h"

namespace passerelle::normalise {
namespace {

constexpr std::string_view kTag = "^XML^Base64^";

// The base64 of the document in a message: where it begins and how long it is.
std::pair<std::size_t, std::size_t> Payload(const std::string& message) {
  auto begin = message.find(kTag);
  REQUIRE(begin != message.npos);
  begin += kTag.size();
  return {begin, message.find('|', begin) - begin};
}

std::string WithPayload(std::string message, std::string_view base64) {
  auto [begin, size] = Payload(message);
  return message.replace(begin, size, base64);
}

std::string WithDocument(const std::string& message, std::string_view from, std::string_view to) {
  auto [begin, size] = Payload(message);
  auto document = DecodeBase64(std::string_view(message).substr(begin, size));
  REQUIRE(document);
  return WithPayload(message, EncodeBase64(Changed(*document, from, to)));
}

}  // namespace

TEST_CASE("a report in a message is one patient, one document, its bytes and its results", "[normalise]") {
  auto done = Run(Example("laboratory/1-report.hl7"));
  REQUIRE(RefusalOf(done).empty());
  CHECK(done.event == "ORU^R01");
  CHECK(done.control_id == "EX0101");
  CHECK(Count(done, "Patient") == 1);
  CHECK(Count(done, "DocumentReference") == 1);
  CHECK(Count(done, "Binary") == 1);
  CHECK(Count(done, "Composition") == 1);
  CHECK(BundleText(done).find("\"value\":4.10") != std::string::npos);  // decimals keep their zeros
  REQUIRE(done.documents.size() == 1);
  const auto& document = done.documents[0];
  CHECK(document.action == DocumentAction::Create);
  CHECK(document.identifier.find("1.2.250.1.213.1.1.9.999.5.1") != std::string::npos);
  CHECK(done.to_record == true);
  CHECK(document.labels_given);
  CHECK(document.labels.empty());
  CHECK(document.derived.size() >= 4);  // Composition, Binary, two results
  // Who may not read the document may not read its bytes (safety rule 3).
  CHECK(BundleText(done).find(R"("securityContext":{"reference":")" + document.url) != std::string::npos);
  REQUIRE(done.patient);
  CHECK(done.patient->ins == "285067599900116");
  CHECK(done.patient->ins_oid == "1.2.250.1.213.1.4.10");
  CHECK(done.patient->qualified);
  CHECK(done.patient->birth_name == "LAGRANGE");
}

TEST_CASE("the ledger of a message accounts for the document in it too", "[normalise]") {
  auto done = Run(Example("laboratory/1-report.hl7"));
  REQUIRE(done.draft);
  done.draft->Settle(*done.source);
  const auto& ledger = done.draft->ledger;
  auto fate = [&](std::string_view place) {
    for (const auto& line : ledger.lines)
      if (line.place == place) return std::string(engine::FateName(line.fate));
    return std::string();
  };
  CHECK(ledger.Count(engine::Fate::Mapped) + ledger.Count(engine::Fate::Dropped) +
            ledger.Count(engine::Fate::Unmapped) ==
        ledger.lines.size());
  CHECK(fate("PID-7") == "mapped");
  CHECK(fate("OBX-5.5") == "mapped");
  CHECK(fate("OBX-5.5/ClinicalDocument/recordTarget/patientRole/patient/birthTime/@value") == "mapped");
}

TEST_CASE("a correction says what it replaces", "[normalise]") {
  auto done = Run(Example("laboratory/2-corrected.hl7"));
  REQUIRE(RefusalOf(done).empty());
  REQUIRE(done.documents.size() == 1);
  CHECK(done.documents[0].action == DocumentAction::Replace);
  CHECK(done.documents[0].replaces == Run(Example("laboratory/1-report.hl7")).documents[0].identifier);
  CHECK(done.documents[0].replacement_ordered);
}

TEST_CASE("TXA-13 names what is replaced where the document does not", "[normalise]") {
  auto message = WithDocument(Example("imaging/2-replacement.hl7"),
                              R"(  <relatedDocument typeCode="RPLC">
    <parentDocument>
      <id root="1.2.250.1.213.1.1.9.999.5.21"/>
    </parentDocument>
  </relatedDocument>
)",
                              "");
  auto done = Run(message);
  REQUIRE(RefusalOf(done).empty());
  REQUIRE(done.documents.size() == 1);
  CHECK(done.documents[0].action == DocumentAction::Replace);
  CHECK(done.documents[0].replaces == Run(Example("imaging/1-report.hl7")).documents[0].identifier);
  CHECK(BundleText(done).find(R"("code":"replaces")") != std::string::npos);
  CHECK(RefusalOf(Run(Changed(message, "|1.2.250.1.213.1.1.9.999.5.21|", "||"))) == "ReplacedUnnamed");
}

TEST_CASE("an ORU deletes the document it carries", "[normalise]") {
  auto message = Example("laboratory/1-report.hl7");
  auto deletion = Changed(message, "ORC|NW", "ORC|CA");
  auto [begin, size] = Payload(deletion);
  deletion.replace(begin + size, 7, "||||||D");  // OBX-11 of the document
  auto done = Run(deletion);
  REQUIRE(RefusalOf(done).empty());
  CHECK(Count(done, "DocumentReference") == 0);
  REQUIRE(done.documents.size() == 1);
  CHECK(done.documents[0].action == DocumentAction::Delete);
  CHECK(done.documents[0].identifier == Run(message).documents[0].identifier);
}

TEST_CASE("a deletion names its document and maps nothing of it", "[normalise]") {
  auto done = Run(Example("imaging/3-deletion.hl7"));
  REQUIRE(RefusalOf(done).empty());
  CHECK(Count(done, "DocumentReference") == 0);
  CHECK(Count(done, "Binary") == 0);
  CHECK(Count(done, "Composition") == 0);
  REQUIRE(done.documents.size() == 1);
  CHECK(done.documents[0].action == DocumentAction::Delete);
  CHECK(done.documents[0].identifier == Run(Example("imaging/2-replacement.hl7")).documents[0].identifier);
}

TEST_CASE("a cancelled order deletes no document", "[normalise]") {
  for (std::string event : {"ORM^O01", "OML^O21", "RDE^O11", "ORU^R01"}) {
    INFO(event);
    auto done = Run("MSH|^~\\&|APP|SITE|GW|GW|20260301120000||" + event +
                    "|C1|P|2.5\rPID|1||P1^^^SITE^PI||MARTIN^Lise\rORC|CA|ORDER-1|FILL-1\r"
                    "OBR|1|ORDER-1|FILL-1|2951-2^Sodium^LN|||20260301\rOBX|1|ED|18842-5^Letter^LN||"
                    "^application^pdf^Base64^JVBERg==||||||F\r");
    CHECK(RefusalOf(done).empty());
    CHECK(done.documents.empty());
    CHECK(Count(done, "Patient") == 1);
  }
}

TEST_CASE("a deletion does not tell who signed the document that is not there", "[normalise]") {
  auto signed_by = "|||||AU|||||801234567897";  // TXA-22
  auto done = Run(Changed(Example("imaging/3-deletion.hl7"), "|||||AU", signed_by));
  REQUIRE(RefusalOf(done).empty());
  auto bundle = json::Write(done.draft->bundle);
  for (auto at = bundle.find("\"reference\":\"urn:"); at != bundle.npos;
       at = bundle.find("\"reference\":\"urn:", at + 1)) {
    auto url = bundle.substr(at + 13, bundle.find('"', at + 13) - at - 13);
    INFO(url);
    CHECK(bundle.find("\"fullUrl\":\"" + url) != bundle.npos);
  }
}

TEST_CASE("masks come from the message", "[normalise]") {
  auto done = Run(Changed(Example("laboratory/1-report.hl7"), "^MetaDMPMSS||N", "^MetaDMPMSS||Y"));
  REQUIRE(done.documents.size() == 1);
  CHECK(done.documents[0].labels == std::vector<std::string>{"MASQUE_PS"});
}

TEST_CASE("only DESTDMP = Y lets a message that carries it leave for the record", "[normalise]") {
  std::string report = Example("laboratory/1-report.hl7"), flag = "DESTDMP^Destinataire DMP^MetaDMPMSS||";
  REQUIRE(report.find(flag + "Y") != report.npos);
  for (std::string_view word : {"N", "", "O", "y"})
    CHECK(Run(Changed(report, flag + "Y", flag + std::string(word))).to_record == false);
  CHECK_FALSE(Run(Changed(report, flag, "ABC^MetaDMPMSS||")).to_record);
  auto twice = Run(Changed(report, "OBX|1|", "OBX|9|CE|" + flag + "N\rOBX|1|"));
  CHECK(twice.to_record == false);
}

TEST_CASE("message and document must mean the same patient", "[normalise]") {
  auto message = Example("laboratory/1-report.hl7");
  CHECK(RefusalOf(Run(Changed(message, "|19850612|", "|19850613|"))) == "PatientDiffers");
  auto renamed = Run(Changed(message, "||LAGRANGE^", "||DUPONT^"));
  REQUIRE(RefusalOf(renamed) == "PatientDiffers");
  CHECK(renamed.refusal->Text().ends_with("(birth name) at PID-5"));  // where and what, no trait
  CHECK(RefusalOf(Run(Changed(message, "285067599900116", "179031399904205"))) == "PatientDiffers");
  CHECK(RefusalOf(Run(Changed(message, "|F|", "|M|"))) == "PatientDiffers");
  CHECK(RefusalOf(Run(Changed(message, "4711^^^", "4712^^^"))) == "PatientDiffers");
  SECTION("an INS is its value under its root") {
    CHECK(RefusalOf(Run(Changed(message, "1.2.250.1.213.1.4.10&ISO^INS", "1.2.250.1.213.1.4.11&ISO^INS"))) ==
          "PatientDiffers");
  }
  SECTION("local identifiers of two domains say nothing of each other") {
    CHECK(RefusalOf(Run(Changed(
                        Changed(message, "1.2.250.1.213.1.1.9.999&ISO^PI", "1.2.250.1.213.1.1.9.998&ISO^PI"),
                        "4711^^^", "4712^^^")))
              .empty());
  }
  SECTION("also in a deletion") {
    CHECK(RefusalOf(Run(Changed(Example("imaging/3-deletion.hl7"), "|19850612|", "|19850613|"))) ==
          "PatientDiffers");
  }
  SECTION("accents, case and hyphens do not count") {
    CHECK(RefusalOf(Run(Changed(message, "||LAGRANGE^", "||Lagrangé^"))).empty());
  }
}

TEST_CASE("event, ORC-1 and OBX-11 must agree", "[normalise]") {
  CHECK(RefusalOf(Run(Changed(Example("imaging/1-report.hl7"), "ORC|NW", "ORC|CA"))) == "ActionContradicts");
  CHECK(RefusalOf(Run(Changed(Example("laboratory/1-report.hl7"), "ORC|NW", "ORC|RO"))) ==
        "ActionContradicts");
}

TEST_CASE("what is no document is refused, with its place", "[normalise]") {
  auto message = Example("laboratory/1-report.hl7");
  SECTION("a placeholder") {
    auto done = Run(WithPayload(message, EncodeBase64("Document au format CDA")));
    CHECK(RefusalOf(done) == "PayloadNotCda");
    CHECK(done.refusal->place.path.starts_with("OBX-5"));
  }
  SECTION("base64 of length 4n+1") {
    CHECK(RefusalOf(Run(WithPayload(message, "QUJDR"))) == "Base64Malformed");
  }
  SECTION("a document with a DOCTYPE") {
    CHECK(RefusalOf(Run(WithDocument(message, "<ClinicalDocument", "<!DOCTYPE x><ClinicalDocument"))) ==
          "XmlDoctypeRefused");
  }
}

TEST_CASE("a transmission without a document is refused", "[normalise]") {
  CHECK(RefusalOf(Run(Changed(Example("laboratory/1-report.hl7"), "OBX|1|ED|", "OBX|1|ST|"))) ==
        "PayloadMissing");
}

TEST_CASE("unpadded base64 is read, and said", "[normalise]") {
  auto message = WithDocument(Example("laboratory/1-report.hl7"), "<title>Compte", "<title> Compte");
  auto [begin, size] = Payload(message);
  auto base64 = message.substr(begin, size);
  if (!base64.ends_with('=')) message = WithDocument(message, "<title> Compte", "<title>  Compte");
  std::tie(begin, size) = Payload(message);
  base64 = message.substr(begin, size);
  REQUIRE(base64.ends_with('='));
  while (base64.ends_with('=')) base64.pop_back();
  auto done = Run(WithPayload(message, base64));
  CHECK(RefusalOf(done).empty());
  CHECK(Has(done.issues, "normalise.base64-unpadded"));
}

TEST_CASE("what FHIR requires and nobody said is said to be absent", "[normalise]") {
  auto done = Run(
      "MSH|^~\\&|A||C||20260301||ORU^R01^ORU_R01|1|P|2.5\rPID|1||7^^^H\rOBR|1\rOBX|1|ST|X^Y^L||a||||||F\r");
  auto text = BundleText(done);
  // MessageHeader.source.endpoint: MSH-3 names no address.
  CHECK(
      text.find(
          R"("source":{"name":"A","_endpoint":{"extension":[{"url":"http://hl7.org/fhir/StructureDefinition/)"
          R"(data-absent-reason","valueCode":"unknown"}]}})") != text.npos);
}

TEST_CASE("a value that is none of its type stands as text, and is said", "[normalise]") {
  auto done =
      Run("MSH|^~\\&|A|B|C|D|20260301||ORU^R01^ORU_R01|1|P|2.5\rPID|1||7^^^H\rOBR|1||5|X^Y^L\r"
          "OBX|1|NM|X^Y^L||not done||||||F\rOBX|2|DT|X^Z^L||soon||||||F\rOBX|3|NM|X^V^L||4.2||||||F\r");
  auto text = BundleText(done);
  CHECK(text.find(R"("valueString":"not done")") != text.npos);
  CHECK(text.find(R"("valueString":"soon")") != text.npos);
  CHECK(text.find(R"("valueQuantity":{"value":4.2})") != text.npos);
  CHECK(done.issues.all().size() >= 2);
}

TEST_CASE("ten thousand repetitions, a megabyte in a component and the year 0 are messages like others",
          "[normalise]") {
  const std::string header = "MSH|^~\\&|A|B|C|D|20260301||ADT^A28^ADT_A05|1|P|2.5\r";
  std::string many = "7^^^H";
  for (int i = 0; i < 10'000; ++i) many += "~" + std::to_string(i) + "^^^H";
  auto repeated = BundleText(Run(header + "PID|1||" + many + "\r"));
  CHECK(repeated.find(R"("value":"9999")") != repeated.npos);
  const std::string large(1 << 20, 'a');
  CHECK(BundleText(Run(header + "PID|1||7^^^H||" + large + "^B\r")).find(large) != std::string::npos);
  auto year = BundleText(Run(header + "PID|1||7^^^H||A^B||00000101\r"));
  CHECK(year.find("birthDate") == year.npos);
}

TEST_CASE("an event that no table claims is refused", "[normalise]") {
  CHECK(RefusalOf(Run(Changed(Example("admission/1-admission.hl7"), "ADT^A01^ADT_A01", "QQQ^Z99^QQQ_Z99"))) ==
        "EventNotClaimed");
}

TEST_CASE("the same bytes give the same draft", "[normalise]") {
  for (const char* name :
       {"laboratory/1-report.hl7", "admission/1-admission.hl7", "document/imaging-report.xml"})
    CHECK(BundleText(Run(Example(name))) == BundleText(Run(Example(name))));
}

TEST_CASE("a document is the same by HL7 v2 and by HTTP", "[normalise]") {
  auto carried = Run(Example("laboratory/1-report.hl7")), alone = Run(Example("laboratory/report.xml"));
  REQUIRE(alone.documents.size() == 1);
  CHECK(carried.documents[0].url == alone.documents[0].url);
  CHECK(carried.documents[0].identifier == alone.documents[0].identifier);
  for (const auto& url : alone.documents[0].derived)
    CHECK(std::find(carried.documents[0].derived.begin(), carried.documents[0].derived.end(), url) !=
          carried.documents[0].derived.end());
}

}  // namespace passerelle::normalise
