// Search by GET and by POST: matches, what they include, pages.

#include <algorithm>
#include <set>

#include "fhir_model/base/digest.h"
#include "fhir_model/json/json.h"
#include "fhir_model/json/outcome.h"
#include "gateway/api/fhir/common.h"
#include "gateway/api/fhir/find.h"
#include "gateway/api/fhir/references.h"
#include "gateway/api/fhir/subset.h"
#include "gateway/api/fhir/terms.h"
#include "gateway/api/json_writer.h"
#include "gateway/api/state.h"

namespace passerelle::api::fhir {

using pipeline::ResourceVersion;
using pipeline::SearchTerm;
using pipeline::View;

namespace {

constexpr std::int64_t kCountDefault = 20, kCountMax = 1'000;
constexpr std::size_t kIncludedMax = 5'000;  // resources that one page may bring beside its matches
constexpr int kRevIncludedMax = 1'000;
constexpr std::size_t kPageWordBytes = 16;

// "Observation:subject:Patient" of _include and _revinclude.
struct Inclusion {
  std::string type, code, target;
};
Result<Inclusion> ParseInclusion(std::string_view value) {
  auto first = value.find(':');
  if (first == value.npos) return Error{errors::ParameterInvalid, "_include wants Type:parameter"};
  auto second = value.find(':', first + 1);
  Inclusion inclusion{
      std::string(value.substr(0, first)), std::string(value.substr(first + 1, second - first - 1)), {}};
  if (second != value.npos) inclusion.target = value.substr(second + 1);
  return inclusion;
}

// How the answer should look.
struct Shape {
  std::int64_t count = kCountDefault;
  bool count_only = false, total = true;
  std::string sort, key;  // key: of the page in the store
  std::vector<Inclusion> include, revinclude;
};

Result<Shape> ShapeOf(const Parameters& parameters) {
  Shape shape;
  for (const auto& [name, value] : parameters) {
    std::string_view code = std::string_view(name).substr(0, name.find(':'));
    if (code == "_count") {
      auto count = WholeNumber(value, 0, INT64_MAX);
      if (!count) return Error{errors::ParameterInvalid, "_count"};
      shape.count = std::min(*count, kCountMax);
      shape.count_only = shape.count_only || *count == 0;
    } else if (code == "_summary") {
      shape.count_only = shape.count_only || value == "count";
    } else if (code == "_sort") {
      if (value != "_lastUpdated" && value != "-_lastUpdated")
        return Error{errors::ParameterInvalid, "_sort knows _lastUpdated"};
      shape.sort = value;
    } else if (code == "_include" || code == "_revinclude") {
      TRY(auto inclusion, ParseInclusion(value));
      (code == "_include" ? shape.include : shape.revinclude).push_back(std::move(inclusion));
    } else if (code == "_total") {
      shape.total = value != "none";
    }
  }
  return shape;
}

class Searcher {
 public:
  Searcher(View& view, const Request& request, std::string type)
      : view_(view), request_(request), type_(std::move(type)), sight_(view, request.caller) {}

  Result<Searched> Run(const Parameters& parameters, std::string_view word, std::string_view key) {
    TRY(auto shape, ShapeOf(parameters));
    TRY(subset_, SubsetOf(parameters));
    std::vector<std::string> ignored;
    bool lenient = Preference(request_, "handling") == "lenient";
    TRY(auto terms, TermsOf(view_, request_, type_, parameters, lenient ? &ignored : nullptr));
    NoteNamedPatients(terms);
    CHECK_OK(Restrict(terms));
    if (!shape.sort.empty()) terms.push_back({"_sort", {shape.sort}});
    if (!shape.total) terms.push_back({"_total", {"none"}});
    TRY(auto page, view_.Search(type_, terms, shape.count_only ? 0 : static_cast<int>(shape.count), key));
    CHECK_OK(AddMatches(page.matches));
    CHECK_OK(AddIncluded(page.matches, shape));
    if (!ignored.empty()) AddIgnored(ignored);
    std::vector<Link> links{{"self", Self(parameters, word, key)}};
    if (!page.next.empty())
      links.push_back(
          {"next", request_.FhirBase() + "/" + type_ + "?_page=" + std::string(word) + "." + page.next});
    std::int64_t total = shape.total || shape.count_only ? page.total - hidden_ : -1;
    return Searched{BundleJson("searchset", total, links, entries_, IsoNow(request_.services)),
                    std::move(seen_)};
  }

