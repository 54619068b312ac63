// Resources that define: code systems, value sets, structure definitions, measures and their reports.

#include <catch2/catch.hpp>

#include "tests/support/with_definition.h"

namespace passerelle::validator {
namespace {

using tests::Findings;
using tests::Has;
using tests::With;

std::vector<std::string> CodeSystem(const std::string& more) {
  return Findings(R"({"resourceType":"CodeSystem","url":"http://example.org/cs","status":"active",)" + more +
                  "}");
}

TEST_CASE("a supplement says what it supplements and nothing that only that one can say", "[validator]") {
  CHECK(Has(CodeSystem(R"("content":"supplement")"), "code-system.supplement-of CodeSystem"));
  CHECK(Has(CodeSystem(R"("content":"supplement")"), "code-system.supplement-content CodeSystem.content"));
  auto found = CodeSystem(R"("content":"supplement","caseSensitive":true,
    "supplements":"http://hl7.org/fhir/administrative-gender","concept":[{"code":"male"},{"code":"mail"}])");
  CHECK(Has(found, "code-system.supplement-says CodeSystem.caseSensitive"));
  CHECK(Has(found, "code-system.supplement-code CodeSystem.concept[1]"));
  CHECK_FALSE(Has(found, "code-system.supplement-code CodeSystem.concept[0]"));
}

TEST_CASE("codes and properties of a code system", "[validator]") {
  auto found = CodeSystem(R"("content":"complete","property":[
      {"code":"parent","uri":"http://hl7.org/fhir/concept-properties#parent","type":"code"},
      {"code":"kind","uri":"kind","type":"code"}],
    "concept":[{"code":"a","concept":[{"code":"b"}]},{"code":"b"},
      {"code":"c","property":[{"code":"parent","valueCode":"a"}]},
      {"code":"d","property":[{"code":"parent","valueCode":"none"},{"code":"kind","valueString":"x"}]}])");
  CHECK(Has(found, "code-system.code-twice CodeSystem.concept[1]"));
  CHECK(Has(found, "code-system.property-relative CodeSystem.property[1]"));
  CHECK(Has(found, "code-system.property-value-code CodeSystem.concept[3].property[0]"));
  CHECK(Has(found, "code-system.property-value CodeSystem.concept[3].property[1]"));
  CHECK_FALSE(Has(found, "code-system.property-value-code CodeSystem.concept[2].property[0]"));
}

TEST_CASE("a code that one property may and another must not have is an error", "[validator]") {
  const std::string text = R"({"resourceType":"CodeSystem","url":"http://example.org/cs","status":"active",
    "content":"complete","property":[{"code":"like","type":"code"},
      {"code":"parent","uri":"http://hl7.org/fhir/concept-properties#parent","type":"code"}],
    "concept":[{"code":"a","property":[{"code":"like","valueCode":"none"},{"code":"parent","valueCode":"none"},
      {"code":"parent","valueCode":"none"}]}]})";
  auto tree = json::Parse(text, kFileLimits, &tests::Pack());
  REQUIRE(tree.has_value());
  Issues issues;
  tests::BaseValidator().Validate(*tree, {}, issues);
  auto said = [&](Severity severity, std::string_view place) {
    return std::any_of(issues.all().begin(), issues.all().end(), [&](const auto& issue) {
      return issue.rule->id == std::string_view("code-system.property-value-code") &&
             issue.severity == severity && issue.place.path == place;
    });
  };
  CHECK(said(Severity::Warning, "CodeSystem.concept[0].property[0]"));
  CHECK(said(Severity::Error, "CodeSystem.concept[0].property[1]"));
  CHECK_FALSE(said(Severity::Error, "CodeSystem.concept[0].property[2]"));
}

