// What a definition of one's own asks: contained value sets, logical models.

#include "tests/support/with_definition.h"

namespace passerelle::validator {
namespace {

using tests::Has;
using tests::With;

TEST_CASE("a profile's contained value set decides, and what it calls a code is right", "[validator]") {
  // Members in an order that others write too: the type is not first.
  With with(R"({"baseDefinition":"http://hl7.org/fhir/StructureDefinition/Patient",
    "contained":[{"resourceType":"ValueSet","id":"kin","status":"draft","compose":{"include":[{
      "system":"http://terminology.hl7.org/CodeSystem/v2-0131","concept":[
        {"code":"C","display":"A prévenir","designation":[{"value":"En cas d'urgence"}]}]}]}}],
    "derivation":"constraint","differential":{"element":[{"id":"Patient.contact.relationship",
      "path":"Patient.contact.relationship","binding":{"strength":"required","valueSet":"#kin"}}]},
    "kind":"resource","name":"P","abstract":false,"status":"draft","type":"Patient",
    "resourceType":"StructureDefinition","url":"http://example.org/p"})");
  auto related = [&](const std::string& code, const std::string& display) {
    return with.Findings(R"({"resourceType":"Patient","contact":[{"name":{"text":"X"},"relationship":[{
        "coding":[{"system":"http://terminology.hl7.org/CodeSystem/v2-0131","code":")" +
                             code + R"(","display":")" + display + R"("}]}]}]})",
                         "http://example.org/p");
  };
  const std::string display = "coding.display Patient.contact[0].relationship[0].coding[0].display";
  CHECK_FALSE(Has(related("C", "A prévenir"), display));
  CHECK_FALSE(Has(related("C", "En cas d'urgence"), display));
  CHECK(Has(related("C", "Voisin"), display));
  CHECK(Has(related("N", "Next-of-Kin"), "binding.required Patient.contact[0].relationship[0]"));
}

TEST_CASE("a logical model whose list is an object with the keys as members", "[validator]") {
  With with(R"({"resourceType":"StructureDefinition","url":"http://example.org/Registry","name":"R",
    "status":"draft","kind":"logical","abstract":false,"type":"http://example.org/Registry",
    "baseDefinition":"http://hl7.org/fhir/StructureDefinition/Element","derivation":"specialization",
    "differential":{"element":[{"id":"Registry","path":"Registry"},
      {"id":"Registry.entrances","path":"Registry.entrances","min":1,"max":"*","type":[{"code":"BackboneElement"}],
       "extension":[{"url":"http://hl7.org/fhir/tools/StructureDefinition/json-property-key","valueCode":"label"}]},
      {"id":"Registry.entrances.label","path":"Registry.entrances.label","min":1,"max":"1","type":[{"code":"code"}]},
      {"id":"Registry.entrances.door","path":"Registry.entrances.door","min":1,"max":"1","type":[{"code":"string"}],
       "maxLength":5}]}})");
  CHECK(with.Findings(R"({"entrances":{"north":"a","south":"b"}})", "http://example.org/Registry").empty());
  CHECK(Has(with.Findings(R"({"entrances":{"north":"a","south":"too long"}})", "http://example.org/Registry"),
            "value.max-length Registry.entrances[1].door"));
  CHECK(Has(with.Findings("{}", "http://example.org/Registry"), "structure.min Registry"));
}

// A profile of which only the differential is known.
With Profiled(const std::string& type, const std::string& elements) {
  return With(
      R"({"resourceType":"StructureDefinition","url":"http://example.org/p","name":"P","status":"draft",
    "kind":"resource","abstract":false,"derivation":"constraint","type":")" +
      type + R"(","baseDefinition":"http://hl7.org/fhir/StructureDefinition/)" + type +
      R"(","differential":{"element":[)" + elements + "]}}");
}

