#include "gateway/api/fhir/common.h"

#include "fhir_model/base/digest.h"
#include "fhir_model/json/json.h"
#include "gateway/api/json_writer.h"

namespace passerelle::api::fhir {

Status CheckType(const Request& request, std::string_view type) {
  const spec::Definitions& definitions = request.services.definitions;
  spec::ShapeId shape = definitions.FindShape(type);
  if (shape == 0 || !definitions.IsResource(shape) || definitions.ShapeName(shape) != type ||
      type == "Resource" || type == "DomainResource")
    return Error{errors::ResourceTypeUnknown};
  return Ok();
}

bool IsId(std::string_view id) {
  if (id.empty() || id.size() > 64) return false;
  for (char c : id)
    if (!((c >= '0' && c <= '9') || (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || c == '-' || c == '.'))
      return false;
  return true;
}

std::optional<std::int64_t> VersionOfEtag(std::string_view etag) {
  if (etag.starts_with("W/")) etag.remove_prefix(2);
  if (etag.size() < 3 || etag.front() != '"' || etag.back() != '"') return std::nullopt;
  return WholeNumber(etag.substr(1, etag.size() - 2), 1, INT64_MAX);
}

namespace {

void WriteResponse(const Entry& entry, JsonWriter& out) {
  out.Key("response").BeginObject().Member("status", entry.status);
  if (!entry.location.empty()) out.Member("location", entry.location);
  if (!entry.etag.empty()) out.Member("etag", entry.etag);
  if (!entry.last_modified.empty()) out.Member("lastModified", entry.last_modified);
  if (!entry.outcome_json.empty()) out.RawMember("outcome", entry.outcome_json);
  out.EndObject();
}

}  // namespace

std::string BundleJson(std::string_view type, std::int64_t total, const std::vector<Link>& links,
                       const std::vector<Entry>& entries, std::string_view now) {
  JsonWriter out;
  out.BeginObject()
      .Member("resourceType", "Bundle")
      .Key("meta")
      .BeginObject()
      .Member("lastUpdated", now)
      .EndObject();
  out.Member("type", type);
  if (total >= 0) out.Member("total", total);
  if (!links.empty()) {
    out.Key("link").BeginArray();
    for (const auto& link : links)
      out.BeginObject().Member("relation", link.relation).Member("url", link.url).EndObject();
    out.EndArray();
  }
  if (!entries.empty()) {
    out.Key("entry").BeginArray();
    for (const auto& entry : entries) {
      out.BeginObject();
      if (!entry.full_url.empty()) out.Member("fullUrl", entry.full_url);
      if (!entry.resource_json.empty()) out.RawMember("resource", entry.resource_json);
      if (!entry.search_mode.empty())
        out.Key("search").BeginObject().Member("mode", entry.search_mode).EndObject();
      if (!entry.method.empty())
        out.Key("request").BeginObject().Member("method", entry.method).Member("url", entry.url).EndObject();
      if (!entry.status.empty()) WriteResponse(entry, out);
      out.EndObject();
    }
    out.EndArray();
  }
  return out.EndObject().Take();
}

Response BinaryAnswer(const Request& request, const pipeline::ResourceVersion& version) {
  TRY(auto tree, json::Parse(version.json, kFileLimits));
  TRY(auto bytes, DecodeBase64(tree.ChildText(node::kRoot, "data")));
  std::string_view type = tree.ChildText(node::kRoot, "contentType");
  auto response = TextAnswer(200, type.empty() ? "application/octet-stream" : type, std::move(bytes));
  if (version.content) {
    TRY(auto base64, request.services.store.Read()->Open(version.content->base64));
    response.large = net::Decoded(std::move(base64), version.content->bytes);
  }
  // A document is shown by our own pages alone, never run as one (no script, no frame).
  response.headers.Set("Content-Security-Policy", "sandbox; default-src 'none'");
  SetVersionHeaders(request, version, response);
  return response;
}

}  // namespace passerelle::api::fhir