TEST_CASE("the value set of all codes of a code system, in the same release", "[validator]") {
  auto wrong = [](const std::string& version, const std::string& compose, const std::string& named) {
    const With with(R"({"resourceType":"ValueSet","url":"http://example.org/vs","version":")" + version +
                    R"(","status":"active","compose":{)" + compose + "}}");
    return Has(with.Findings(R"({"resourceType":"CodeSystem","url":"http://example.org/cs","version":"1",
      "status":"active","content":"complete","concept":[{"code":"a"}],"valueSet":")" +
                                 named + R"("})",
                             {}),
               "code-system.value-set CodeSystem");
  };
  const std::string set = "http://example.org/vs", all = R"("include":[{"system":"http://example.org/cs"}])";
  const std::string some = R"("include":[{"system":"http://example.org/cs","concept":[{"code":"a"}]}])";
  CHECK_FALSE(wrong("1", all, set));
  CHECK(wrong("1", some, set));
  CHECK(wrong("1", all + R"(,"exclude":[{"system":"http://example.org/cs","concept":[{"code":"a"}]}])", set));
  CHECK_FALSE(wrong("2", some, set));
  CHECK(wrong("2", some, set + "|2"));
  CHECK_FALSE(wrong("2", some, set + "|3"));
}

TEST_CASE("includes of a value set", "[validator]") {
  auto found =
      Findings(R"({"resourceType":"ValueSet","url":"http://example.org/vs","status":"active","compose":{
    "include":[{"system":"http://hl7.org/fhir/administrative-gender|4.0.1"},
      {"system":"http://hl7.org/fhir/ValueSet/administrative-gender"},
      {"system":"http://terminology.hl7.org/CodeSystem/v3-ActCode","filter":[
        {"property":"concept","op":"is-a","value":"none-of-it"},
        {"property":"notSelectable","op":"=","value":"yes"},
        {"property":"concept","op":"exists","value":"maybe"},
        {"property":"code","op":"regex","value":"("},
        {"property":"concept","op":"in","value":"AMB,none-of-it"},
        {"property":"concept","op":"is-a","value":"AMB"}]}]}})");
  const std::string filter = "ValueSet.compose.include[2].filter";
  CHECK(Has(found, "value-set.system-version ValueSet.compose.include[0]"));
  CHECK(Has(found, "value-set.no-code-system ValueSet.compose.include[1]"));
  for (int i : {0, 1, 2, 3, 4}) {
    CAPTURE(i);
    CHECK(Has(found, "value-set.filter-value " + filter + "[" + std::to_string(i) + "]"));
  }
  CHECK(Has(found, "value-set.filter-operation " + filter + "[2]"));
  CHECK_FALSE(Has(found, "value-set.filter-value " + filter + "[5]"));
}

TEST_CASE("a regular expression of a filter is wrong only where it is so in every dialect", "[validator]") {
  auto filtered = [](const std::string& system, const std::string& property, const std::string& regex) {
    return Findings(R"({"resourceType":"ValueSet","url":"http://example.org/vs","status":"active","compose":{
      "include":[{"system":")" +
                    system + R"(","filter":[{"property":")" + property + R"(","op":"regex","value":")" +
                    regex + R"("}]}]}})");
  };
  const std::string acts = "http://terminology.hl7.org/CodeSystem/v3-ActCode",
                    snomed = "http://snomed.info/sct";
  const std::string at = " ValueSet.compose.include[0].filter[0]", value = "value-set.filter-value" + at;
  for (const std::string right : {"(?=A).*", R"((a)\\1)", R"((?<!x)[(])", R"(\\()", "[]a(]", "[^](]", "a]",
                                  "[a-z-[(]]", R"(\\Q((\\E)", R"([\\](])"}) {
    CAPTURE(right);
    CHECK_FALSE(Has(filtered(acts, "code", right), value));
  }
  for (const std::string wrong : {"(", "a)", "(a))(", "[a", R"([a\\])", R"(a\\)", "(?=A"}) {
    CAPTURE(wrong);
    CHECK(Has(filtered(acts, "code", wrong), value));
  }
  const std::string operation = "value-set.filter-operation" + at;
  for (const auto& system : {acts, snomed}) {
    auto found = filtered(system, "concept", "A.*");
    CHECK(std::count(found.begin(), found.end(), operation) == 1);
  }
  CHECK_FALSE(Has(filtered(acts, "code", "A.*"), operation));
}

