// Shapes of CDA that the reference documents do not contain: what a reader of the record must find all the
// same.

#include "tests/mappers/normalise/ask.h"
#include "tests/support/validate.h"

namespace passerelle::normalise {
namespace {

std::string Observation(const std::string& code, const std::string& inside) {
  return R"(<observation classCode="OBS" moodCode="EVN"><id root="1.2.250.1.999.4" extension="O1"/><code code=")" +
         code +
         R"(" codeSystem="2.16.840.1.113883.6.1" displayName="Mesure"/><statusCode code="completed"/>)" +
         inside + "</observation>";
}

// What R4 has against a Bundle.
std::string ErrorsOf(const node::Tree& bundle) {
  auto tree = json::Parse(json::Write(bundle), kFileLimits, &Pack());
  REQUIRE(tree);
  Issues issues;
  tests::BaseValidator().Validate(*tree, {}, issues);
  std::string all;
  for (const Issue& issue : issues.all())
    if (issue.severity == Severity::Error || issue.severity == Severity::Fatal)
      all += issue.place.path + ": " + issue.Text() + "\n";
  return all;
}

struct Shape {
  const char* what;
  std::string entry;
  const char* question;
  const char* expected;
};

const Shape kShapes[] = {
    {"a vital sign without a unit has no value to R4, and stands as it was sent",
     Observation("8867-4", R"(<effectiveTime value="20260228"/><value xsi:type="PQ" value="72"/>)"),
     "ofType(Observation).select(dataAbsentReason.coding.code | extension.value.value)", "unsupported 72"},
    {"a vital sign in another form than an amount too",
     Observation(
         "29463-7",
         R"(<effectiveTime value="20260228"/><value xsi:type="CD" code="A" codeSystem="1.2.250.1.999.9"/>)"),
     "ofType(Observation).select(dataAbsentReason.coding.code | extension.value.coding.code)",
     "unsupported A"},
    {"a body mass index is in kg/m2",
     Observation("39156-5", R"(<effectiveTime value="20260228"/><value xsi:type="PQ" value="28" unit="1"/>)"),
     "ofType(Observation).value.select(value | code)", "28 kg/m2"},
    {"a surveyor's inch is an inch",
     Observation("8302-2",
                 R"(<effectiveTime value="20260228"/><value xsi:type="PQ" value="70" unit="[in_us]"/>)"),
     "ofType(Observation).value.select(value | code | extension.value.code)", "70 [in_i] [in_us]"},
    {"the year of a vital sign is a period",
     Observation("8867-4", R"(<effectiveTime value="2025"/><value xsi:type="PQ" value="72" unit="/min"/>)"),
     "ofType(Observation).effective.select(start | end)", "2025"},
    {"further values are components that do not repeat the code",
     Observation("5767-9", R"(<value xsi:type="INT" value="1"/><value xsi:type="INT" value="2"/>)"),
     "ofType(Observation).select(value | component.value | component.code.text | component.code.coding.code)",
     "1 2 Mesure"},
    {"a reference range of codes is in words",
     Observation("5767-9",
                 R"(<referenceRange><observationRange><value xsi:type="CD" code="N" displayName="négatif"
         codeSystem="1.2.250.1.999.9"/></observationRange></referenceRange>)"),
     "ofType(Observation).referenceRange.select(text | extension.value.coding.code)", "négatif N"},
    {"a period that ends before it starts has no end; what was sent is kept",
     Observation("5767-9", R"(<effectiveTime><low value="20260110"/><high value="20260109"/></effectiveTime>
         <value xsi:type="ST">x</value>)"),
     "ofType(Observation).select(effective.start | effective.end | extension.value)", "2026-01-10 20260109"},
    {"a width says when a period ends",
     Observation("5767-9",
                 R"(<effectiveTime><low value="20260127"/><width value="1" unit="wk"/></effectiveTime>
         <value xsi:type="ST">x</value>)"),
     "ofType(Observation).effective.select(start | end)", "2026-01-27 2026-02-03"},
    {"a note is by a person, whose role stands beside it",
     Observation("5767-9",
                 R"(<value xsi:type="ST">x</value><entryRelationship typeCode="SUBJ" inversionInd="true">
         <act classCode="ACT" moodCode="EVN"><templateId root="1.3.6.1.4.1.19376.1.5.3.1.4.2"/>
         <text>à revoir</text><author><time value="20260228"/><assignedAuthor>
         <id root="1.2.250.1.71.4.2.1" extension="899700000014"/></assignedAuthor></author></act>
         </entryRelationship>)"),
     "select(ofType(Observation).note.select(text | time) | "
     "ofType(Practitioner).identifier.value.where($this = '99700000014'))",
     "à revoir 2026-02-28 99700000014"},
    {"two acts in one relation of a concern",
     R"(<act classCode="ACT" moodCode="EVN"><templateId root="1.3.6.1.4.1.19376.1.5.3.1.4.5.1"/>
        <id root="1.2.250.1.999.7" extension="C1"/><statusCode code="active"/><entryRelationship typeCode="SUBJ">)" +
         Observation("5767-9", R"(<value xsi:type="ST">x</value>)") +
         Observation("5767-9", R"(<value xsi:type="ST">y</value>)") + "</entryRelationship></act>",
     "select(ofType(List).entry.item.select('one') | ofType(Observation).value)", "one x y"},
    {"a DICOM study is one resource with its series and instances",
     R"(<act classCode="ACT" moodCode="EVN"><templateId root="1.2.840.10008.9.16"/><id root="1.2.250.1.999.8.1"/>
        <code code="113014" codeSystem="1.2.840.10008.2.16.4"/><effectiveTime value="20260228103000+0100"/>
        <entryRelationship typeCode="COMP"><act classCode="ACT" moodCode="EVN"><templateId root="1.2.840.10008.9.17"/>
        <id root="1.2.250.1.999.8.1.1"/><code code="113015" codeSystem="1.2.840.10008.2.16.4"><qualifier>
        <name code="121139" codeSystem="1.2.840.10008.2.16.4"/><value code="MR" codeSystem="1.2.840.10008.2.16.4"/>
        </qualifier></code><entryRelationship typeCode="COMP"><observation classCode="DGIMG" moodCode="EVN">
        <templateId root="1.2.840.10008.9.18"/><id root="1.2.250.1.999.8.1.1.1"/>
        <code code="1.2.840.10008.5.1.4.1.1.4" codeSystem="1.2.840.10008.2.6.1"/>
        <text mediaType="application/dicom"><reference value="https://pacs.example/wado?o=1"/></text></observation>
        </entryRelationship></act></entryRelationship></act>)",
     "ofType(ImagingStudy).select(identifier.value | started | series.uid | series.modality.code | "
     "series.instance.uid | series.instance.sopClass.code | series.instance.extension.value.ofType(string))",
     "urn:oid:1.2.250.1.999.8.1 2026-02-28T10:30:00+01:00 1.2.250.1.999.8.1.1 MR 1.2.250.1.999.8.1.1.1 "
     "1.2.840.10008.5.1.4.1.1.4 https://pacs.example/wado?o=1"},
    {"an adverse effect is no allergy",
     R"(<observation classCode="OBS" moodCode="EVN"><templateId root="2.16.840.1.113883.10.20.1.18"/>
        <templateId root="1.3.6.1.4.1.19376.1.5.3.1.4.5"/><templateId root="1.2.250.1.213.1.1.3.210"/>
        <id root="1.2.250.1.999.7" extension="E1"/><code code="79899007" codeSystem="2.16.840.1.113883.6.96"/>
        <statusCode code="completed"/><effectiveTime><low value="20260220"/></effectiveTime>
        <value xsi:type="CD" code="L27.0" codeSystem="2.16.840.1.113883.6.3"/>
        <entryRelationship typeCode="COMP"><substanceAdministration classCode="SBADM" moodCode="EVN">
        <statusCode code="completed"/><consumable><manufacturedProduct><manufacturedMaterial>
        <code code="J01CA04" codeSystem="2.16.840.1.113883.6.73"/></manufacturedMaterial></manufacturedProduct>
        </consumable></substanceAdministration></entryRelationship>
        <entryRelationship typeCode="SUBJ" inversionInd="true"><observation classCode="OBS" moodCode="EVN">
        <templateId root="1.2.250.1.213.1.1.3.213"/><code code="GEN-319" codeSystem="1.2.250.1.213.1.1.4.322"/>
        <value xsi:type="CD" code="1336140009" codeSystem="2.16.840.1.113883.6.96"/></observation>
        </entryRelationship></observation>)",
     "select(ofType(AdverseEvent).select(event.coding.code | date | outcome.coding.code | "
     "suspectEntity.instance.select('suspect')) | ofType(AllergyIntolerance).select('allergy'))",
     "L27.0 2026-02-20 recovering suspect"},
    {"an attribute of an unknown namespace is kept",
     Observation("5767-9",
                 R"(<value xsi:type="ST">x</value><z:grade xmlns:z="http://z.example/v1" value="7"/>)"),
     "ofType(Observation).extension.select(url | value)", "urn:hl7-org:v3:http://z.example/v1:grade 7"},
    {"a value that does not say its type is what its attributes are",
     Observation("5767-9", R"(<value value="7.20" unit="mmol/L"/>)"),
     "ofType(Observation).value.select(value | code)", "7.20 mmol/L"},
    {"a weight without a value says so", Observation("29463-7", R"(<effectiveTime value="20260228"/>)"),
     "ofType(Observation).dataAbsentReason.coding.code", "unknown"},
    {"a weight whose number cannot be read has none, and stands as it was sent",
     Observation("29463-7", R"(<effectiveTime value="hier"/><value xsi:type="PQ" value="lourd" unit="kg"/>)"),
     "ofType(Observation).select(dataAbsentReason.coding.code | effective.extension.value | "
     "extension.value.ofType(string))",
     "unsupported unknown hier lourd"},
    {"a ratio of which only the numerator is said is one to one",
     Observation("5767-9", R"(<value xsi:type="RTO"><numerator xsi:type="PQ" value="5" unit="mg"/></value>)"),
     "ofType(Observation).value.select(numerator.value | denominator.value)", "5 1"},
    {"a code without words has no translation of them",
     Observation("5767-9", R"(<value xsi:type="ST">x</value><interpretationCode code="H" displayName=""
         codeSystem="2.16.840.1.113883.5.83"/>)"),
     "ofType(Observation).interpretation.coding.select(code | display.extension.url)", "H"},
    {"an unreadable value is kept as it was written",
     Observation("5767-9", R"(<value xsi:type="INT" value="environ 7"/>)"),
     "ofType(Observation).extension.value", "environ 7"},
};

