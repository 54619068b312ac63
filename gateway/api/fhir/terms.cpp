#include "gateway/api/fhir/terms.h"

#include <algorithm>
#include <array>

#include "gateway/api/errors.h"
#include "gateway/api/sight.h"
#include "gateway/api/state.h"

namespace passerelle::api::fhir {

using pipeline::SearchTerm;
using pipeline::View;

namespace {

constexpr int kChainedMax = 1'000;  // resources that one link of a chain may find
constexpr int kChainLinksMax = 4;
constexpr std::string_view kReverse = "_has:";

constexpr std::array kResultParameters = {std::string_view("_count"),      std::string_view("_format"),
                                          std::string_view("_pretty"),     std::string_view("_include"),
                                          std::string_view("_revinclude"), std::string_view("_summary"),
                                          std::string_view("_total"),      std::string_view("_elements"),
                                          std::string_view("_page"),       std::string_view("_sort")};

constexpr std::array kSensitive = {
    std::string_view("identifier"), std::string_view("name"),    std::string_view("family"),
    std::string_view("given"),      std::string_view("phone"),   std::string_view("email"),
    std::string_view("telecom"),    std::string_view("address"), std::string_view("birthdate"),
    std::string_view("phonetic"),   std::string_view("_text"),   std::string_view("_content")};

// Where a chain leads when its first link does not say ("subject:Patient.name" does).
struct LinkRow {
  std::string_view code, type;
};
constexpr std::array kLinks = {
    LinkRow{"patient", "Patient"},
    LinkRow{"subject", "Patient"},
    LinkRow{"beneficiary", "Patient"},
    LinkRow{"encounter", "Encounter"},
    LinkRow{"organization", "Organization"},
    LinkRow{"practitioner", "Practitioner"},
    LinkRow{"author", "Practitioner"},
    LinkRow{"author", "PractitionerRole"},
    LinkRow{"author", "Organization"},
    LinkRow{"performer", "Practitioner"},
    LinkRow{"performer", "PractitionerRole"},
    LinkRow{"performer", "Organization"},
    LinkRow{"location", "Location"},
    LinkRow{"specimen", "Specimen"},
    LinkRow{"device", "Device"},
    LinkRow{"medication", "Medication"},
    LinkRow{"general-practitioner", "Practitioner"},
    LinkRow{"source", "PractitionerRole"},
    LinkRow{"source", "Practitioner"},
    LinkRow{"custodian", "Organization"},
};

// At commas that no backslash protects (R4, 3.1.1.4.0.4).
std::vector<std::string> SplitValues(std::string_view value) {
  std::vector<std::string> values(1);
  for (std::size_t i = 0; i < value.size(); ++i) {
    if (value[i] == ',') {
      values.emplace_back();
      continue;
    }
    values.back() += value[i];
    if (value[i] == '\\' && i + 1 < value.size()) values.back() += value[++i];
  }
  return values;
}

bool HasParameter(const Request& request, std::string_view type, std::string_view code) {
  for (const auto& parameter : request.services.definitions.SearchParameters(type))
    if (parameter.code == code) return true;
  return false;
}

std::vector<std::string_view> TypesOfLink(const Request& request, std::string_view link,
                                          std::string_view rest) {
  auto colon = link.find(':');
  if (colon != link.npos) return {link.substr(colon + 1)};
  std::vector<std::string_view> types;
  std::string_view code = rest.substr(0, rest.find_first_of(":."));
  for (const auto& row : kLinks)
    if (row.code == link && HasParameter(request, row.type, code)) types.push_back(row.type);
  return types;
}

class Builder {
 public:
  Builder(View& view, const Request& request, std::string_view type)
      : view_(view), request_(request), type_(type), sight_(view, request.caller) {}

  Result<SearchTerm> Term(const Parameter& parameter, int links) {
    if (parameter.name.starts_with(kReverse)) return Reverse(parameter, links);
    auto dot = parameter.name.find('.');
    if (dot != parameter.name.npos) return Chain(parameter, dot, links);
    SearchTerm term{parameter.name, SplitValues(parameter.value)};
    std::string_view modifier = std::string_view(parameter.name).substr(parameter.name.find(':') + 1);
    CHECK_OK(PlaceReferences(parameter.name.substr(0, parameter.name.find(':')), modifier, term));
    return term;
  }

 private:
  // "patient.identifier=x": whose identifier is x, then whose patient is one of those.
  Result<SearchTerm> Chain(const Parameter& parameter, std::size_t dot, int links) {
    if (links >= kChainLinksMax) return Error{errors::SearchTooBroad, "chain"};
    std::string link = parameter.name.substr(0, dot), rest = parameter.name.substr(dot + 1);
    auto types = TypesOfLink(request_, link, rest);
    if (types.empty()) return Error{errors::ParameterInvalid, "a chain must say the type it leads to"};
    SearchTerm term{link.substr(0, link.find(':')), {}};
    for (auto type : types) {
      TRY(auto found, Found(type, {rest, parameter.value}, links + 1));
      for (const auto& match : found) term.values.push_back(match.type + "/" + match.id);
    }
    CHECK_OK(PlaceReferences(term.parameter, {}, term));
    if (term.values.empty())
      term.values.push_back(std::string(types.front()) + "/_");  // no id is this: nothing
    return term;
  }