TEST_CASE("a search parameter derives from one on its base or a more general type", "[validator]") {
  auto derived = [](const std::string& master_base, const std::string& base) {
    const std::string parameter =
        R"({"resourceType":"SearchParameter","name":"x","status":"draft","description":"x",
      "code":"x","type":"string","expression":"id","url":"http://example.org/)";
    const With with(parameter + R"(master","base":[")" + master_base + R"("]})");
    return Has(
        with.Findings(
            parameter + R"(own","derivedFrom":"http://example.org/master","base":[")" + base + R"("]})", {}),
        "search-parameter.derived-base SearchParameter");
  };
  CHECK_FALSE(derived("Patient", "Patient"));
  CHECK_FALSE(derived("DomainResource", "Patient"));
  CHECK_FALSE(derived("Resource", "Patient"));
  CHECK_FALSE(derived("Resource", "Bundle"));
  CHECK(derived("DomainResource", "Bundle"));
  CHECK(derived("Patient", "Practitioner"));
}

std::vector<std::string> Definition(const std::string& type, const std::string& more) {
  return Findings(R"({"resourceType":"StructureDefinition","url":"http://example.org/sd","name":"X",
    "status":"draft","kind":")" +
                  std::string(type == "Extension" ? "complex-type" : "resource") +
                  R"(","abstract":false,"derivation":"constraint","type":")" + type +
                  R"(","baseDefinition":"http://hl7.org/fhir/StructureDefinition/)" + type + R"(",)" + more +
                  "}");
}
std::string Element(const std::string& path, const std::string& more) {
  return R"("differential":{"element":[{"id":")" + path + R"(","path":")" + path + R"(",)" + more + "}]}";
}

TEST_CASE("what an element of a profile may say", "[validator]") {
  const std::string types = "http://hl7.org/fhir/StructureDefinition/";
  CHECK(Has(Definition("Patient", Element("Patient.managingOrganization",
                                          R"("type":[{"code":"Reference","targetProfile":[")" + types +
                                              R"(HumanName"]}])")),
            "structure.type-target StructureDefinition.differential.element[0].type[0].targetProfile[0]"));
  CHECK(Has(Definition("Patient", Element("Patient.name", R"("type":[{"code":"HumanName","profile":[")" +
                                                              types + R"(Address"]}])")),
            "structure.type-profile StructureDefinition.differential.element[0].type[0].profile[0]"));
  CHECK(Has(Definition("Patient", Element("Patient.gender", R"("binding":{"strength":"required",
                         "valueSet":"http://hl7.org/fhir/administrative-gender"})")),
            "structure.binding StructureDefinition.differential.element[0].binding"));
  CHECK(Has(Definition("Patient", Element("Patient.gender", R"("meaningWhenMissing":"x")")),
            "structure.member StructureDefinition.differential.element[0]"));
  CHECK(Has(Definition("Patient", Element("Patient.name", R"("constraint":[{"key":"ext-1","severity":"error",
                         "human":"x","expression":"given"
}])")),
            "structure.constraint-key StructureDefinition.differential.element[0].constraint[0]"));
}