 private:
  // Who asks for a patient's data learns something, also when there are none.
  void NoteNamedPatients(const std::vector<SearchTerm>& terms) {
    Seen seen{"search " + type_, {}};
    for (const auto& term : terms)
      for (const auto& value : term.values)
        if (value.starts_with("Patient/") && value != "Patient/_") seen.patients.push_back(value);
    if (!seen.patients.empty()) seen_.push_back(std::move(seen));
  }

  // What this caller may not see is no part of the search.
  Status Restrict(std::vector<SearchTerm>& terms) {
    if (!sight_.MaySearch(type_)) return Error{errors::RoleForbidden};
    for (auto& term : sight_.HidingTerms(type_)) terms.push_back(std::move(term));
    if (request_.caller.role != Role::Patient) return Ok();
    TRY(auto survivor,
        Survivor(view_, request_.caller.patient.substr(request_.caller.patient.find('/') + 1)));
    TRY(auto ids, Namesakes(view_, survivor));
    if (type_ == "Patient") {
      terms.push_back({"_id", ids});
      return Ok();
    }
    auto codes = request_.services.definitions.PatientCompartment(type_);
    if (codes.empty()) return Ok();  // Sight decides about each
    bool has_patient = std::find(codes.begin(), codes.end(), "patient") != codes.end();
    SearchTerm own{std::string(has_patient ? "patient" : codes.front()), {}};
    for (const auto& id : ids) own.values.push_back("Patient/" + id);
    terms.push_back(std::move(own));
    return Ok();
  }

  Status Add(const ResourceVersion& version, std::string_view mode, bool& shown) {
    TRY(auto look, sight_.At(version));
    shown = look.shown;
    if (!shown) return Ok();
    std::string reference = version.type + "/" + version.id;
    if (!added_.insert(reference).second) return Ok();
    Entry entry;
    entry.full_url = request_.FhirBase() + "/" + reference;
    // The elements are those of what was searched for.
    bool whole = subset_.kind == Subset::Kind::Elements && mode != "match";
    TRY(auto json, InBundle(version));
    TRY(entry.resource_json,
        request_.state.subsets.Of(request_.services.definitions, json, whole ? Subset{} : subset_));
    entry.search_mode = mode;
    entries_.push_back(std::move(entry));
    seen_.push_back({reference, std::move(look.patients)});
    return Ok();
  }

  Status AddMatches(const std::vector<ResourceVersion>& matches) {
    for (const auto& match : matches) {
      bool shown = false;
      CHECK_OK(Add(match, "match", shown));
      if (!shown) ++hidden_;
    }
    return Ok();
  }

  Status AddReferred(const Inclusion& inclusion, const ResourceVersion& match) {
    if (inclusion.type != match.type) return Ok();
    TRY(auto references, request_.state.references.Of(request_.services.definitions, match, inclusion.code));
    for (const auto& found : references) {
      std::string reference = LocalReference(request_, found);
      auto slash = reference.find('/');
      if (slash == reference.npos || reference.find('/', slash + 1) != reference.npos) continue;
      std::string type = reference.substr(0, slash), id = reference.substr(slash + 1);
      if (!inclusion.target.empty() && inclusion.target != type) continue;
      if (type == "Patient") { TRY(id, Survivor(view_, id)); }
      TRY(auto version, view_.Read(type, id));
      bool shown = false;
      if (version && !version->deleted) CHECK_OK(Add(*version, "include", shown));
    }
    return Ok();
  }

