// What the shipped tables make of CDA: each test says what a reader of the record must find.

#include <algorithm>
#include <catch2/catch.hpp>

#include "fhir_model/json/json.h"
#include "fhir_model/path/path.h"
#include "mappers/normalise/normalise.h"
#include "tests/support/cda_document.h"
#include "tests/support/pack.h"

namespace passerelle::normalise {
namespace {

using tests::CdaDocument;
using tests::Pack;

const Normaliser& Shipped() {
  static const Normaliser normaliser = [] {
    auto program = engine::Program::Compile(engine::ShippedTables(), Pack());
    if (!program) FAIL(program.error().Text());
    return Normaliser(*std::move(program), Pack());
  }();
  return normaliser;
}

Normalised Convert(const CdaDocument& document) {
  Options options;
  options.map.id_key = engine::kPublicIdKey;
  auto made = Shipped().Run(document.Text(), options);
  if (made.refusal) FAIL(made.refusal->Text());
  REQUIRE(made.draft);
  return made;
}

Normalised Entry(std::string entry) {
  CdaDocument document;
  document.section = "<text/><entry>" + std::move(entry) + "</entry>";
  return Convert(document);
}

// What a FHIRPath expression finds in the draft's Bundle, joined by blanks.
std::string Ask(const Normalised& made, const std::string& question) {
  path::CompileOptions options;
  options.definitions = &Pack();
  options.type = "Bundle";
  auto compiled = path::Expression::Compile("entry.resource." + question, options);
  if (!compiled) FAIL(question << ": " << compiled.error().Text());
  // Types are those of a resource that was read.
  auto bundle = json::Parse(json::Write(made.draft->bundle), kFileLimits, &Pack());
  REQUIRE(bundle);
  path::Machine machine;
  auto items = machine.Evaluate(*compiled, path::Item::Of(*bundle, node::kRoot), {});
  if (!items) FAIL(items.error().Text());
  std::string out;
  for (const auto& item : *items) {
    out += out.empty() ? "" : " ";
    if (item.kind == path::ItemKind::Integer)
      out += std::to_string(item.integer);
    else if (item.kind == path::ItemKind::Boolean)
      out += item.boolean ? "true" : "false";
    else
      out += path::TextOf(item);
  }
  return out;
}

TEST_CASE("the patient of a French document has both names and the INS under its own root", "[cda]") {
  auto made = Convert({});
  const std::string patient = "ofType(Patient).";
  CHECK(Ask(made, patient + "identifier.where(use = 'official').value") == "277076322082910");
  CHECK(Ask(made, patient + "identifier.where(use = 'official').system") == "urn:oid:1.2.250.1.213.1.4.10");
  CHECK(Ask(made, patient + "identifier.where(use = 'official').type.coding.code") == "INS-NIR-TEST");
  CHECK(Ask(made, patient + "name.where(use = 'official').family") == "ESSAI");
  CHECK(Ask(made, patient + "name.where(use = 'official').given") == "ANNE");
  CHECK(Ask(made, patient + "name.where(use = 'official').extension.value") == "ANNE MARIE");
  CHECK(Ask(made, patient + "name.where(use = 'usual').family") == "VALID");
  CHECK(Ask(made, patient + "name.where(use = 'usual').given") == "Annie");
  CHECK(Ask(made, patient + "birthDate") == "1977-07-14");
  CHECK(Ask(made, patient + "gender") == "female");
  CHECK(Ask(made, patient + "extension.value.extension.value.code") == "63220");
  CHECK(Ask(made, patient + "address.line") == "3 rue du Pont");
  CHECK(made.patient);
  CHECK(made.patient->ins == "277076322082910");
}

TEST_CASE("people are known by their national numbers, and once", "[cda]") {
  auto made = Convert({});
  CHECK(Ask(made, "ofType(Practitioner).identifier.where(system = 'https://rpps.esante.gouv.fr').value") ==
        "99700000006");
  CHECK(Ask(made, "ofType(Practitioner).identifier.where(system = 'urn:oid:1.2.250.1.71.4.2.1').value") ==
        "899700000006");
  CHECK(Ask(made, "ofType(PractitionerRole).code.coding.code") == "G15_10/SM03");
  CHECK(Ask(made, "ofType(Organization).identifier.where(system = 'https://finess.esante.gouv.fr').value") ==
        "670000009");
}

TEST_CASE("the document is found by what its header says", "[cda]") {
  CdaDocument second;
  second.id = "1.2.250.1.999.1.1.7001";
  second.related = R"(<relatedDocument typeCode="RPLC"><parentDocument><id root="1.2.250.1.999.1.1.7000"/>
                      </parentDocument></relatedDocument>)";
  auto made = Convert(second);
  const std::string document = "ofType(DocumentReference).";
  CHECK(Ask(made, document + "masterIdentifier.value") == "urn:oid:1.2.250.1.999.1.1.7001");
  CHECK(Ask(made, document + "type.coding.code") == "11502-2");
  CHECK(Ask(made, document + "category.coding.code") == "10");
  CHECK(Ask(made, document + "content.format.code") == "urn:ihe:lab:xd-lab:2008");
  CHECK(Ask(made, document + "context.period.start") == "2026-02-28T09:30:00+01:00");
  CHECK(Ask(made, document + "context.facilityType.coding.code") == "SA25");
  CHECK(Ask(made, document + "context.practiceSetting.coding.code") == "AMBULATOIRE");
  CHECK(Ask(made, document + "relatesTo.code") == "replaces");
  CHECK(Ask(made, document + "relatesTo.target.identifier.value") == "urn:oid:1.2.250.1.999.1.1.7000");
  CHECK(Ask(made, document + "author.reference.startsWith('#')") == "true");
  CHECK(Ask(made, document + "authenticator.reference.startsWith('#')") == "true");
  CHECK(Ask(made, document + "contained.ofType(Patient).identifier.where(use = 'official').value") ==
        "277076322082910");
  CHECK(Ask(made, document + "securityLabel.coding.code") == "N");
  CHECK(Ask(made, "ofType(Composition).section.title") == "Microbiologie");
  REQUIRE(made.documents.size() == 1);
  CHECK(made.documents[0].action == DocumentAction::Replace);
  CHECK(made.documents[0].replaces == "urn:oid:1.2.250.1.999.1.1.7000");
}

TEST_CASE("what is embedded in a document without structure is there as bytes", "[cda]") {
  CdaDocument document;
  document.body = R"(<nonXMLBody><text mediaType="application/pdf" representation="B64">
      JVBERi0xLjQK
      JSVFT0YK</text></nonXMLBody>)";
  auto made = Convert(document);
  CHECK(Ask(made, "ofType(Binary).where(contentType = 'application/pdf').data") == "JVBERi0xLjQKJSVFT0YK");
  CHECK(Ask(made, "ofType(Composition).section.entry.reference.exists()") == "true");
}

