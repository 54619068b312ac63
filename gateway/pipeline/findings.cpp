#include <utility>

#include "fhir_model/json/json.h"
#include "gateway/pipeline/pipeline.h"

namespace passerelle::pipeline {
namespace {

void WriteArguments(const std::vector<std::string>& arguments, std::string& out) {
  char before = '[';
  out += ",\"arguments\":";
  for (const auto& argument : arguments) {
    out += std::exchange(before, ',');
    json::WriteString(argument, out);
  }
  out += ']';
}

}  // namespace

std::string FindingsJson(const Issues& issues) {
  std::string out = "[";
  for (const Issue& issue : issues.all()) {
    if (out.size() > 1) out += ',';
    out += "{\"severity\":";
    json::WriteString(SeverityCode(issue.severity), out);
    out += ",\"rule\":";
    json::WriteString(issue.rule->id, out);
    out += ",\"place\":";
    json::WriteString(issue.place.path, out);
    if (issue.place.line != 0)
      out += ",\"line\":" + std::to_string(issue.place.line) + ",\"column\":" + std::to_string(issue.place.column);
    if (!issue.arguments.empty()) WriteArguments(issue.arguments, out);
    out += '}';
  }
  return out + "]";
}

}  // namespace passerelle::pipeline