TEST_CASE("where an extension may stand", "[validator]") {
  auto with = [](const std::string& expression) {
    return Definition("Extension", R"("context":[{"type":"element","expression":")" + expression + R"("}],)" +
                                       Element("Extension.url", R"("fixedUri":"http://example.org/sd")"));
  };
  const std::string wrong = "structure.context-element StructureDefinition.context[0]";
  for (const std::string there : {"Patient", "Patient.contact.name", "Observation.value[x]",
                                  "HumanName.family", "CanonicalResource.url", "Element"})
    CHECK_FALSE(Has(with(there), wrong));
  for (const std::string not_there : {"Patients", "Patient.contacts", "Patient.name.fame"})
    CHECK(Has(with(not_there), wrong));
}

std::string Measure(const std::string& scoring) {
  return R"({"resourceType":"Measure","url":"http://example.org/m","status":"active","scoring":{"coding":[{
    "system":"http://terminology.hl7.org/CodeSystem/measure-scoring","code":")" +
         scoring + R"("}]},"group":[{"population":[{"code":{"coding":[{"system":"urn:s","code":"num"}]},
    "criteria":{"language":"text/cql","expression":"A.B"}}]}]})";
}
std::string Report(const std::string& type, const std::string& group) {
  return R"({"resourceType":"MeasureReport","status":"complete","type":")" + type +
         R"(","measure":"http://example.org/m","period":{"start":"2026"},"group":[{)" + group + "}]}";
}

TEST_CASE("reports of a measure", "[validator]") {
  const std::string population =
      R"("population":[{"code":{"coding":[{"system":"urn:s","code":"num"}]},"count":2}])";
  const With proportion(Measure("proportion"));
  auto found = [&](const std::string& type, const std::string& group) {
    return proportion.Findings(Report(type, group), {});
  };
  CHECK(Has(found("summary", population), "measure-report.score-missing MeasureReport.group[0]"));
  CHECK(Has(found("summary", population + R"(,"measureScore":{"value":1.5,"unit":"x"})"),
            "measure-report.score-range MeasureReport.group[0].measureScore.value"));
  CHECK(Has(found("summary", population + R"(,"measureScore":{"value":0.5,"unit":"x"})"),
            "measure-report.score-unit MeasureReport.group[0].measureScore.unit"));
  CHECK(Has(found("data-collection", population + R"(,"measureScore":{"value":0.5})"),
            "measure-report.score MeasureReport.group[0].measureScore"));
  CHECK(Has(found("summary", R"("population":[{"code":{"coding":[{"code":"other"}]}}])"),
            "measure-report.group-code MeasureReport.group[0].population[0]"));
  CHECK(Has(found("summary", R"("measureScore":{"value":0.5})"),
            "measure-report.missing MeasureReport.group[0]"));
  CHECK(Has(
      With(Measure("cohort")).Findings(Report("summary", population + R"(,"measureScore":{"value":1})"), {}),
      "measure-report.score MeasureReport.group[0].measureScore"));
}

TEST_CASE("a population counts the subjects of its list, where that is at hand", "[validator]") {
  const With with(Measure("cohort"));
  const std::string wrong = "measure-report.count MeasureReport.group[0].population[0]";
  auto found = [&](const std::string& more, const std::string& reference) {
    std::string report =
        Report("subject-list", R"("population":[{"code":{"coding":[{"system":"urn:s","code":"num"}]},
      "count":2,"subjectResults":{"reference":")" +
                                   reference + R"("}}])");
    return with.Findings(report.insert(1, more), {});
  };
  auto list = [](const std::string& entries) {
    return R"("contained":[{"resourceType":"List","id":"l","status":"current","mode":"working","entry":[)" +
           entries + "]}],";
  };
  const std::string one = R"({"item":{"reference":"MeasureReport/1"}})";
  const std::string gone = R"({"deleted":true,"item":{"reference":"MeasureReport/2"}})";
  CHECK_FALSE(Has(found("", "List/elsewhere"), wrong));
  CHECK(Has(found("", "Patient/1"), wrong));  // a single subject
  CHECK_FALSE(Has(found(list(one + "," + one), "#l"), wrong));
  CHECK_FALSE(Has(found(list(one + "," + one + "," + gone), "#l"), wrong));
  CHECK(Has(found(list(one), "#l"), wrong));
  auto bundled = [&](const std::string& entries) {
    const std::string report = Report("subject-list", R"("population":[{"code":{"coding":[{"system":"urn:s",
      "code":"num"}]},"count":2,"subjectResults":{"reference":"List/l"}}])");
    return Has(with.Findings(
                   R"({"resourceType":"Bundle","type":"collection","entry":[
      {"fullUrl":"http://example.org/MeasureReport/r","resource":)" +
                       std::string(report).insert(1, R"("id":"r",)") +
                       R"(},{"fullUrl":"http://example.org/List/l","resource":{"resourceType":"List","id":"l",
      "status":"current","mode":"working","entry":[)" +
                       entries + "]}}]}",
                   {}),
               "measure-report.count Bundle.entry[0].resource.group[0].population[0]");
  };
  CHECK(bundled(one));
  CHECK_FALSE(bundled(one + "," + one));
  const With of_encounters(Measure("cohort").insert(1, R"("extension":[{
    "url":"http://hl7.org/fhir/us/cqfmeasures/StructureDefinition/cqfm-populationBasis","valueCode":"Encounter"}],)"));
  CHECK_FALSE(Has(of_encounters.Findings(Report("subject-list", R"("population":[{"code":{"coding":[{
      "system":"urn:s","code":"num"}]},"count":2,"subjectResults":{"reference":"#l"}}])")
                                             .insert(1, list(one)),
                                         {}),
                  wrong));
}