TEST_CASE("a slice that is sliced again counts its parts", "[validator]") {
  auto with = Profiled("Patient", R"({"id":"Patient.name","path":"Patient.name","slicing":{"rules":"open",
      "discriminator":[{"type":"value","path":"use"}]}},
    {"id":"Patient.name:o","path":"Patient.name","sliceName":"o","slicing":{"rules":"closed",
      "discriminator":[{"type":"value","path":"family"}]}},
    {"id":"Patient.name:o.use","path":"Patient.name.use","min":1,"fixedCode":"official"},
    {"id":"Patient.name:o/x","path":"Patient.name","sliceName":"o/x","min":1,"max":"1"},
    {"id":"Patient.name:o/x.family","path":"Patient.name.family","min":1,"fixedString":"X"})");
  auto of = [&](const std::string& family) {
    return with.Findings(
        R"({"resourceType":"Patient","name":[{"use":"official","family":")" + family + R"("}]})",
        "http://example.org/p");
  };
  CHECK(of("X").empty());
  CHECK(Has(of("Y"), "slice.min Patient"));
  CHECK(Has(of("Y"), "slice.closed Patient.name[0]"));
}

TEST_CASE("a choice whose slices are closed has no other types", "[validator]") {
  auto observed = Profiled("Observation", R"({"id":"Observation.value[x]","path":"Observation.value[x]",
      "slicing":{"rules":"closed","discriminator":[{"type":"type","path":"$this"}]}},
    {"id":"Observation.value[x]:valueQuantity","path":"Observation.value[x]","sliceName":"valueQuantity",
     "type":[{"code":"Quantity"}]})");
  auto of = [&](const std::string& value) {
    return observed.Findings(
        R"({"resourceType":"Observation","status":"final","code":{"text":"x"},)" + value + "}",
        "http://example.org/p");
  };
  CHECK(of(R"("valueQuantity":{"value":1})").empty());
  CHECK(Has(of(R"("valueString":"x")"), "slice.closed Observation.value.ofType(string)"));
}

TEST_CASE("slices told apart by an extension that has no definition", "[validator]") {
  auto with =
      Profiled("Patient", R"({"id":"Patient.telecom","path":"Patient.telecom","slicing":{"rules":"open",
      "discriminator":[{"type":"value","path":"extension('http://example.org/e').value"}]}},
    {"id":"Patient.telecom:a","path":"Patient.telecom","sliceName":"a","min":1},
    {"id":"Patient.telecom:a.extension","path":"Patient.telecom.extension","slicing":{"rules":"open",
      "discriminator":[{"type":"value","path":"url"}]}},
    {"id":"Patient.telecom:a.extension:e","path":"Patient.telecom.extension","sliceName":"e","min":1},
    {"id":"Patient.telecom:a.extension:e.url","path":"Patient.telecom.extension.url",
     "fixedUri":"http://example.org/e"},
    {"id":"Patient.telecom:a.extension:e.value[x]","path":"Patient.telecom.extension.value[x]",
     "type":[{"code":"code"}],"fixedCode":"k"})");
  auto of = [&](const std::string& code) {
    return Has(
        with.Findings(R"({"resourceType":"Patient","telecom":[{"system":"phone","value":"1","extension":[
        {"url":"http://example.org/e","valueCode":")" +
                          code + R"("}]}]})",
                      "http://example.org/p"),
        "slice.min Patient");
  };
  CHECK_FALSE(of("k"));
  CHECK(of("z"));
}