  Status AddReferring(const Inclusion& inclusion, const std::vector<ResourceVersion>& matches) {
    if (matches.empty()) return Ok();
    SearchTerm term{inclusion.code, {}};
    for (const auto& match : matches) term.values.push_back(match.type + "/" + match.id);
    std::vector<SearchTerm> terms = sight_.HidingTerms(inclusion.type);
    terms.push_back(std::move(term));
    TRY(auto page, view_.Search(inclusion.type, terms, kRevIncludedMax, {}));
    if (!page.next.empty()) return Error{errors::SearchTooBroad, "_revinclude"};
    bool shown = false;
    for (const auto& version : page.matches) CHECK_OK(Add(version, "include", shown));
    return Ok();
  }

  Status AddIncluded(const std::vector<ResourceVersion>& matches, const Shape& shape) {
    for (const auto& inclusion : shape.include)
      for (const auto& match : matches) {
        CHECK_OK(AddReferred(inclusion, match));
        if (entries_.size() > matches.size() + kIncludedMax) return Error{errors::SearchTooBroad, "_include"};
      }
    for (const auto& inclusion : shape.revinclude) CHECK_OK(AddReferring(inclusion, matches));
    return Ok();
  }

  void AddIgnored(const std::vector<std::string>& names) {
    Error error{errors::ParameterInvalid, "passed over:"};
    for (const auto& name : names) error.detail += " " + name;
    Entry entry;
    entry.resource_json = json::OutcomeJson(error, request_.language());
    entry.search_mode = "outcome";
    entries_.push_back(std::move(entry));
  }

  // The search as it was asked; by its word where repeating it would put a trait into an address.
  std::string Self(const Parameters& parameters, std::string_view word, std::string_view key) const {
    std::string self = request_.FhirBase() + "/" + type_;
    bool sensitive =
        std::any_of(parameters.begin(), parameters.end(), [](const auto& p) { return IsSensitive(p.name); });
    if (sensitive || !key.empty()) return self + "?_page=" + std::string(word) + "." + std::string(key);
    char separator = '?';
    for (const auto& [name, value] : parameters) {
      self += separator + PercentEncode(name) + "=" + PercentEncode(value);
      separator = '&';
    }
    return self;
  }

  View& view_;
  const Request& request_;
  std::string type_;
  Sight sight_;
  Subset subset_;
  std::set<std::string> added_;
  std::vector<Entry> entries_;
  std::vector<Seen> seen_;
  std::int64_t hidden_ = 0;
};

Awaitable<Response> Answer(Request& request, Parameters parameters) {
  CO_CHECK_OK(CheckType(request, request.caught[0]));
  auto run = [&] {
    return RunSearch(*request.services.store.Read(), request, request.caught[0], parameters);
  };
  CO_TRY(auto searched, run());
  CO_CHECK_OK(co_await NoteReads(request, "search", std::move(searched.seen)));
  co_return ResourceAnswer(request, 200, searched.bundle_json);
}

}  // namespace

Result<Searched> RunSearch(View& view, const Request& request, const std::string& type,
                           const Parameters& parameters) {
  auto now = request.services.clock();
  if (auto page = Find(parameters, "_page")) {
    auto dot = page->find('.');
    std::string_view word = page->substr(0, dot), key = dot == page->npos ? "" : page->substr(dot + 1);
    auto open = request.state.searches.Find(word, now);
    if (!open || open->caller != request.caller.name || open->type != type)
      return Error{errors::SearchExpired};
    return Searcher(view, request, type).Run(open->parameters, word, key);
  }
  std::string word = Hex(request.services.random_bytes(kPageWordBytes));
  request.state.searches.Keep(word, {request.caller.name, type, parameters}, now);
  return Searcher(view, request, type).Run(parameters, word, {});
}

Awaitable<Response> Search(Request& request) { return Answer(request, request.query); }

Awaitable<Response> SearchByPost(Request& request) {
  auto content_type = request.http.headers.Get("Content-Type");
  if (!request.http.body.empty() && !content_type.starts_with("application/x-www-form-urlencoded"))
    co_return Error{errors::MediaUnsupported, "a search is posted as a form"};
  for (auto& parameter : ParseQuery(request.http.body)) request.query.push_back(std::move(parameter));
  co_return co_await Answer(request, request.query);
}

}  // namespace passerelle::api::fhir