std::vector<std::string> ProfileOf(const std::string& type, const std::string& elements) {
  return Findings(
      R"({"resourceType":"StructureDefinition","url":"http://example.org/p","name":"P",)"
      R"("status":"draft","kind":"resource","abstract":false,"derivation":"constraint","type":")" +
      type + R"(","baseDefinition":"http://hl7.org/fhir/StructureDefinition/)" + type +
      R"(","differential":{"element":[)" + elements + "]}}");
}

TEST_CASE("a profile asks for no less than its base", "[validator]") {
  auto of = [](const std::string& said) {
    return Has(ProfileOf("Observation", said),
               "structure.looser StructureDefinition.differential.element[0]");
  };
  CHECK(of(R"({"id":"Observation.status","path":"Observation.status","min":0})"));
  CHECK(of(R"({"id":"Observation.code","path":"Observation.code","max":"*"})"));
  CHECK(of(R"({"id":"Observation.status","path":"Observation.status","binding":{"strength":"extensible",
      "valueSet":"http://hl7.org/fhir/ValueSet/observation-status"}})"));
  CHECK_FALSE(of(R"({"id":"Observation.subject","path":"Observation.subject","min":1})"));
  CHECK_FALSE(of(R"({"id":"Observation.category","path":"Observation.category","max":"1"})"));
}

TEST_CASE("slices are not told apart by something else than what is sliced", "[validator]") {
  auto of = [](const std::string& discriminator) {
    return Has(ProfileOf("Patient", R"({"id":"Patient.name","path":"Patient.name","slicing":{"rules":"open",
        "discriminator":[{"type":"value","path":"use"}]}},
      {"id":"Patient.name:a","path":"Patient.name","sliceName":"a","slicing":{"rules":"open",
        "discriminator":[{"type":"value","path":")" +
                                        discriminator + R"("}]}})"),
               "structure.slicing-again StructureDefinition");
  };
  CHECK(of("family"));
  CHECK_FALSE(of("use"));
}

TEST_CASE("a rule asks for elements that are there", "[validator]") {
  auto of =
      [](const std::string& path, const std::string& expression) {
        return Has(ProfileOf("Patient", R"({"id":")" + path + R"(","path":")" + path +
                                            R"(","constraint":[{"key":"p-1","severity":"error","human":"x",
          "expression":")" + expression + R"("}]})"),
                   "structure.constraint StructureDefinition.differential.element[0].constraint[0]");
      };
  CHECK(of("Patient", "nom.exists()"));
  CHECK(of("Patient.contact", "birthDate.exists()"));
  CHECK(of("Patient.name", "given.exists() and surname.exists()"));
  CHECK_FALSE(of("Patient.name", "given.exists() or family.exists()"));
  CHECK_FALSE(of("Patient.contact", "name.exists() or telecom.where(system = 'phone').exists()"));
}

