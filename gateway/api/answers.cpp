#include "gateway/api/answers.h"

#include <array>
#include <cstdio>
#include <ctime>

#include "fhir_model/json/json.h"
#include "fhir_model/json/outcome.h"
#include "fhir_model/xml/xml.h"

namespace passerelle::api {
namespace {

void Protect(net::HttpResponse& response) {
  response.headers.Set("Cache-Control", "no-store");
  response.headers.Set("X-Content-Type-Options", "nosniff");
}

Result<std::string> InWire(const Request& request, std::string_view json, Wire wire) {
  bool pretty = Find(request.query, "_pretty") == "true";
  if (wire == Wire::Json && !pretty) return std::string(json);
  const spec::Definitions& definitions = request.services.definitions;
  TRY(auto tree, json::Parse(std::string(json), kFileLimits, &definitions));
  return wire == Wire::Xml ? xml::WriteFhir(tree, definitions) : json::Write(tree, node::kRoot, true);
}

}  // namespace

net::HttpResponse TextAnswer(int status, std::string_view content_type, std::string text) {
  net::HttpResponse response;
  response.status = status;
  response.headers.Set("Content-Type", std::string(content_type));
  Protect(response);
  response.body = std::move(text);
  return response;
}

net::HttpResponse JsonAnswer(int status, std::string json) {
  return TextAnswer(status, "application/json", std::move(json));
}

net::HttpResponse OutcomeAnswer(const Request& request, int status, std::string outcome_json) {
  auto wanted = WantedFormat(request);
  Wire wire = wanted ? wanted->wire : Wire::Json;
  auto body = InWire(request, outcome_json, wire);
  if (!body) return TextAnswer(status, "application/fhir+json;charset=utf-8", std::move(outcome_json));
  return TextAnswer(
      status,
      wire == Wire::Json ? "application/fhir+json;charset=utf-8" : "application/fhir+xml;charset=utf-8",
      *std::move(body));
}

net::HttpResponse ErrorAnswer(const Request& request, const Error& error) {
  auto response =
      OutcomeAnswer(request, error.info->http_status, json::OutcomeJson(error, request.language()));
  if (response.status == 401) response.headers.Set("WWW-Authenticate", "Bearer realm=\"passerelle\"");
  if (response.status == 503) response.headers.Set("Retry-After", "5");
  return response;
}

Response ResourceAnswer(const Request& request, int status, std::string_view resource_json) {
  TRY(auto wanted, WantedFormat(request));
  TRY(auto body, InWire(request, resource_json, wanted.wire));
  return TextAnswer(status, wanted.type, std::move(body));
}

std::string EtagOf(std::int64_t version) { return "W/\"" + std::to_string(version) + "\""; }

std::string HttpDate(std::string_view iso_utc) {
  std::tm time{};
  std::string text(iso_utc);
  if (std::sscanf(text.c_str(), "%d-%d-%dT%d:%d:%d", &time.tm_year, &time.tm_mon, &time.tm_mday,
                  &time.tm_hour, &time.tm_min, &time.tm_sec) != 6)
    return {};
  time.tm_year -= 1900;
  time.tm_mon -= 1;
  (void)timegm(&time);  // finds the day of the week
  static constexpr std::array<const char*, 7> kDays = {"Sun", "Mon", "Tue", "Wed", "Thu", "Fri", "Sat"};
  static constexpr std::array<const char*, 12> kMonths = {"Jan", "Feb", "Mar", "Apr", "May", "Jun",
                                                          "Jul", "Aug", "Sep", "Oct", "Nov", "Dec"};
  std::array<char, 64> out{};
  std::snprintf(out.data(), out.size(), "%s, %02d %s %04d %02d:%02d:%02d GMT",
                kDays.at(static_cast<std::size_t>(time.tm_wday)), time.tm_mday,
                kMonths.at(static_cast<std::size_t>(time.tm_mon)), time.tm_year + 1900, time.tm_hour,
                time.tm_min, time.tm_sec);
  return out.data();
}

void SetVersionHeaders(const Request& request, const pipeline::ResourceVersion& version,
                       net::HttpResponse& response) {
  response.headers.Set("ETag", EtagOf(version.version));
  response.headers.Set("Last-Modified", HttpDate(version.last_updated));
  if (response.status == 201)
    response.headers.Set("Location", request.FhirBase() + "/" + version.type + "/" + version.id +
                                         "/_history/" + std::to_string(version.version));
}

namespace {

struct DataForm {
  std::string_view end, before, after;  // of a Binary as a text, whose last element is `data`
};
constexpr DataForm kJsonData{"}", ",\"data\":\"", "\"}"}, kXmlData{"</Binary>", "<data value=\"", "\"/></Binary>"};

// A Binary with its data, which go from their place to the caller.
Status PutDataIn(const Request& request, const pipeline::Content& content, net::HttpResponse& response) {
  TRY(auto wanted, WantedFormat(request));
  const DataForm& form = wanted.wire == Wire::Xml ? kXmlData : kJsonData;
  TRY(auto base64, request.services.store.Read()->Open(content.base64));
  std::string head = std::move(response.body);
  head.resize(head.rfind(form.end));
  std::vector<std::unique_ptr<net::Source>> parts;
  parts.push_back(net::SourceOf(head + std::string(form.before)));
  parts.push_back(std::move(base64));
  parts.push_back(net::SourceOf(content.padding + std::string(form.after)));
  response.body.clear();
  response.large = net::Chain(std::move(parts));
  return Ok();
}

}  // namespace

Result<std::string> InBundle(const pipeline::ResourceVersion& version) {
  if (!version.content) return version.json;
  TRY(auto tree, json::Parse(version.json, kFileLimits));
  node::NodeIndex meta = tree.Child(node::kRoot, "meta");
  if (meta == node::kNone) meta = tree.Append(node::kRoot, tree.NameOf("meta"), node::Kind::Element);
  node::NodeIndex tag = tree.Append(meta, tree.NameOf("tag"), node::Kind::Element);
  tree[tag].list = true;
  tree.Append(tag, tree.NameOf("system"), node::Kind::String,
              "http://terminology.hl7.org/CodeSystem/v3-ObservationValue");
  tree.Append(tag, tree.NameOf("code"), node::Kind::String, "SUBSETTED");
  return json::Write(tree);
}

Response VersionAnswer(const Request& request, int status, const pipeline::ResourceVersion& version) {
  TRY(auto response, ResourceAnswer(request, status, version.json));
  if (version.content) CHECK_OK(PutDataIn(request, *version.content, response));
  SetVersionHeaders(request, version, response);
  return response;
}

std::string IsoNow(const Services& services, std::chrono::milliseconds ahead) {
  using namespace std::chrono;
  auto since = duration_cast<milliseconds>((services.clock() + ahead).time_since_epoch()).count();
  std::time_t seconds = since / 1000;
  std::tm time{};
  gmtime_r(&seconds, &time);
  std::array<char, 64> out{};
  std::snprintf(out.data(), out.size(), "%04d-%02d-%02dT%02d:%02d:%02d.%03dZ", time.tm_year + 1900,
                time.tm_mon + 1, time.tm_mday, time.tm_hour, time.tm_min, time.tm_sec,
                static_cast<int>(since % 1000));
  return out.data();
}

}  // namespace passerelle::api
