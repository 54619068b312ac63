// GET /fhir/metadata: what this server can do, and nothing else.

#include <array>

#include "gateway/api/fhir/common.h"
#include "gateway/api/json_writer.h"
#include "gateway/api/state.h"

namespace passerelle::api::fhir {
namespace {

constexpr std::array kInteractions = {"read",         "vread",  "update",
                                      "patch",        "delete", "history-instance",
                                      "history-type", "create", "search-type"};
constexpr std::array kSystemInteractions = {"transaction", "batch", "history-system"};

// Types of search parameters that the index can answer.
constexpr std::array kSearchable = {std::string_view("token"),  std::string_view("reference"),
                                    std::string_view("string"), std::string_view("date"),
                                    std::string_view("number"), std::string_view("quantity"),
                                    std::string_view("uri")};

bool IsSearchable(std::string_view type) {
  for (auto known : kSearchable)
    if (known == type) return true;
  return false;
}

void WriteParameters(const spec::Definitions& definitions, std::string_view type, JsonWriter& out) {
  out.Key("searchParam").BeginArray();
  std::vector<std::string_view> references;
  for (const auto& parameter : definitions.SearchParameters(type)) {
    if (!IsSearchable(parameter.type) || parameter.expression.empty()) continue;
    out.BeginObject().Member("name", parameter.code).Member("definition", parameter.url);
    out.Member("type", parameter.type).EndObject();
    if (parameter.type == "reference") references.push_back(parameter.code);
  }
  out.EndArray();
  if (references.empty()) return;
  out.Key("searchInclude").BeginArray();
  for (auto code : references) out.Value(std::string(type) + ":" + std::string(code));
  out.EndArray();
}

void WriteType(const spec::Definitions& definitions, std::string_view type, JsonWriter& out) {
  out.BeginObject().Member("type", type);
  out.Member("profile", "http://hl7.org/fhir/StructureDefinition/" + std::string(type));
  out.Key("interaction").BeginArray();
  for (auto code : kInteractions) out.BeginObject().Member("code", code).EndObject();
  out.EndArray().Member("versioning", "versioned-update").Member("readHistory", true);
  out.Member("updateCreate", true).Member("conditionalCreate", true).Member("conditionalRead", "not-match");
  out.Member("conditionalUpdate", true).Member("conditionalDelete", "single");
  out.Key("referencePolicy").BeginArray().Value("literal").Value("local").EndArray();
  WriteParameters(definitions, type, out);
  out.EndObject();
}

std::string Resources(const spec::Definitions& definitions) {
  JsonWriter out;
  out.BeginArray();
  for (auto type : definitions.ResourceTypes()) WriteType(definitions, type, out);
  return out.EndArray().Take();
}

std::string Capability(const Request& request) {
  const spec::Definitions& definitions = request.services.definitions;
  JsonWriter out;
  out.BeginObject().Member("resourceType", "CapabilityStatement").Member("status", "active");
  out.Member("date", IsoNow(request.services)).Member("kind", "instance");
  out.Key("software").BeginObject().Member("name", "Passerelle");
  out.Member("version", request.services.version).EndObject();
  out.Key("implementation")
      .BeginObject()
      .Member("description", "Passerelle, environment " + request.services.environment);
  out.Member("url", request.FhirBase()).EndObject().Member("fhirVersion", "4.0.1");
  out.Key("format").BeginArray().Value("json").Value("xml").EndArray();
  out.Key("patchFormat").BeginArray().Value("application/fhir+json").Value("application/fhir+xml");
  out.Value("application/json-patch+json").EndArray();
  out.Key("rest").BeginArray().BeginObject().Member("mode", "server");
  out.Key("security").BeginObject().Member("cors", false);
  out.Member("description", "Bearer token; every read of a patient's data is audited.").EndObject();
  std::call_once(request.state.resources_written, [&] { request.state.resources = Resources(definitions); });
  out.RawMember("resource", request.state.resources).Key("interaction").BeginArray();
  for (auto code : kSystemInteractions) out.BeginObject().Member("code", code).EndObject();
  return out.EndArray().EndObject().EndArray().EndObject().Take();
}

}  // namespace

Awaitable<Response> Metadata(Request& request) {
  co_return ResourceAnswer(request, 200, Capability(request));
}

}  // namespace passerelle::api::fhir
