// Create, update and delete, with their conditional forms.

#include "fhir_model/base/digest.h"
#include "fhir_model/json/json.h"
#include "fhir_model/json/outcome.h"
#include "gateway/api/fhir/common.h"
#include "gateway/api/fhir/interactions.h"
#include "gateway/api/fhir/patching.h"
#include "gateway/api/fhir/terms.h"

namespace passerelle::api::fhir {
namespace {

using node::kRoot;
using node::Tree;

// What came as body, checked: an answer instead when it will not do.
struct Incoming {
  std::optional<Tree> resource;
  std::optional<net::HttpResponse> refusal;
};

// The bytes of a document, posted as they are (R4, 2.43.4).
Tree BinaryOf(const Request& request) {
  Tree tree(node::Format::Fhir, node::Intern("Binary"));
  tree[kRoot].resource = node::Intern("Binary");
  auto add = [&tree](node::NodeIndex parent, std::string_view name, std::string_view text) {
    return tree.Append(parent, node::Intern(name), node::Kind::String, tree.Keep(text));
  };
  add(kRoot, "contentType", request.http.headers.Get("Content-Type"));
  if (auto context = request.http.headers.Get("X-Security-Context"); !context.empty()) {
    auto reference = tree.Append(kRoot, node::Intern("securityContext"), node::Kind::Element);
    add(reference, "reference", LocalReference(request, context));
  }
  add(kRoot, "data", EncodeBase64(request.http.body));
  return tree;
}

Result<Tree> ReadBody(const Request& request, std::string_view type) {
  auto content_type = request.http.headers.Get("Content-Type");
  if (type == "Binary" && !content_type.empty() && !IsFhirType(content_type)) {
    auto tree = ParseBody(request);  // a Binary may come as plain JSON too
    if (tree && tree->name(kRoot) == "Binary") return tree;
    return BinaryOf(request);
  }
  return ParseBody(request);
}

Result<Incoming> ReadIncoming(const Request& request, std::string_view type) {
  CHECK_OK(CheckType(request, type));
  Incoming incoming;
  TRY(auto tree, ReadBody(request, type));
  if (tree.name(kRoot) != type) return Error{errors::BodyNotResource, "another type than the address says"};
  Issues issues;
  auto checked = CheckResource(request, tree, issues);
  if (!checked) {
    if (!issues.HasErrors()) return checked.error();
    incoming.refusal = OutcomeAnswer(request, 422, json::OutcomeJson(issues.all(), request.language()));
  }
  incoming.resource = std::move(tree);
  return incoming;
}

Response AnswerDone(const Request& request, const Done& done) {
  net::HttpResponse bare;
  bare.status = done.status;
  auto wanted = Preference(request, "return");
  if (done.status == 204 || wanted == "minimal") {
    SetVersionHeaders(request, done.version, bare);
    return bare;
  }
  if (wanted == "OperationOutcome") {
    auto response = OutcomeAnswer(request, done.status, json::OutcomeJson({}, request.language()));
    SetVersionHeaders(request, done.version, response);
    return response;
  }
  return VersionAnswer(request, done.status, done.version);
}

using Act = std::function<Result<Done>(Interactions& interactions)>;

Awaitable<Response> Carry(Request& request, Act act) {
  Done done;
  std::function<Status(pipeline::Transaction&)> work = [&](pipeline::Transaction& transaction) -> Status {
    Interactions interactions(transaction, request);
    TRY(done, act(interactions));
    return interactions.Finish();
  };
  CO_CHECK_OK(co_await request.services.store.Write(work));
  if (request.services.wake_courier) request.services.wake_courier();
  co_return AnswerDone(request, done);
}

// An update's body must say the id of its address (R4, 3.1.0.4).
Status CheckId(const Tree& resource, std::string_view id) {
  if (!IsId(id) || resource.ChildText(kRoot, "id") != id) return Error{errors::IdDisagrees};
  return Ok();
}

std::string Condition(const Request& request) {
  std::string condition;
  for (const auto& [name, value] : request.query)
    if (!IsResultParameter(name))
      condition += (condition.empty() ? "" : "&") + PercentEncode(name) + "=" + PercentEncode(value);
  return condition;
}

}  // namespace

Awaitable<Response> Create(Request& request) {
  CO_TRY(auto incoming, ReadIncoming(request, request.caught[0]));
  if (incoming.refusal) co_return *std::move(incoming.refusal);
  std::string condition(request.http.headers.Get("If-None-Exist"));
  if (auto mark = condition.find('?'); mark != condition.npos) condition.erase(0, mark + 1);
  Act act = [&](Interactions& interactions) -> Result<Done> {
    if (!condition.empty()) {
      TRY(auto match, interactions.Match(request.caught[0], condition));
      if (match) return Done{200, *std::move(match)};
    }
    return interactions.Create(*incoming.resource);
  };
  co_return co_await Carry(request, act);
}

Awaitable<Response> Update(Request& request) {
  CO_TRY(auto incoming, ReadIncoming(request, request.caught[0]));
  CO_CHECK_OK(CheckId(*incoming.resource, request.caught[1]));
  if (incoming.refusal) co_return *std::move(incoming.refusal);
  Act act = [&](Interactions& interactions) {
    return interactions.Update(*incoming.resource, request.caught[1], request.http.headers.Get("If-Match"),
                               request.http.headers.Get("If-None-Match") == "*");
  };
  co_return co_await Carry(request, act);
}

Awaitable<Response> UpdateIf(Request& request) {
  CO_TRY(auto incoming, ReadIncoming(request, request.caught[0]));
  if (incoming.refusal) co_return *std::move(incoming.refusal);
  std::string condition = Condition(request), own(incoming.resource->ChildText(kRoot, "id"));
  Act act = [&](Interactions& interactions) -> Result<Done> {
    TRY(auto match, interactions.Match(request.caught[0], condition));
    auto if_match = request.http.headers.Get("If-Match");
    if (!match)
      return own.empty() ? interactions.Create(*incoming.resource)
                         : interactions.Update(*incoming.resource, own, if_match, true);
    if (!own.empty() && own != match->id) return Error{errors::IdDisagrees};
    return interactions.Update(*incoming.resource, match->id, if_match);
  };
  co_return co_await Carry(request, act);
}

Awaitable<Response> Delete(Request& request) {
  CO_CHECK_OK(CheckType(request, request.caught[0]));
  Act act = [&](Interactions& interactions) {
    return interactions.Delete(request.caught[0], request.caught[1], request.http.headers.Get("If-Match"));
  };
  co_return co_await Carry(request, act);
}

Awaitable<Response> DeleteIf(Request& request) {
  CO_CHECK_OK(CheckType(request, request.caught[0]));
  std::string condition = Condition(request);
  Act act = [&](Interactions& interactions) -> Result<Done> {
    if (!request.caller.may_delete) return Error{errors::RoleForbidden, "deleting needs a right of its own"};
    TRY(auto match, interactions.Match(request.caught[0], condition));
    if (!match) return Error{errors::ResourceNotFound};
    return interactions.Delete(match->type, match->id, request.http.headers.Get("If-Match"));
  };
  co_return co_await Carry(request, act);
}

namespace {

// Parameters, or the operations of JSON Patch as the Binary that entries of a Bundle hold them in.
Result<Tree> ReadPatch(const Request& request) {
  CHECK_OK(CheckType(request, request.caught[0]));
  if (request.http.headers.Get("Content-Type").starts_with("application/json-patch+json"))
    return BinaryOf(request);
  TRY(auto tree, ParseBody(request));
  if (tree.name(kRoot) != "Parameters") return Error{errors::BodyNotResource, "Parameters are expected"};
  return tree;
}

}  // namespace

Awaitable<Response> Patch(Request& request) {
  CO_TRY(auto patch, ReadPatch(request));
  Act act = [&](Interactions& interactions) {
    return PatchResource(interactions, request, request.caught[0], request.caught[1],
                         request.http.headers.Get("If-Match"), patch);
  };
  co_return co_await Carry(request, act);
}

Awaitable<Response> PatchIf(Request& request) {
  CO_TRY(auto patch, ReadPatch(request));
  std::string condition = Condition(request);
  Act act = [&](Interactions& interactions) -> Result<Done> {
    TRY(auto match, interactions.Match(request.caught[0], condition));
    if (!match) return Error{errors::ResourceNotFound};
    return PatchResource(interactions, request, match->type, match->id, request.http.headers.Get("If-Match"),
                         patch);
  };
  co_return co_await Carry(request, act);
}

}  // namespace passerelle::api::fhir