TEST_CASE("sizes, decimal places and forms that a profile asks for", "[validator]") {
  With with(R"({"resourceType":"StructureDefinition","url":"http://example.org/p","name":"P","status":"draft",
    "kind":"resource","abstract":false,"type":"Patient","derivation":"constraint",
    "baseDefinition":"http://hl7.org/fhir/StructureDefinition/Patient","differential":{"element":[
      {"id":"Patient.photo","path":"Patient.photo","extension":[
        {"url":"http://hl7.org/fhir/StructureDefinition/maxSize","valueDecimal":3}]},
      {"id":"Patient.name.family","path":"Patient.name.family","type":[{"code":"string","extension":[
        {"url":"http://hl7.org/fhir/StructureDefinition/regex","valueString":"[A-Z]+"}]}]}]}})");
  auto found = with.Findings(R"({"resourceType":"Patient","name":[{"family":"Martin"},{"family":"MARTIN"}],
      "photo":[{"contentType":"image/png","data":"AAAA"},{"contentType":"image/png","data":"AAAAAAAA"},
        {"contentType":"image/png","url":"http://example.org/x","size":4}]})",
                             "http://example.org/p");
  CHECK(Has(found, "value.regex Patient.name[0].family"));
  CHECK_FALSE(Has(found, "value.regex Patient.name[1].family"));
  CHECK_FALSE(Has(found, "value.maximum Patient.photo[0]"));
  CHECK(Has(found, "value.maximum Patient.photo[1]"));
  CHECK(Has(found, "value.maximum Patient.photo[2]"));
  With places(
      R"({"resourceType":"StructureDefinition","url":"http://example.org/q","name":"Q","status":"draft",
    "kind":"resource","abstract":false,"type":"RiskAssessment","derivation":"constraint",
    "baseDefinition":"http://hl7.org/fhir/StructureDefinition/RiskAssessment","differential":{"element":[
      {"id":"RiskAssessment.prediction.relativeRisk","path":"RiskAssessment.prediction.relativeRisk","extension":[
        {"url":"http://hl7.org/fhir/StructureDefinition/maxDecimalPlaces","valueInteger":1}]}]}})");
  auto risk = places.Findings(R"({"resourceType":"RiskAssessment","status":"final",
      "subject":{"reference":"Patient/1"},"prediction":[{"relativeRisk":1.5},{"relativeRisk":1.50}]})",
                              "http://example.org/q");
  CHECK_FALSE(Has(risk, "value.decimals RiskAssessment.prediction[0].relativeRisk"));
  CHECK(Has(risk, "value.decimals RiskAssessment.prediction[1].relativeRisk"));
}

TEST_CASE("an operation's parameters are those of the profile of what goes in", "[validator]") {
  With with(
      R"({"resourceType":"StructureDefinition","url":"http://example.org/in","name":"In","status":"draft",
    "kind":"resource","abstract":false,"type":"Parameters","derivation":"constraint",
    "baseDefinition":"http://hl7.org/fhir/StructureDefinition/Parameters","differential":{"element":[
      {"id":"Parameters.parameter","path":"Parameters.parameter",
       "slicing":{"discriminator":[{"type":"value","path":"name"}],"rules":"open"}},
      {"id":"Parameters.parameter:day","path":"Parameters.parameter","sliceName":"day","min":1,"max":"1"},
      {"id":"Parameters.parameter:day.name","path":"Parameters.parameter.name","fixedString":"day"},
      {"id":"Parameters.parameter:day.value[x]","path":"Parameters.parameter.value[x]","min":1,
       "type":[{"code":"date"}]}]}})");
  auto of = [&](const std::string& parameter) {
    return with.Findings(
        R"({"resourceType":"OperationDefinition","name":"Do","status":"draft","kind":"operation",
        "code":"do","system":false,"type":true,"instance":false,"inputProfile":"http://example.org/in",
        "parameter":[{"name":"day","use":"in",)" +
            parameter + "}]}",
        {});
  };
  const std::string differs = "operation.input OperationDefinition.parameter[0]";
  CHECK_FALSE(Has(of(R"("min":1,"max":"1","type":"date")"), differs));
  CHECK(Has(of(R"("min":0,"max":"1","type":"date")"), differs));
  CHECK(Has(of(R"("min":1,"max":"*","type":"date")"), differs));
  CHECK(Has(of(R"("min":1,"max":"1","type":"dateTime")"), differs));
}