// --- Denied statements
// -----------------------------------------------------------------------------------------------

struct Denial {
  const char* what;
  const char* entry;  // with DENIED where the attribute goes
  const char* question;
  const char* denied;  // what must be found when it is denied
  const char* stated;  // and when it is not
};

const Denial kDenials[] = {
    {"a problem",
     R"(<observation classCode="OBS" moodCode="EVN" DENIED><templateId root="1.3.6.1.4.1.19376.1.5.3.1.4.5"/>
        <code code="55607006" codeSystem="2.16.840.1.113883.6.96"/><statusCode code="completed"/>
        <value xsi:type="CD" code="I10" codeSystem="2.16.840.1.113883.6.3"/></observation>)",
     "ofType(Condition).verificationStatus.coding.code", "refuted", ""},
    {"an allergy",
     R"(<observation classCode="OBS" moodCode="EVN" DENIED><templateId root="1.3.6.1.4.1.19376.1.5.3.1.4.6"/>
        <code code="416098002" codeSystem="2.16.840.1.113883.6.96"/><statusCode code="completed"/>
        <participant typeCode="CSM"><participantRole><playingEntity><code code="J01CA04"
        codeSystem="2.16.840.1.113883.6.73"/></playingEntity></participantRole></participant></observation>)",
     "ofType(AllergyIntolerance).verificationStatus.coding.code", "refuted", ""},
    {"a procedure",
     R"(<procedure classCode="PROC" moodCode="EVN" DENIED><code code="HHFA001" codeSystem="1.2.250.1.213.2.5"/>
        <statusCode code="completed"/></procedure>)",
     "ofType(Procedure).where(code.coding.code = 'HHFA001').status", "not-done", "completed"},
    {"a vaccination",
     R"(<substanceAdministration classCode="SBADM" moodCode="EVN" DENIED>
        <templateId root="1.3.6.1.4.1.19376.1.5.3.1.4.12"/><statusCode code="completed"/>
        <effectiveTime value="20250101"/><consumable><manufacturedProduct><manufacturedMaterial>
        <code code="J07BB02" codeSystem="2.16.840.1.113883.6.73"/></manufacturedMaterial></manufacturedProduct>
        </consumable></substanceAdministration>)",
     "ofType(Immunization).status", "not-done", "completed"},
    {"a medicine",
     R"(<substanceAdministration classCode="SBADM" moodCode="EVN" DENIED><statusCode code="completed"/>
        <consumable><manufacturedProduct><manufacturedMaterial>
        <code code="N02BE01" codeSystem="2.16.840.1.113883.6.73"/></manufacturedMaterial></manufacturedProduct>
        </consumable></substanceAdministration>)",
     "ofType(MedicationStatement).status", "not-taken", "completed"},
    {"an order",
     R"(<observation classCode="OBS" moodCode="INT" DENIED><code code="MED-012"
        codeSystem="1.2.250.1.213.1.1.4.322"/><statusCode code="active"/></observation>)",
     "ofType(ServiceRequest).doNotPerform", "true", ""},
    {"a coded finding",
     R"(<observation classCode="OBS" moodCode="EVN" DENIED><code code="X1" codeSystem="1.2.250.1.999.9"/>
        <statusCode code="completed"/><value xsi:type="CD" code="Y1" codeSystem="1.2.250.1.999.9"/></observation>)",
     "ofType(Observation).select(value.coding.code | component.where(code.coding.code = 'Y1').value)",
     "false", "Y1"},
    {"a yes",
     R"(<observation classCode="OBS" moodCode="EVN" DENIED><code code="X2" codeSystem="1.2.250.1.999.9"/>
        <statusCode code="completed"/><value xsi:type="BL" value="true"/></observation>)",
     "ofType(Observation).value", "false", "true"},
    {"a measurement",
     R"(<observation classCode="OBS" moodCode="EVN" DENIED><code code="X3" codeSystem="1.2.250.1.999.9"/>
        <statusCode code="completed"/><value xsi:type="PQ" value="3" unit="d"/></observation>)",
     "ofType(Observation).select(value.value | dataAbsentReason.coding.code)", "not-performed", "3"},
    {"a condition of a relative",
     R"(<organizer classCode="CLUSTER" moodCode="EVN"><templateId root="1.3.6.1.4.1.19376.1.5.3.1.4.15"/>
        <statusCode code="completed"/><subject><relatedSubject><code code="MTH"
        codeSystem="2.16.840.1.113883.5.111"/></relatedSubject></subject><component>
        <observation classCode="OBS" moodCode="EVN" DENIED><code code="55607006"
        codeSystem="2.16.840.1.113883.6.96"/><statusCode code="completed"/>
        <value xsi:type="CD" code="I21" codeSystem="2.16.840.1.113883.6.3"/></observation></component></organizer>)",
     "select(ofType(FamilyMemberHistory).condition.code.coding.code | "
     "ofType(Observation).component.where(code.coding.code = 'I21').value)",
     "false", "I21"},
};

TEST_CASE("what is denied never reads as stated", "[cda]") {
  for (const Denial& d : kDenials) {
    INFO(d.what);
    std::string entry = d.entry;
    auto at = entry.find("DENIED");
    auto with = [&](const char* attribute) { return std::string(entry).replace(at, 6, attribute); };
    CHECK(Ask(Entry(with("negationInd=\"true\"")), d.question) == d.denied);
    CHECK(Ask(Entry(with("negationInd=\"false\"")), d.question) == d.stated);
    CHECK(Ask(Entry(with("")), d.question) == d.stated);
  }
}

}  // namespace
}  // namespace passerelle::normalise
