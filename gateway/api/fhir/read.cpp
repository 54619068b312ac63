// Read and vread: one resource, at its latest or at a named version.

#include <algorithm>

#include "gateway/api/fhir/common.h"
#include "gateway/api/fhir/find.h"
#include "gateway/api/fhir/subset.h"
#include "gateway/api/state.h"

namespace passerelle::api::fhir {

using pipeline::ResourceVersion;

namespace {

Result<Shown> Show(pipeline::View& view, const Request& request, std::optional<ResourceVersion> version) {
  if (!version) return Error{errors::ResourceNotFound};
  Sight sight(view, request.caller);
  TRY(auto look, sight.At(*version));
  if (!look.shown) return Error{errors::ResourceNotFound};
  Seen seen{version->type + "/" + version->id + "/_history/" + std::to_string(version->version),
            look.patients};
  return Shown{*std::move(version), std::move(seen)};
}

// The bytes in a Binary, unless FHIR was asked for by name (R4, 2.43.3).
bool WantsBytes(const Request& request) {
  auto wanted = WantedFormat(request);
  return !wanted || !wanted->resource;
}

// Whether `data` of a Binary is in what was asked for.
bool HoldsData(const Subset& subset) {
  if (subset.kind == Subset::Kind::Elements)
    return std::find(subset.elements.begin(), subset.elements.end(), "data") != subset.elements.end();
  return subset.kind == Subset::Kind::Whole || subset.kind == Subset::Kind::Data;
}

Response Answer(const Request& request, ResourceVersion version) {
  auto condition = request.http.headers.Get("If-None-Match");
  if (!condition.empty() && VersionOfEtag(condition) == version.version) {
    net::HttpResponse unchanged;
    unchanged.status = 304;
    SetVersionHeaders(request, version, unchanged);
    return unchanged;
  }
  if (version.type == "Binary" && WantsBytes(request)) return BinaryAnswer(request, version);
  TRY(auto subset, SubsetOf(request.query));
  TRY(version.json, request.state.subsets.Of(request.services.definitions, version.json, subset));
  if (!HoldsData(subset)) version.content.reset();
  return VersionAnswer(request, 200, version);
}

Awaitable<Response> AnswerShown(Request& request, std::string_view action, Shown shown) {
  if (shown.version.deleted) {
    auto gone = ErrorAnswer(request, errors::ResourceGone);
    SetVersionHeaders(request, shown.version, gone);
    co_return gone;
  }
  std::vector<Seen> seen{std::move(shown.seen)};
  CO_CHECK_OK(co_await NoteReads(request, action, std::move(seen)));
  CO_TRY(auto response, Answer(request, shown.version));
  // A merged patient is read through the one that goes on: the answer says which.
  if (shown.version.id != request.caught[1])
    response.headers.Set("Content-Location",
                         request.FhirBase() + "/" + shown.version.type + "/" + shown.version.id);
  co_return response;
}

}  // namespace

Result<Shown> FindLatest(pipeline::View& view, const Request& request, std::string_view type,
                         const std::string& id) {
  std::string wanted = id;
  if (type == "Patient") { TRY(wanted, Survivor(view, id)); }
  TRY(auto version, view.Read(type, wanted));
  return Show(view, request, std::move(version));
}

Result<Shown> FindVersion(pipeline::View& view, const Request& request, std::string_view type,
                          std::string_view id, std::int64_t number) {
  TRY(auto version, view.ReadVersion(type, id, number));
  return Show(view, request, std::move(version));
}

Awaitable<Response> ReadOne(Request& request) {
  CO_CHECK_OK(CheckType(request, request.caught[0]));
  CO_TRY(auto shown,
         FindLatest(*request.services.store.Read(), request, request.caught[0], request.caught[1]));
  co_return co_await AnswerShown(request, "read", std::move(shown));
}

Awaitable<Response> ReadVersion(Request& request) {
  CO_CHECK_OK(CheckType(request, request.caught[0]));
  auto number = WholeNumber(request.caught[2], 1, INT64_MAX);
  if (!number) co_return Error{errors::ResourceNotFound};
  CO_TRY(auto shown,
         FindVersion(*request.services.store.Read(), request, request.caught[0], request.caught[1], *number));
  co_return co_await AnswerShown(request, "vread", std::move(shown));
}

}  // namespace passerelle::api::fhir
