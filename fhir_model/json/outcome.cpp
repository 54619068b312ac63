#include "fhir_model/json/outcome.h"

#include "fhir_model/json/json.h"

namespace passerelle::json {
namespace {

constexpr std::string_view kRuleSystem = "https://passerelle.dev/rules";
constexpr std::string_view kErrorSystem = "https://passerelle.dev/errors";
constexpr std::string_view kExtension = "http://hl7.org/fhir/StructureDefinition/operationoutcome-issue-";

void Member(std::string_view name, std::string_view text, std::string& out) {
  if (out.back() != '{') out += ',';
  WriteString(name, out);
  out += ':';
  WriteString(text, out);
}

void Position(std::string_view which, std::uint32_t number, std::string& out) {
  out += out.back() == '[' ? "{" : ",{";
  Member("url", std::string(kExtension) + std::string(which), out);
  out += ",\"valueInteger\":" + std::to_string(number) + "}";
}

struct Said {
  std::string_view severity, code, system, id;
  std::string text;
  const Place& place;
  std::string_view diagnostics;
};

void Write(const Said& said, std::string& out) {
  out += '{';
  if (said.place.line != 0) {
    out += "\"extension\":[";
    Position("line", said.place.line, out);
    Position("col", said.place.column, out);
    out += ']';
  }
  Member("severity", said.severity, out);
  Member("code", said.code, out);
  out += ",\"details\":{\"coding\":[{";
  Member("system", said.system, out);
  Member("code", said.id, out);
  out += "}],";
  out += "\"text\":";
  WriteString(said.text, out);
  out += '}';
  if (!said.diagnostics.empty()) Member("diagnostics", said.diagnostics, out);
  if (!said.place.path.empty()) {
    out += ",\"expression\":[";
    WriteString(said.place.path, out);
    out += ']';
  }
  out += '}';
}

}  // namespace

std::string OutcomeJson(std::span<const Issue> issues, Language language) {
  std::string out = R"({"resourceType":"OperationOutcome","issue":[)";
  if (issues.empty()) {
    std::string_view text = language == Language::French ? "Rien à signaler." : "Nothing to report.";
    Write({"information", "informational", kRuleSystem, "none", std::string(text), {}, {}}, out);
  }
  bool first = true;
  for (const Issue& issue : issues) {
    if (!first) out += ',';
    first = false;
    Write({SeverityCode(issue.severity), issue.rule->issue_type, kRuleSystem, issue.rule->id, issue.Text(language),
           issue.place, issue.source},
          out);
  }
  return out + "]}";
}

std::string OutcomeJson(const Error& error, Language language) {
  std::string out = R"({"resourceType":"OperationOutcome","issue":[)";
  std::string_view sentence = language == Language::French ? error.info->fr : error.info->en;
  Write({"error", error.info->issue_type, kErrorSystem, error.info->name, std::string(sentence), error.place,
         error.detail},
        out);
  return out + "]}";
}

}  // namespace passerelle::json
