// What the shipped tables make of CDA: each test says what a reader of the record must find.

#include "tests/mappers/normalise/ask.h"

namespace passerelle::normalise {
namespace {

using tests::CdaDocument;

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

TEST_CASE("a French document claims FR Core, never a qualified identity; another claims nothing", "[cda]") {
  CdaDocument document;
  auto made = Convert(document);
  CHECK(Ask(made, "ofType(Patient).meta.profile") ==
        "https://hl7.fr/ig/fhir/core/StructureDefinition/fr-core-patient");
  CHECK(Ask(made, "ofType(Organization).all(meta.profile.single().endsWith('/fr-core-organization'))") ==
        "true");
  auto abroad = Run(Changed(document.Text(), R"(<realmCode code="FR"/>)", R"(<realmCode code="US"/>)"));
  CHECK(Ask(abroad, "meta.profile").empty());
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
  CHECK(Ask(made, document + "contained.ofType(Practitioner).name.family.distinct()") == "MESURE");
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

// --- Entries
// ---------------------------------------------------------------------------------------------------------

TEST_CASE("a value comes as what it is", "[cda]") {
  struct ValueCase {
    const char* value;
    const char* question;
    const char* expected;
  };
  const ValueCase cases[] = {
      {R"(<value xsi:type="PQ" value="0.70" unit="g/L"/>)", "value.select(value | code | system)",
       "0.70 g/L http://unitsofmeasure.org"},
      {R"(<value xsi:type="INT" value="38"/>)", "value", "38"},
      {R"(<value xsi:type="BL" value="true"/>)", "value", "true"},
      {R"(<value xsi:type="ST">clair</value>)", "value", "clair"},
      {R"(<value xsi:type="TS" value="202602"/>)", "value", "2026-02"},
      {R"(<value xsi:type="CD" code="A" codeSystem="1.2.250.1.999.9"><translation code="2345-7"
          codeSystem="2.16.840.1.113883.6.1"/></value>)",
       "value.coding.select(system + '#' + code)", "urn:oid:1.2.250.1.999.9#A http://loinc.org#2345-7"},
      // A wrong check digit: no code of LOINC or SNOMED CT, and not to be taken for one.
      {R"(<value xsi:type="CD" code="57113-1" codeSystem="2.16.840.1.113883.6.1"/>)",
       "value.coding.select(system + '#' + code)", "urn:oid:2.16.840.1.113883.6.1#57113-1"},
      {R"(<value xsi:type="CD" code="73211008" codeSystem="2.16.840.1.113883.6.96"/>)",
       "value.coding.select(system + '#' + code)", "urn:oid:2.16.840.1.113883.6.96#73211008"},
      {R"(<value xsi:type="CD" code="73211009" codeSystem="2.16.840.1.113883.6.96"/>)",
       "value.coding.select(system + '#' + code)", "http://snomed.info/sct#73211009"},
      {R"(<value xsi:type="CD"><originalText><reference value="#r"/></originalText></value>)", "value.text",
       "urine trouble"},
      {R"(<value xsi:type="IVL_PQ"><low value="1" unit="mg"/><high value="2" unit="mg"/></value>)",
       "value.select(low.value | high.value)", "1 2"},
      {R"(<value xsi:type="IVL_PQ"><high value="0.128" unit="ug/mL" inclusive="false"/></value>)",
       "value.select(comparator | value)", "< 0.128"},
      {R"(<value xsi:type="RTO"><numerator value="1"/><denominator value="64"/></value>)",
       "value.select(numerator.value | denominator.value)", "1 64"},
      {R"(<value xsi:type="PQ" nullFlavor="MSK"/>)", "dataAbsentReason.coding.code", "masked"},
      {R"(<value xsi:type="ST">un</value><value xsi:type="ST">deux</value>)",
       "select(value | component.value)", "un deux"},
  };
  for (const ValueCase& c : cases) {
    INFO(c.value);
    CdaDocument document;
    document.section = R"(<text><content ID="r">urine <b>trouble</b></content></text><entry>
        <observation classCode="OBS" moodCode="EVN"><id root="1.2.250.1.999.4" extension="O1"/>
        <code code="5767-9" codeSystem="2.16.840.1.113883.6.1"/><statusCode code="completed"/>
        <effectiveTime value="20260228101500+0100"/>)" +
                       std::string(c.value) + "</observation></entry>";
    auto made = Convert(document);
    CHECK(Ask(made, "ofType(Observation)." + std::string(c.question)) == c.expected);
    CHECK(Ask(made, "ofType(Observation).effective") == "2026-02-28T10:15:00+01:00");
  }
}

TEST_CASE("a score is a survey, a result no vital sign, and a time alone a moment", "[cda]") {
  auto of = [](const std::string& templates) {
    return OfEntry(R"(<observation classCode="OBS" moodCode="EVN">)" + templates +
                   R"(<id root="1.2.250.1.999.4" extension="O1"/><code code="A" codeSystem="1.2.250.1.999.9"/>
                   <statusCode code="completed"/><value xsi:type="IVL_TS" value="20260903"/></observation>)");
  };
  const std::string result = R"(<templateId root="2.16.840.1.113883.10.20.1.31"/>)";
  CHECK(Ask(of(result), "ofType(Observation).category").empty());
  CHECK(Ask(of(result), "ofType(Observation).value") == "2026-09-03");
  CHECK(Ask(of(result + R"(<templateId root="1.3.6.1.4.1.19376.1.5.3.1.1.12.3.6"/>)"),
            "ofType(Observation).category.coding.code") == "survey");
  CHECK(Ask(of(result + R"(<templateId root="1.3.6.1.4.1.19376.1.5.3.1.4.13.2"/>)"),
            "ofType(Observation).category.coding.code") == "vital-signs");
}

TEST_CASE("a reason that names another entry is a reference to it, and no act", "[cda]") {
  CdaDocument document;
  document.section = R"(<text/><entry><procedure classCode="PROC" moodCode="EVN"><id root="1.2.250.1.999.4"
      extension="P1"/><code code="DDAF004" codeSystem="1.2.250.1.213.2.5"/><statusCode code="completed"/>
      <entryRelationship typeCode="RSON"><act classCode="ACT" moodCode="EVN">
      <templateId root="1.3.6.1.4.1.19376.1.5.3.1.4.4.1"/><id root="1.2.250.1.999.4" extension="C1"/>
      <code code="I21.1" displayName="Infarctus" codeSystem="2.16.840.1.113883.6.3"/></act></entryRelationship>
      <entryRelationship typeCode="RSON"><observation classCode="OBS" moodCode="EVN">
      <templateId root="1.3.6.1.4.1.19376.1.5.3.1.4.5"/><id root="1.2.250.1.999.4" extension="C2"/>
      <code code="DX" codeSystem="1.2.250.1.213.1.1.4.322"/><statusCode code="completed"/>
      <value xsi:type="CD" code="I10" codeSystem="2.16.840.1.113883.6.3"/></observation></entryRelationship>
      </procedure></entry>)";
  auto made = Convert(document);
  const std::string act = "ofType(Procedure).where(identifier.value = 'P1').";
  CHECK(Ask(made, "ofType(Procedure).code.coding.code.where($this = 'I21.1')").empty());
  CHECK(Ask(made, act + "reasonReference.select(identifier.value | display)") == "C1 Infarctus");
  CHECK(Ask(made, act + "reasonReference.count()") == "2");
  CHECK(Ask(made, "ofType(Condition).code.coding.code") == "I10");
  CHECK(Ask(made, act + "extension.count()") == "0");
}

