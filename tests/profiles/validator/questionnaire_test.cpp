// QuestionnaireResponses: what is answered must be asked, enabled, among the options and within the bounds.

#include <catch2/catch.hpp>

#include "tests/support/validate.h"

namespace passerelle::validator {
namespace {

bool Has(const std::vector<std::string>& found, std::string_view wanted) {
  return std::find(found.begin(), found.end(), wanted) != found.end();
}

std::string ResponseTo(const std::string& questions, const std::string& items, const std::string& status) {
  return R"({"resourceType":"QuestionnaireResponse","questionnaire":"#q","status":")" + status +
         R"(","contained":[{"resourceType":"Questionnaire","id":"q","status":"active","item":[)" + questions +
         R"(]}],"item":[)" + items + "]}";
}
// A response to a contained questionnaire.
std::vector<std::string> Answered(const std::string& questions, const std::string& items) {
  return tests::Findings(ResponseTo(questions, items, "completed"));
}
const std::string kSmokes = R"({"linkId":"smokes","type":"boolean","required":true})";
const std::string kHowMany =
    R"({"linkId":"many","type":"integer","enableWhen":[{"question":"smokes","operator":"=","answerBoolean":true}],
        "extension":[{"url":"http://hl7.org/fhir/StructureDefinition/maxValue","valueInteger":60}]})";

TEST_CASE("answers that fit", "[validator]") {
  CHECK(Answered(kSmokes + "," + kHowMany, R"({"linkId":"smokes","answer":[{"valueBoolean":true}]},
        {"linkId":"many","answer":[{"valueInteger":20}]})")
            .empty());
}

TEST_CASE("answers that do not", "[validator]") {
  CHECK(Has(Answered(kSmokes + "," + kHowMany, R"({"linkId":"smokes","answer":[{"valueBoolean":false}]},
        {"linkId":"many","answer":[{"valueInteger":20}]})"),
            "questionnaire.not-enabled QuestionnaireResponse.item[1]"));
  CHECK(Has(Answered(kSmokes, R"({"linkId":"other","answer":[{"valueBoolean":true}]})"),
            "questionnaire.link-id QuestionnaireResponse"));
  CHECK(Has(Answered(kSmokes, R"({"linkId":"smokes"})"),
            "questionnaire.required QuestionnaireResponse.item[0]"));
  CHECK(Has(Answered(kSmokes, R"({"linkId":"smokes","answer":[{"valueString":"yes"}]})"),
            "questionnaire.answer-type QuestionnaireResponse.item[0].answer[0].value.ofType(string)"));
  CHECK(Has(Answered(kSmokes + "," + kHowMany, R"({"linkId":"smokes","answer":[{"valueBoolean":true}]},
        {"linkId":"many","answer":[{"valueInteger":80}]})"),
            "questionnaire.maximum QuestionnaireResponse.item[1].answer[0].value.ofType(integer)"));
  CHECK(Has(Answered(R"({"linkId":"a","type":"choice","answerOption":[{"valueString":"x"}]})",
                     R"({"linkId":"a","answer":[{"valueString":"z"}]})"),
            "questionnaire.options QuestionnaireResponse.item[0].answer[0].value.ofType(string)"));
}

TEST_CASE("a questionnaire that is not here is said", "[validator]") {
  CHECK(Has(tests::Findings(R"({"resourceType":"QuestionnaireResponse","questionnaire":"http://example.org/q",
      "status":"completed"})"),
            "questionnaire.unresolved QuestionnaireResponse"));
}

TEST_CASE("what stands where in a response", "[validator]") {
  const std::string group = R"({"linkId":"g","type":"group","text":"Group","required":true,"item":[
    {"linkId":"d","type":"display"},{"linkId":"s","type":"string","item":[{"linkId":"t","type":"string"}]}]})";
  auto answered = [&](const std::string& items) { return Answered(group, items); };
  CHECK(Has(answered(R"({"linkId":"g"})"), "questionnaire.group-empty QuestionnaireResponse.item[0]"));
  CHECK(Has(answered(R"({"linkId":"g","text":"Other","item":[{"linkId":"d"}]})"),
            "questionnaire.text QuestionnaireResponse.item[0]"));
  CHECK(Has(answered(R"({"linkId":"g","item":[{"linkId":"d","item":[{"linkId":"s"}]}]})"),
            "questionnaire.display QuestionnaireResponse.item[0].item[0]"));
  CHECK(Has(answered(R"({"linkId":"g","item":[{"linkId":"s"},{"linkId":"d"}]})"),
            "questionnaire.order QuestionnaireResponse.item[0]"));
  CHECK(Has(answered(R"({"linkId":"g","item":[{"linkId":"t"}]})"),
            "questionnaire.misplaced QuestionnaireResponse.item[0]"));
  CHECK(Has(answered(R"({"linkId":"g","item":[{"linkId":"s","item":[{"linkId":"t"}]}]})"),
            "questionnaire.outside QuestionnaireResponse.item[0].item[0]"));
}