TEST_CASE("shapes that no reference document has come out whole and valid", "[cda]") {
  for (const Shape& shape : kShapes) {
    INFO(shape.what);
    auto made = OfEntry(shape.entry);
    CHECK(Ask(made, shape.question) == shape.expected);
    CHECK(ErrorsOf(made.draft->bundle) == "");
    made.draft->Settle(*made.source);
    CHECK(made.draft->ledger.Count(engine::Fate::Unmapped) == 0);
  }
}

// Headers as other countries' software writes them: a text of the document changed, what is asked, what is
// found.
struct Header {
  const char *what, *from, *to, *question, *expected;
};
const Header kHeaders[] = {
    {"a document named by a UUID", R"(<id root="1.2.250.1.999.1.1.7000")",
     R"(<id root="0b8c1f5e-3c3a-4c57-9f5b-6a1d0f8c2e11")", "ofType(DocumentReference).masterIdentifier.value",
     "urn:uuid:0b8c1f5e-3c3a-4c57-9f5b-6a1d0f8c2e11"},
    {"a document of a day", R"(<effectiveTime value="20260301120000+0100"/>)",
     R"(<effectiveTime value="20260301"/>)", "ofType(Composition).date", "2026-03-01"},
    {"a document whose language is no tag of one", R"(<languageCode code="fr-FR"/>)",
     R"(<languageCode code="Français"/>)",
     "ofType(Composition).select(language | extension.where(url.endsWith('languageCode')).value.coding.code)",
     "Français"},
};

TEST_CASE("headers of other software come out whole and valid", "[cda]") {
  for (const Header& header : kHeaders) {
    INFO(header.what);
    std::string text = CdaDocument{}.Text();
    auto at = text.find(header.from);
    REQUIRE(at != text.npos);
    text.replace(at, std::string_view(header.from).size(), header.to);
    Options options;
    options.map.id_key = engine::kPublicIdKey;
    auto made = Shipped().Run(text, options);
    REQUIRE(made.draft);
    CHECK(Ask(made, header.question) == header.expected);
    auto bundle = BundleAs(*std::move(made.draft), BundleForm::Document);
    REQUIRE(bundle);
    CHECK(ErrorsOf(*bundle) == "");
  }
}

}  // namespace
}  // namespace passerelle::normalise