TEST_CASE("a laboratory chapter is a report of batteries with their results and the sample", "[cda]") {
  CdaDocument document;
  document.section = R"(<text><content ID="c">Prélèvement difficile</content></text><entry typeCode="DRIV">
    <templateId root="1.3.6.1.4.1.19376.1.3.1"/><act classCode="ACT" moodCode="EVN">
    <code code="18725-2" codeSystem="2.16.840.1.113883.6.1"/><statusCode code="completed"/>
    <entryRelationship typeCode="COMP"><procedure classCode="PROC" moodCode="EVN">
      <templateId root="1.3.6.1.4.1.19376.1.3.1.2"/><code code="5201" codeSystem="1.2.250.1.213.2.7"/>
      <effectiveTime value="20260228080000+0100"/><participant typeCode="PRD"><participantRole classCode="SPEC">
      <id root="1.2.250.1.999.5" extension="TUBE-1"/><playingEntity><code code="UR"
      codeSystem="2.16.840.1.113883.18.311"/></playingEntity></participantRole></participant>
    </procedure></entryRelationship>
    <entryRelationship typeCode="COMP"><organizer classCode="BATTERY" moodCode="EVN">
      <templateId root="1.3.6.1.4.1.19376.1.3.1.4"/><code code="630-4" codeSystem="2.16.840.1.113883.6.1"/>
      <statusCode code="completed"/><component><observation classCode="OBS" moodCode="EVN">
        <templateId root="1.3.6.1.4.1.19376.1.3.1.6"/><code code="5799-2" codeSystem="2.16.840.1.113883.6.1"/>
        <statusCode code="aborted"/><value xsi:type="PQ" value="500" unit="/mL"/>
        <interpretationCode code="H" codeSystem="2.16.840.1.113883.5.83" displayName="Haut"/>
        <referenceRange><observationRange><value xsi:type="IVL_PQ"><low value="0" unit="/mL"/>
        <high value="10" unit="/mL"/></value></observationRange></referenceRange>
        <entryRelationship typeCode="SUBJ" inversionInd="true"><act classCode="ACT" moodCode="EVN">
          <templateId root="1.3.6.1.4.1.19376.1.5.3.1.4.2"/><code code="48767-8"
          codeSystem="2.16.840.1.113883.6.1"/><text><reference value="#c"/></text></act></entryRelationship>
      </observation></component></organizer></entryRelationship></act></entry>)";
  auto made = Convert(document);
  CHECK(Ask(made, "ofType(DiagnosticReport).select(status | code.coding.code)") == "final 18725-2");
  CHECK(Ask(made, "ofType(DiagnosticReport).result.count()") == "1");
  CHECK(Ask(made, "ofType(DiagnosticReport).specimen.count()") == "1");
  CHECK(Ask(made, "ofType(Specimen).select(type.coding.code | collection.collected)") ==
        "UR 2026-02-28T08:00:00+01:00");
  CHECK(Ask(made, "ofType(Observation).where(hasMember.exists()).code.coding.code") == "630-4");
  const std::string result = "ofType(Observation).where(code.coding.code = '5799-2').";
  CHECK(Ask(made, result + "status") == "cancelled");
  CHECK(Ask(made, result + "category.coding.code") == "laboratory");
  CHECK(Ask(made, result + "interpretation.coding.code") == "H");
  CHECK(Ask(made, result + "interpretation.text") == "Haut");
  CHECK(Ask(made, result + "referenceRange.select(low.value | high.value)") == "0 10");
  CHECK(Ask(made, result + "note.text") == "Prélèvement difficile");
  CHECK(Ask(made, "ofType(Procedure).where(code.coding.code = '48767-8').exists()") == "false");
}