TEST_CASE("a search is over elements that its base has", "[validator]") {
  auto of = [](const std::string& bases, const std::string& expression) {
    return Has(
        Findings(
            R"({"resourceType":"SearchParameter","url":"http://example.org/s","name":"S","status":"draft",
        "description":"x","code":"s","type":"string","base":[)" +
            bases + R"(],"expression":")" + expression + R"("})"),
        "expression.unreadable SearchParameter.expression");
  };
  CHECK(of(R"("Patient")", "Patient.surname"));
  CHECK(of(R"("Patient")", "Person.name"));
  CHECK_FALSE(of(R"("Patient")", "Patient.name.family"));
  CHECK_FALSE(of(R"("Patient")", "Patient.extension('http://example.org/e').value"));
  CHECK_FALSE(of(R"("Patient","Person")", "Patient.name | Person.name"));
}

TEST_CASE("elements of other versions of FHIR as extensions", "[validator]") {
  auto of = [](const std::string& member, const std::string& url) {
    return Findings(R"({"resourceType":"Patient",")" + member + R"(":[{"url":"http://hl7.org/fhir/)" + url +
                    R"(","valueString":"x"}]})");
  };
  CHECK(of("extension", "5.0/StructureDefinition/extension-Patient.x").empty());
  CHECK(Has(of("extension", "9.9/StructureDefinition/extension-Patient.x"),
            "extension.version Patient.extension[0]"));
  CHECK(Has(of("extension", "3.0/StructureDefinition/extension-Patient.animal"),
            "extension.modifier Patient.extension[0]"));
  CHECK_FALSE(Has(of("modifierExtension", "3.0/StructureDefinition/extension-Patient.animal"),
                  "extension.modifier Patient.modifierExtension[0]"));
}

TEST_CASE("a questionnaire keeps to the one that it complies with", "[validator]") {
  With with(R"({"resourceType":"Questionnaire","url":"http://example.org/q","status":"active","item":[
    {"linkId":"a","type":"string","required":true,"maxLength":10},
    {"linkId":"b","type":"choice","answerOption":[{"valueString":"x"},{"valueString":"y"}]}]})");
  auto of = [&](const std::string& type, const std::string& items) {
    return with.Findings(
        R"({"resourceType":"Questionnaire","status":"active","derivedFrom":["http://example.org/q"],
        "_derivedFrom":[{"extension":[{"url":"http://hl7.org/fhir/StructureDefinition/questionnaire-derivationType",
          "valueCoding":{"code":")" +
            type + R"("}}]}],"item":[)" + items + "]}",
        {});
  };
  const std::string derived = "questionnaire.derived Questionnaire.item[0]",
                    good = R"({"linkId":"a","type":"string","required":true,"maxLength":5})";
  CHECK_FALSE(Has(of("compliesWith", good), derived));
  CHECK(Has(of("compliesWith", R"({"linkId":"a","type":"text","required":true,"maxLength":5})"), derived));
  CHECK(Has(of("compliesWith", R"({"linkId":"a","type":"string","maxLength":5})"), derived));
  CHECK(Has(of("compliesWith", R"({"linkId":"a","type":"string","required":true})"), derived));
  CHECK(Has(of("compliesWith", R"({"linkId":"c","type":"string"})"), derived));
  CHECK(Has(of("compliesWith", R"({"linkId":"b","type":"choice","answerOption":[{"valueString":"z"}]})"),
            derived));
  CHECK_FALSE(Has(
      of("compliesWith", R"({"linkId":"b","type":"choice","answerOption":[{"valueString":"y"}]})"), derived));
  CHECK_FALSE(Has(of("inspiredBy", R"({"linkId":"c","type":"string"})"), derived));
}

}  // namespace
}  // namespace passerelle::validator
