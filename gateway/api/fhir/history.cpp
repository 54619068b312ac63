// History: of one resource, of a type, of everything; newest first, in pages.

#include "gateway/api/fhir/common.h"

namespace passerelle::api::fhir {
namespace {

using pipeline::ResourceVersion;

constexpr std::int64_t kCountDefault = 50, kCountMax = 1000;

// What the first version and the later ones were answered with.
std::string StatusOf(const ResourceVersion& version) {
  if (version.deleted) return "204";
  return version.version == 1 ? "201" : "200";
}

Result<Entry> EntryOf(const Request& request, const ResourceVersion& version) {
  Entry entry;
  std::string reference = version.type + "/" + version.id;
  entry.full_url = request.FhirBase() + "/" + reference;
  TRY(entry.resource_json, InBundle(version));
  entry.method = version.method;
  entry.url = version.method == "POST" ? version.type : reference;
  entry.status = StatusOf(version);
  entry.etag = EtagOf(version.version);
  entry.last_modified = version.last_updated;
  return entry;
}

struct Page {
  std::vector<Entry> entries;
  std::vector<Seen> seen;
  std::vector<Link> links;
  std::int64_t total = 0;
};

Result<Page> ReadPage(const Request& request, const std::string& type, const std::string& id,
                      std::int64_t count) {
  auto view = request.services.store.Read();
  std::string key(Find(request.query, "_page").value_or(""));
  TRY(auto history, view->History(type, id, static_cast<int>(count), key));
  if (!id.empty() && history.total == 0) return Error{errors::ResourceNotFound};
  Page page;
  page.total = history.total;
  Sight sight(*view, request.caller);
  for (const auto& version : history.matches) {
    TRY(auto look, sight.At(version));
    if (!look.shown) {
      // Masks are those of today on every version: of one resource, all or none is shown.
      if (!id.empty()) return Error{errors::ResourceNotFound};
      continue;
    }
    TRY(auto entry, EntryOf(request, version));
    page.entries.push_back(std::move(entry));
    if (!version.deleted)
      page.seen.push_back(
          {version.type + "/" + version.id + "/_history/" + std::to_string(version.version), look.patients});
  }
  std::string self = request.FhirBase() + std::string(request.http.Path().substr(5));
  page.links.push_back({"self", self});
  if (!history.next.empty())
    page.links.push_back({"next", self + "?_count=" + std::to_string(count) + "&_page=" + history.next});
  return page;
}

Awaitable<Response> History(Request& request, std::string type, std::string id) {
  if (!type.empty()) CO_CHECK_OK(CheckType(request, type));
  auto count =
      WholeNumber(Find(request.query, "_count").value_or(std::to_string(kCountDefault)), 0, INT64_MAX);
  if (!count) co_return Error{errors::ParameterInvalid, "_count"};
  CO_TRY(auto page, ReadPage(request, type, id, std::min(*count, kCountMax)));
  CO_CHECK_OK(co_await NoteReads(request, "history", std::move(page.seen)));
  co_return ResourceAnswer(
      request, 200, BundleJson("history", page.total, page.links, page.entries, IsoNow(request.services)));
}

}  // namespace

Awaitable<Response> HistoryOfOne(Request& request) {
  return History(request, request.caught[0], request.caught[1]);
}
Awaitable<Response> HistoryOfType(Request& request) { return History(request, request.caught[0], {}); }
Awaitable<Response> HistoryOfAll(Request& request) { return History(request, {}, {}); }

}  // namespace passerelle::api::fhir