TEST_CASE("a dose that changes is one dosage for each step", "[cda]") {
  auto step = [](const char* number, const char* start, const char* period) {
    return std::string(R"(<entryRelationship typeCode="COMP"><sequenceNumber value=")") + number +
           R"("/><substanceAdministration classCode="SBADM" moodCode="INT">
           <templateId root="1.2.250.1.213.1.1.3.83.1"/><effectiveTime xsi:type="SXPR_TS">
           <comp xsi:type="IVL_TS" operator="A"><low value=")" +
           start + R"("/><width value="2" unit="d"/></comp>
           <comp xsi:type="PIVL_TS" operator="A"><period value=")" +
           period + R"(" unit="h"/></comp></effectiveTime>
           <doseQuantity><low value="1" unit="{tablet}"/><high value="2" unit="{tablet}"/></doseQuantity>
           </substanceAdministration></entryRelationship>)";
  };
  auto made =
      OfEntry(R"(<substanceAdministration classCode="SBADM" moodCode="INT">
      <templateId root="1.2.250.1.213.1.1.3.83"/><id root="1.2.250.1.999.6" extension="P1"/>
      <statusCode code="active"/><consumable><manufacturedProduct><manufacturedMaterial>
      <code code="63107752" codeSystem="1.2.250.1.213.2.3.1" displayName="PARACETAMOL 500 mg"/>
      </manufacturedMaterial></manufacturedProduct></consumable>)" +
              step("1", "20260301", "8") + step("2", "20260303", "12") + "</substanceAdministration>");
  const std::string request = "ofType(MedicationRequest).";
  CHECK(Ask(made, request + "select(status | intent)") == "active order");
  CHECK(Ask(made, request + "dosageInstruction.sequence") == "1 2");
  CHECK(Ask(made, request + "dosageInstruction.timing.repeat.period") == "8 12");
  CHECK(Ask(made, request + "dosageInstruction.timing.repeat.bounds.start") == "2026-03-01 2026-03-03");
  CHECK(Ask(made, request + "dosageInstruction.doseAndRate.dose.high.value") == "2 2");
  CHECK(Ask(made, "ofType(Medication).code.coding.code") == "63107752");
}

