#include "gateway/api/request.h"

#include <array>
#include <cstdlib>

#include "fhir_model/json/json.h"
#include "fhir_model/xml/xml.h"
#include "gateway/api/errors.h"

namespace passerelle::api {
namespace {

struct MediaRow {
  std::string_view name;  // media type, or what _format may say
  Wire wire;
  bool fhir;  // names FHIR itself
};
constexpr std::array kMedia = {
    MediaRow{"application/fhir+json", Wire::Json, true},
    MediaRow{"application/fhir json", Wire::Json, true},
    MediaRow{"application/json", Wire::Json, false},
    MediaRow{"text/json", Wire::Json, false},
    MediaRow{"json", Wire::Json, true},
    MediaRow{"application/fhir+xml", Wire::Xml, true},
    MediaRow{"application/fhir xml", Wire::Xml, true},
    MediaRow{"application/xml", Wire::Xml, false},
    MediaRow{"text/xml", Wire::Xml, false},
    MediaRow{"xml", Wire::Xml, true},
    MediaRow{"*/*", Wire::Json, false},
    MediaRow{"application/*", Wire::Json, false},
};

struct PurposeRow {
  Role role;
  std::string_view code;
};
constexpr std::array kPurposes = {
    PurposeRow{Role::Care, "TREAT"},       PurposeRow{Role::Patient, "PATRQT"},
    PurposeRow{Role::Operator, "HOPERAT"}, PurposeRow{Role::Auditor, "HCOMPL"},
    PurposeRow{Role::Vendor, "HTEST"},     PurposeRow{Role::Admin, "HSYSADMIN"},
    PurposeRow{Role::Feed, "HOPERAT"},
};
constexpr std::size_t kPurposeBytesMax = 64;

std::string_view Trim(std::string_view text) {
  while (!text.empty() && (text.front() == ' ' || text.front() == '\t')) text.remove_prefix(1);
  while (!text.empty() && (text.back() == ' ' || text.back() == '\t')) text.remove_suffix(1);
  return text;
}

std::string Lower(std::string_view text) {
  std::string out(text);
  for (char& c : out)
    if (c >= 'A' && c <= 'Z') c = static_cast<char>(c + 32);
  return out;
}

const MediaRow* FindMedia(std::string_view type) {
  std::string name = Lower(Trim(type.substr(0, type.find(';'))));
  for (const auto& row : kMedia)
    if (row.name == name) return &row;
  return nullptr;
}

double QualityOf(std::string_view range) {
  auto at = range.find(";q=");
  if (at == range.npos) at = range.find("; q=");
  if (at == range.npos) return 1;
  std::string text(range.substr(range.find('=', at) + 1, 5));
  return std::strtod(text.c_str(), nullptr);
}

// Calls visit(part) for each part of a header's comma-separated list.
void ForEachPart(std::string_view list, const auto& visit) {
  while (!list.empty()) {
    auto end = list.find(',');
    visit(Trim(list.substr(0, end)));
    list = end == list.npos ? std::string_view() : list.substr(end + 1);
  }
}

Wanted WantedOf(const MediaRow& row) {
  return {
      row.wire, row.fhir,
      row.wire == Wire::Json ? "application/fhir+json;charset=utf-8" : "application/fhir+xml;charset=utf-8"};
}

}  // namespace

Language Request::language() const {
  return Lower(Trim(http.headers.Get("Accept-Language"))).starts_with("fr") ? Language::French
                                                                            : Language::English;
}

std::string Request::FhirBase() const {
  return (http.peer.tls ? "https://" : "http://") + std::string(http.headers.Get("Host")) + "/fhir";
}

std::string Request::Purpose() const {
  auto given = http.headers.Get("Purpose-Of-Use");
  if (!given.empty()) return std::string(given.substr(0, kPurposeBytesMax));
  for (const auto& row : kPurposes)
    if (row.role == caller.role) return std::string(row.code);
  return {};
}

Result<Wanted> WantedFormat(const Request& request) {
  if (auto format = Find(request.query, "_format"); format && !format->empty()) {
    const MediaRow* row = FindMedia(*format);
    if (row == nullptr) return Error{errors::NotAcceptable, "_format"};
    Wanted wanted = WantedOf(*row);
    wanted.resource = true;
    return wanted;
  }
  auto accept = request.http.headers.Get("Accept");
  if (Trim(accept).empty()) return WantedOf(*FindMedia("*/*"));
  const MediaRow* best = nullptr;
  double best_quality = 0;
  ForEachPart(accept, [&](std::string_view range) {
    const MediaRow* row = FindMedia(range);
    double quality = QualityOf(range);
    if (row == nullptr || quality <= best_quality) return;
    best = row;
    best_quality = quality;
  });
  if (best == nullptr) return Error{errors::NotAcceptable};
  return WantedOf(*best);
}

std::string_view Preference(const Request& request, std::string_view name) {
  std::string_view found;
  for (const auto& [header, value] : request.http.headers.all()) {
    if (Lower(header) != "prefer") continue;
    std::string_view list = value;
    ForEachPart(list, [&](std::string_view part) {
      auto equals = part.find('=');
      if (equals != part.npos && Trim(part.substr(0, equals)) == name && found.empty())
        found = Trim(part.substr(equals + 1));
    });
  }
  return found.substr(0, found.find(';'));
}

bool IsFhirType(std::string_view content_type) {
  const MediaRow* row = FindMedia(content_type);
  return row != nullptr && row->fhir;
}

Result<node::Tree> ParseResource(const Request& request, std::string body, std::string_view content_type) {
  const spec::Definitions& definitions = request.services.definitions;
  Wire wire = body.find_first_not_of(" \t\r\n\xEF\xBB\xBF") != body.npos &&
                      body[body.find_first_not_of(" \t\r\n\xEF\xBB\xBF")] == '<'
                  ? Wire::Xml
                  : Wire::Json;
  if (!content_type.empty()) {
    const MediaRow* row = FindMedia(content_type);
    if (row == nullptr || row->name.find('*') != row->name.npos) return Error{errors::MediaUnsupported};
    wire = row->wire;
  }
  TRY(auto tree, wire == Wire::Json ? json::Parse(std::move(body), kWireLimits, &definitions)
                                    : xml::ParseFhir(std::move(body), kWireLimits, definitions));
  if (tree.root().resource == 0 || !definitions.IsResource(definitions.FindShape(tree.name(node::kRoot))))
    return Error{errors::BodyNotResource};
  return tree;
}

Result<node::Tree> ParseBody(const Request& request) {
  return ParseResource(request, request.http.body, request.http.headers.Get("Content-Type"));
}

}  // namespace passerelle::api
