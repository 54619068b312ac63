// GET /api/patients/{id}: who read what of a patient, and which of his documents are kept from whom; as far
// as the caller may see them himself.

#include "fhir_model/base/limits.h"
#include "gateway/api/answers.h"
#include "gateway/api/errors.h"
#include "gateway/api/handlers.h"
#include "gateway/api/json_writer.h"
#include "gateway/api/reads.h"
#include "gateway/api/sight.h"

namespace passerelle::api {
namespace {

constexpr int kDocumentsMax = 200, kReadsMax = 50;

struct ReaderRow {
  access::Reader reader;
  std::string_view name;
};
constexpr ReaderRow kReaders[] = {{access::Reader::Professional, "professional"},
                                  {access::Reader::Patient, "patient"},
                                  {access::Reader::LegalRepresentative, "representative"}};

Status WriteMasks(pipeline::View& view, Sight& sight, const std::string& patient, JsonWriter& out) {
  auto terms = sight.HidingTerms("DocumentReference");
  terms.push_back({"patient", {patient}});
  TRY(auto page, view.Search("DocumentReference", terms, kDocumentsMax, {}));
  out.Key("masks").BeginArray();
  for (const auto& version : page.matches) {
    TRY(auto look, sight.At(version));
    TRY(auto tree, json::Parse(version.json, kFileLimits));
    auto labels = access::ReadLabels(tree, node::kRoot);
    if (!look.shown || labels.empty()) continue;
    out.BeginObject().Member("document", version.type + "/" + version.id).Key("hidden_from").BeginArray();
    for (const auto& row : kReaders)
      if (!access::MayRead(row.reader, labels)) out.Value(row.name);
    out.EndArray().EndObject();
  }
  out.EndArray();
  return Ok();
}

// Of "Observation/a Observation/b" those that the caller may see; what is no resource stays.
Result<std::string> Seeable(pipeline::View& view, Sight& sight, std::string_view resources) {
  std::string out;
  while (!resources.empty()) {
    auto one = resources.substr(0, resources.find(' '));
    resources.remove_prefix(std::min(resources.size(), one.size() + 1));
    auto slash = one.find('/');
    if (slash != one.npos) {
      auto id = one.substr(slash + 1);
      TRY(auto version, view.Read(one.substr(0, slash), id.substr(0, id.find('/'))));
      if (version) {
        TRY(auto shown, sight.Shows(*version));
        if (!shown) continue;
      }
    }
    out += (out.empty() ? "" : " ") + std::string(one);
  }
  return out;
}

Status WriteReads(pipeline::View& view, Sight& sight, const std::string& patient, JsonWriter& out) {
  TRY(auto entries, view.AuditOf(patient, 0, kReadsMax));
  out.Key("reads").BeginArray();
  for (const auto& entry : entries) {
    TRY(auto resource, Seeable(view, sight, entry.resource));
    if (resource.empty() && !entry.resource.empty()) continue;
    out.BeginObject().Member("at", entry.at).Member("who", entry.who).Member("action", entry.action);
    out.Member("resource", resource).Member("purpose", entry.purpose).EndObject();
  }
  out.EndArray();
  return Ok();
}

}  // namespace

Awaitable<Response> PatientView(Request& request) {
  JsonWriter out;
  std::string patient;
  {
    auto view = request.services.store.Read();
    Sight sight(*view, request.caller);
    CO_TRY(auto id, Survivor(*view, request.caught.at(0)));
    CO_TRY(auto version, view->Read("Patient", id));
    if (!version || version->deleted) co_return Error{errors::ResourceNotFound};
    CO_TRY(auto look, sight.At(*version));
    if (!look.shown) co_return Error{errors::ResourceNotFound};
    patient = "Patient/" + id;
    out.BeginObject().Member("patient", patient);
    CO_CHECK_OK(WriteMasks(*view, sight, patient, out));
    CO_CHECK_OK(WriteReads(*view, sight, patient, out));
    out.EndObject();
  }
  std::vector<Seen> seen{{"audit", {patient}}};
  CO_CHECK_OK(co_await NoteReads(request, "read", std::move(seen)));
  co_return JsonAnswer(200, out.Take());
}

}  // namespace passerelle::api