TEST_CASE("an allergy has one clinical status, and its reactions stand in it alone", "[cda]") {
  auto allergy = [](const char* status) {
    return OfEntry(
        R"(<observation classCode="OBS" moodCode="EVN"><templateId root="1.3.6.1.4.1.19376.1.5.3.1.4.6"/>
        <code code="416098002" codeSystem="2.16.840.1.113883.6.96"/><statusCode code="completed"/>
        <participant typeCode="CSM"><participantRole><playingEntity><code code="J01CA04"
        codeSystem="2.16.840.1.113883.6.73"/></playingEntity></participantRole></participant>
        <entryRelationship typeCode="MFST"><observation classCode="OBS" moodCode="EVN">
          <templateId root="1.3.6.1.4.1.19376.1.5.3.1.4.5"/><code code="418799008"
          codeSystem="2.16.840.1.113883.6.96"/><statusCode code="completed"/>
          <value xsi:type="CD" code="T78.3" codeSystem="2.16.840.1.113883.6.3"/></observation></entryRelationship>)" +
        std::string(status) + "</observation>");
  };
  auto silent = allergy("");
  CHECK(Ask(silent, "ofType(AllergyIntolerance).clinicalStatus.coding.code") == "active");
  CHECK(Ask(silent, "ofType(AllergyIntolerance).reaction.manifestation.coding.code") == "T78.3");
  CHECK(Ask(silent, "ofType(Condition).exists()") == "false");
  auto over = allergy(R"(<entryRelationship typeCode="REFR"><observation classCode="OBS" moodCode="EVN">
      <templateId root="1.3.6.1.4.1.19376.1.5.3.1.4.1.1"/><code code="33999-4"
      codeSystem="2.16.840.1.113883.6.1"/><statusCode code="completed"/><value xsi:type="CE" code="inactive"
      codeSystem="2.16.840.1.113883.4.642.4.1373"/></observation></entryRelationship>)");
  CHECK(Ask(over, "ofType(AllergyIntolerance).clinicalStatus.coding.code") == "inactive");
}

TEST_CASE("who wrote an entry himself is the provenance of that entry, not of the others", "[cda]") {
  CdaDocument document;
  document.section = R"(<text/><entry><observation classCode="OBS" moodCode="EVN"><code code="A"
      codeSystem="1.2.250.1.999.9"/><statusCode code="completed"/><author><time value="20260227101500+0100"/>
      <assignedAuthor><id root="1.2.250.1.71.4.2.1" extension="899700000014"/></assignedAuthor></author>
      </observation></entry><entry><observation classCode="OBS" moodCode="EVN"><code code="B"
      codeSystem="1.2.250.1.999.9"/><statusCode code="completed"/></observation></entry>)";
  auto made = Convert(document);
  CHECK(Ask(made, "ofType(Provenance).recorded") == "2026-03-01T11:30:00+01:00 2026-02-27T10:15:00+01:00");
  CHECK(Ask(made, "ofType(Provenance).where(recorded < @2026-03-01).target.count()") == "1");
}

TEST_CASE("an entry that no table knows is still the resource of its class", "[cda]") {
  auto made = OfEntry(R"(<act classCode="ACT" moodCode="EVN"><templateId root="1.2.250.1.999.8"/>
      <id root="1.2.250.1.999.7" extension="A1"/><code code="Z" codeSystem="1.2.250.1.999.9"/>
      <statusCode code="completed"/><effectiveTime value="20260228"/><entryRelationship typeCode="RSON">
      <observation classCode="OBS" moodCode="EVN"><code code="Y" codeSystem="1.2.250.1.999.9"/>
      <statusCode code="completed"/><value xsi:type="ST">oui</value></observation></entryRelationship></act>)");
  CHECK(Ask(made, "ofType(Procedure).where(code.coding.code = 'Z').identifier.value") == "A1");
  CHECK(
      Ask(made,
          "ofType(Procedure).where(code.coding.code = 'Z').extension.where(url.endsWith('RSON')).count()") ==
      "1");
  CHECK(Ask(made, "ofType(Observation).value") == "oui");
}