TEST_CASE("what later versions and extensions ask of a value", "[validator]") {
  With with(R"({"resourceType":"StructureDefinition","url":"http://example.org/p","name":"P","status":"draft",
    "kind":"resource","abstract":false,"type":"Patient","derivation":"constraint",
    "baseDefinition":"http://hl7.org/fhir/StructureDefinition/Patient","differential":{"element":[
      {"id":"Patient.id","path":"Patient.id","extension":[
        {"url":"http://hl7.org/fhir/StructureDefinition/minLength","valueInteger":4}]},
      {"id":"Patient.text","path":"Patient.text","extension":[
        {"url":"http://hl7.org/fhir/StructureDefinition/narrative-language-control","valueCode":"_resource"}]},
      {"id":"Patient.active","path":"Patient.active","extension":[
        {"url":"http://hl7.org/fhir/5.0/StructureDefinition/extension-ElementDefinition.mustHaveValue",
         "valueBoolean":true}]},
      {"id":"Patient.birthDate","path":"Patient.birthDate","maxValueDuration":{"value":1,
        "system":"http://unitsofmeasure.org","code":"a"}}]}})");
  auto patient = [&](const std::string& members) {
    return with.Findings(R"({"resourceType":"Patient",)" + members + "}", "http://example.org/p");
  };
  CHECK(Has(patient(R"("id":"abc")"), "value.min-length Patient.id"));
  CHECK(patient(R"("id":"abcd")").empty());
  CHECK(Has(
      patient(R"("_active":{"extension":[{"url":"http://hl7.org/fhir/StructureDefinition/data-absent-reason",
      "valueCode":"unknown"}]})"),
      "value.wanted Patient.active"));
  auto narrative = [](const std::string& language) {
    return R"("language":"fr","text":{"status":"generated",)"
           R"("div":"<div xmlns=\"http://www.w3.org/1999/xhtml\"><div lang=\")" +
           language + R"(\">x</div></div>"})";
  };
  CHECK(patient(narrative("fr")).empty());
  CHECK(Has(patient(narrative("en")), "narrative.section-missing Patient.text"));
  CHECK(patient(R"("birthDate":"2026-12-01")").empty());
  CHECK(Has(patient(R"("birthDate":"2028-01-01")"), "value.maximum Patient.birthDate"));
}

TEST_CASE("what is no code of SNOMED CT or LOINC by its form", "[validator]") {
  auto coded = [](const std::string& system, const std::string& code) {
    return Has(tests::Findings(R"({"resourceType":"Basic","code":{"coding":[{"system":")" + system +
                               R"(","code":")" + code + R"("}]}})"),
               "coding.unknown-code Basic.code.coding[0].code");
  };
  CHECK_FALSE(coded("http://snomed.info/sct", "38341003"));
  CHECK(coded("http://snomed.info/sct", "38341004"));   // the check digit
  CHECK(coded("http://snomed.info/sct", "751689013"));  // a description
  CHECK_FALSE(coded("http://snomed.info/sct", "38341003:246075003=22298006"));
  CHECK_FALSE(coded("http://loinc.org", "85354-9"));
  CHECK_FALSE(coded("http://loinc.org", "LP7839-6"));
  CHECK(coded("http://loinc.org", "85354-8"));
  CHECK(coded("http://loinc.org", "pression"));
}

std::string Definition(const std::string& members) {
  return R"({"resourceType":"StructureDefinition","url":"http://example.org/p","name":"P","status":"draft",
    "kind":"resource","abstract":false,"derivation":"constraint","type":"Patient",
    "baseDefinition":"http://hl7.org/fhir/StructureDefinition/Patient",)" +
         members + "}";
}

TEST_CASE("structure definitions: what an element can say depends on its types", "[validator]") {
  auto element = [](const std::string& text) {
    return tests::Findings(Definition(R"("differential":{"element":[)" + text + "]}"));
  };
  const std::string at = " StructureDefinition.differential.element[0]";
  CHECK(element(R"({"id":"Patient.birthDate","path":"Patient.birthDate","min":1})").empty());
  CHECK(Has(element(R"({"path":"Patient.name","type":[{"code":"HumanName"}],"maxLength":5})"),
            "structure.trait" + at));
  CHECK(Has(element(R"({"path":"Patient.birthDate","slicing":{"rules":"open","discriminator":[
      {"type":"value","path":"$this"}]}})"),
            "structure.slicing-single" + at + ".slicing"));
  CHECK(Has(element(R"({"path":"Patient.name","type":[{"code":"HumanName"}],"slicing":{"rules":"open",
      "discriminator":[{"type":"value","path":"colour"}]}})"),
            "structure.discriminator" + at + ".slicing.discriminator[0]"));
  CHECK(Has(element(R"({"path":"Patient.name","constraint":[{"key":"p-1","severity":"error","human":"x",
      "expression":"true","source":"http://example.org/other"}]})"),
            "structure.constraint-source" + at + ".constraint[0]"));
}