TEST_CASE("attachments are of the types and sizes that are asked for", "[validator]") {
  const std::string question = R"({"linkId":"a","type":"attachment","extension":[
    {"url":"http://hl7.org/fhir/StructureDefinition/mimeType","valueCode":"image/"},
    {"url":"http://hl7.org/fhir/StructureDefinition/maxSize","valueDecimal":4}]})";
  auto found = Answered(question, R"({"linkId":"a","answer":[{"valueAttachment":{"contentType":"text/plain",
      "data":"QUJDREVG"}}]})");
  CHECK(Has(found, "questionnaire.mime-type QuestionnaireResponse.item[0].answer[0]"));
  CHECK(Has(found, "questionnaire.size QuestionnaireResponse.item[0].answer[0]"));
  found = Answered(question, R"({"linkId":"a","answer":[{"valueAttachment":{"contentType":"image/png",
      "data":"QUJD"}}]})");
  CHECK_FALSE(Has(found, "questionnaire.mime-type QuestionnaireResponse.item[0].answer[0]"));
  CHECK_FALSE(Has(found, "questionnaire.size QuestionnaireResponse.item[0].answer[0]"));
}

TEST_CASE("a minimum of answers counts where an answer is given or due", "[validator]") {
  auto question = [](const std::string& more) {
    return kSmokes + R"(,{"linkId":"m","type":"string","repeats":true,)" + more + R"("extension":[
      {"url":"http://hl7.org/fhir/StructureDefinition/questionnaire-minOccurs","valueInteger":2}]})";
  };
  const std::string smokes = R"({"linkId":"smokes","answer":[{"valueBoolean":false}]},)";
  const std::string none = R"({"linkId":"m"})", one = R"({"linkId":"m","answer":[{"valueString":"x"}]})";
  const std::string wrong = "questionnaire.min-occurs QuestionnaireResponse.item[1]";
  const std::string required = R"("required":true,)", disabled = R"("required":true,"enableWhen":[
      {"question":"smokes","operator":"=","answerBoolean":true}],)";
  CHECK(Has(Answered(question(""), smokes + one), wrong));
  CHECK(Has(Answered(question(required), smokes + none), wrong));
  CHECK_FALSE(Has(Answered(question(""), smokes + none), wrong));
  CHECK_FALSE(Has(Answered(question(disabled), smokes + none), wrong));
  CHECK_FALSE(Has(Answered(question(disabled), smokes + one), wrong));
  auto errors = [&](const std::string& status) {
    auto tree = json::Parse(ResponseTo(question(""), smokes + one, status), kFileLimits, &tests::Pack());
    REQUIRE(tree.has_value());
    Issues issues;
    tests::BaseValidator().Validate(*tree, {}, issues);
    return std::count_if(issues.all().begin(), issues.all().end(),
                         [](const auto& issue) { return issue.severity >= Severity::Error; });
  };
  CHECK(errors("completed") == 1);
  CHECK(errors("in-progress") == 0);
}

}  // namespace
}  // namespace passerelle::validator