TEST_CASE("the same document has the same ids, another document others", "[cda]") {
  CdaDocument document;
  document.section = R"(<text/><entry><observation classCode="OBS" moodCode="EVN"><code code="A"
      codeSystem="1.2.250.1.999.9"/><statusCode code="completed"/></observation></entry>)";
  auto first = Convert(document), again = Convert(document);
  document.id = "1.2.250.1.999.1.1.7002";
  auto other = Convert(document);
  const std::string observation = "ofType(Observation).id", patient = "ofType(Patient).id";
  CHECK(Ask(first, observation) == Ask(again, observation));
  CHECK(Ask(first, observation) != Ask(other, observation));
  CHECK(Ask(first, patient) == Ask(other, patient));
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
    {"a goal",
     R"(<observation classCode="OBS" moodCode="GOL" DENIED><code code="MED-013"
        codeSystem="1.2.250.1.213.1.1.4.322"/><statusCode code="active"/></observation>)",
     "ofType(Goal).lifecycleStatus", "rejected", "active"},
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
    {"a panel",
     R"(<organizer classCode="CLUSTER" moodCode="EVN" DENIED><templateId root="1.3.6.1.4.1.19376.1.5.3.1.4.13.1"/>
        <code code="46680005" codeSystem="2.16.840.1.113883.6.96"/><statusCode code="completed"/></organizer>)",
     "ofType(Observation).status", "cancelled", "final"},
    {"a report",
     R"(<organizer classCode="CLUSTER" moodCode="EVN" DENIED><templateId root="2.16.840.1.113883.10.20.22.4.1"/>
        <code code="X4" codeSystem="1.2.250.1.999.9"/><statusCode code="completed"/></organizer>)",
     "ofType(DiagnosticReport).status", "cancelled", "final"},
    {"a concern about something",
     R"(<act classCode="ACT" moodCode="EVN" DENIED><templateId root="1.3.6.1.4.1.19376.1.5.3.1.4.5.1"/>
        <id root="1.2.250.1.999.7" extension="C1"/><statusCode code="active"/><entryRelationship typeCode="SUBJ">
        <observation classCode="OBS" moodCode="EVN"><templateId root="1.3.6.1.4.1.19376.1.5.3.1.4.5"/>
        <value xsi:type="CD" code="I10" codeSystem="2.16.840.1.113883.6.3"/></observation></entryRelationship></act>)",
     "ofType(List).status", "entered-in-error", "current"},
    {"a dispensation",
     R"(<supply classCode="SPLY" moodCode="EVN" DENIED><templateId root="1.3.6.1.4.1.19376.1.5.3.1.4.7.3"/>
        <quantity value="2"/></supply>)",
     "ofType(MedicationDispense).status", "declined", "completed"},
    {"a device that is ordered",
     R"(<supply classCode="SPLY" moodCode="INT" DENIED><code code="X5" codeSystem="1.2.250.1.999.9"/>
        <statusCode code="active"/></supply>)",
     "ofType(DeviceRequest).status", "revoked", "active"},
    {"a vaccination that is due",
     R"(<substanceAdministration classCode="SBADM" moodCode="INT" DENIED>
        <templateId root="1.3.6.1.4.1.19376.1.5.3.1.4.12.2"/><effectiveTime value="20270101"/><consumable>
        <manufacturedProduct><manufacturedMaterial><code code="J07BB02" codeSystem="2.16.840.1.113883.6.73"/>
        </manufacturedMaterial></manufacturedProduct></consumable></substanceAdministration>)",
     "ofType(ImmunizationRecommendation).recommendation.forecastStatus.coding.code", "not-done", "due"},
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
    CHECK(Ask(OfEntry(with("negationInd=\"true\"")), d.question) == d.denied);
    CHECK(Ask(OfEntry(with("negationInd=\"false\"")), d.question) == d.stated);
    CHECK(Ask(OfEntry(with("")), d.question) == d.stated);
  }
}

}  // namespace
}  // namespace passerelle::normalise