TEST_CASE("structure definitions: base, kind and type fit", "[validator]") {
  CHECK(Has(tests::Findings(R"({"resourceType":"StructureDefinition","url":"http://example.org/p","name":"P",
      "status":"draft","kind":"complex-type","abstract":false,"derivation":"constraint","type":"Group",
      "baseDefinition":"http://hl7.org/fhir/StructureDefinition/Patient",
      "differential":{"element":[{"path":"Group"}]}})"),
            "structure.kind StructureDefinition"));
  CHECK(Has(tests::Findings(Definition(R"("context":[{"type":"element","expression":"Patient"}])")),
            "structure.context StructureDefinition.context[0]"));
  CHECK(
      Has(tests::Findings(R"({"resourceType":"StructureDefinition","url":"http://example.org/ext","name":"E",
      "status":"draft","kind":"complex-type","abstract":false,"derivation":"constraint","type":"Extension",
      "baseDefinition":"http://hl7.org/fhir/StructureDefinition/Extension",
      "context":[{"type":"element","expression":"Patient"}],
      "differential":{"element":[{"path":"Extension.url","fixedUri":"http://example.org/other"}]}})"),
          "structure.extension-url StructureDefinition"));
}

TEST_CASE("questionnaires: conditions ask for what can be answered before", "[validator]") {
  auto asks = [](const std::string& question) {
    return tests::Findings(R"({"resourceType":"Questionnaire","status":"draft","item":[
        {"linkId":"a","type":"string"},
        {"linkId":"b","type":"group","enableWhen":[{"question":")" +
                           question + R"(","operator":"exists","answerBoolean":true}],
         "item":[{"linkId":"c","type":"string"}]},
        {"linkId":"d","type":"string"}]})");
  };
  CHECK(asks("a").empty());
  CHECK(Has(asks("x"), "questionnaire.enable-unknown Questionnaire.item[1]"));
  CHECK(Has(asks("c"), "questionnaire.enable-inner Questionnaire.item[1]"));
  CHECK(Has(asks("d"), "questionnaire.enable-later Questionnaire.item[1]"));
}

TEST_CASE("Bundles: links once, what a search gave by its mode", "[validator]") {
  auto search = [](const std::string& entry) {
    return tests::Findings(R"({"resourceType":"Bundle","type":"searchset","link":[
        {"relation":"self","url":"http://example.org/fhir?_type=Patient,Person"}],"entry":[{
        "fullUrl":"urn:uuid:0f7c5b1e-7a6c-4b0e-9a53-1c2f9f0b3a11",)" +
                           entry + "}]}");
  };
  CHECK(search(R"("resource":{"resourceType":"Person","id":"1"},"search":{"mode":"match"})").empty());
  CHECK(Has(
      search(R"("resource":{"resourceType":"Basic","id":"1","code":{"text":"x"}},"search":{"mode":"match"})"),
      "bundle.search-type Bundle.entry[0].resource"));
  CHECK(Has(search(R"("resource":{"resourceType":"Patient","id":"1"},"search":{"mode":"outcome"})"),
            "bundle.search-outcome Bundle.entry[0].resource"));
  CHECK(Has(search(R"("search":{"mode":"match"})"), "bundle.search-empty Bundle.entry[0]"));
  auto twice = tests::Findings(R"({"resourceType":"Bundle","type":"collection","link":[
      {"relation":"self","url":"http://example.org/a"},{"relation":"self","url":"http://example.org/b"}]})");
  CHECK(Has(twice, "bundle.link-twice Bundle.link[1].relation"));
}

}  // namespace
}  // namespace passerelle::validator