  // "_has:Observation:subject:code=x": those that an Observation with this code names as its subject.
  Result<SearchTerm> Reverse(const Parameter& parameter, int links) {
    if (links >= kChainLinksMax) return Error{errors::SearchTooBroad, "_has"};
    std::string_view rest = std::string_view(parameter.name).substr(kReverse.size());
    auto first = rest.find(':'), second = first == rest.npos ? first : rest.find(':', first + 1);
    if (second == rest.npos) return Error{errors::ParameterInvalid, "_has wants Type:reference:parameter"};
    std::string_view type = rest.substr(0, first), link = rest.substr(first + 1, second - first - 1);
    if (!HasParameter(request_, type, link)) return Error{errors::ParameterInvalid, parameter.name};
    TRY(auto found, Found(type, {std::string(rest.substr(second + 1)), parameter.value}, links + 1));
    SearchTerm term{"_id", {"_"}};  // no id is this
    const std::string own = std::string(type_) + "/";
    for (const auto& match : found) {
      TRY(auto references, request_.state.references.Of(request_.services.definitions, match, link));
      for (const auto& reference : references)
        if (auto local = LocalReference(request_, reference); local.starts_with(own))
          term.values.push_back(local.substr(own.size()));
    }
    if (type_ == "Patient")
      for (auto& id : term.values) { TRY(id, Survivor(view_, id)); }
    return term;
  }

  // What of a type the caller may see and the parameter finds.
  Result<std::vector<pipeline::ResourceVersion>> Found(std::string_view type, const Parameter& parameter,
                                                       int links) {
    Builder next(view_, request_, type);
    TRY(auto inner, next.Term(parameter, links));
    std::vector<SearchTerm> terms = sight_.HidingTerms(type);
    terms.push_back(std::move(inner));
    TRY(auto page, view_.Search(type, terms, kChainedMax, {}));
    if (!page.next.empty()) return Error{errors::SearchTooBroad, parameter.name};
    std::vector<pipeline::ResourceVersion> shown;
    for (auto& match : page.matches) {
      TRY(bool shows, sight_.Shows(match));
      if (shows) shown.push_back(std::move(match));
    }
    return shown;
  }

  // Values that name a patient become all ids of that patient.
  Status PlaceReferences(std::string_view code, std::string_view modifier, SearchTerm& term) {
    if (modifier == "identifier" || modifier == "missing") return Ok();
    bool patient = code == "patient" || modifier == "Patient";
    std::vector<std::string> values;
    for (auto& value : term.values) {
      value = LocalReference(request_, value);
      if (patient && value.find('/') == value.npos) value = "Patient/" + value;
      if (!value.starts_with("Patient/") || value.find('|') != value.npos) {
        values.push_back(std::move(value));
        continue;
      }
      TRY(auto survivor, Survivor(view_, value.substr(8)));
      TRY(auto ids, Namesakes(view_, survivor));
      for (const auto& id : ids) values.push_back("Patient/" + id);
    }
    term.values = std::move(values);
    return Ok();
  }

  View& view_;
  const Request& request_;
  std::string_view type_;
  Sight sight_;
};

}  // namespace

bool IsResultParameter(std::string_view name) {
  auto code = name.substr(0, name.find(':'));
  return std::find(kResultParameters.begin(), kResultParameters.end(), code) != kResultParameters.end();
}

bool IsSensitive(std::string_view name) {
  // In a chain any link may be; "subject:identifier" names a number too.
  for (std::size_t at = 0; at <= name.size();) {
    auto end = std::min(name.find_first_of(":.", at), name.size());
    auto word = name.substr(at, end - at);
    for (auto sensitive : kSensitive)
      if (word == sensitive || word.starts_with("address-")) return true;
    at = end + 1;
  }
  return false;
}

std::string LocalReference(const Request& request, std::string_view reference) {
  std::string base = request.FhirBase() + "/";
  if (reference.starts_with(base)) reference.remove_prefix(base.size());
  return std::string(reference);
}

Result<std::vector<SearchTerm>> TermsOf(View& view, const Request& request, std::string_view type,
                                        const Parameters& parameters, std::vector<std::string>* ignored) {
  std::vector<SearchTerm> terms;
  Builder builder(view, request, type);
  for (const auto& parameter : parameters) {
    if (IsResultParameter(parameter.name) || parameter.value.empty()) continue;
    if (ignored != nullptr) {
      auto code = std::string_view(parameter.name).substr(0, parameter.name.find_first_of(":."));
      if (code != "_id" && code != "_lastUpdated" && code != "_has" && !HasParameter(request, type, code)) {
        ignored->push_back(parameter.name);
        continue;
      }
    }
    TRY(auto term, builder.Term(parameter, 0));
    terms.push_back(std::move(term));
  }
  return terms;
}

Result<std::vector<SearchTerm>> ConditionOf(View& view, const Request& request, std::string_view type,
                                            std::string_view query) {
  TRY(auto terms, TermsOf(view, request, type, ParseQuery(query)));
  if (terms.empty()) return Error{errors::ConditionMissing};
  return terms;
}

}  // namespace passerelle::api::fhir
