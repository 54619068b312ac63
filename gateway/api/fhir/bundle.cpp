// POST /fhir: a transaction, all or nothing, or a batch, each for itself (safety rule 21).

#include <algorithm>
#include <set>

#include "fhir_model/json/json.h"
#include "fhir_model/json/outcome.h"
#include "gateway/api/fhir/find.h"
#include "gateway/api/fhir/interactions.h"
#include "gateway/api/fhir/patching.h"
#include "gateway/api/fhir/steps.h"
#include "gateway/api/fhir/terms.h"

namespace passerelle::api::fhir {
namespace {

using node::kNone;
using node::kRoot;
using node::NodeIndex;
using node::Tree;
using pipeline::ResourceVersion;

// The steps of one Bundle, or one step of a batch, within one transaction of the store.
class Run {
 public:
  Run(pipeline::Transaction& transaction, const Request& request)
      : transaction_(transaction), request_(request), interactions_(transaction, request) {}

  Status All(const std::vector<Step*>& steps) {
    for (Step* step : steps)
      if (step->method == "DELETE") CHECK_OK(In(*step, DeleteOne(*step)));
    Names names;
    std::set<std::string> targets;
    for (Step* step : steps) {
      if (step->method == "DELETE" || RankOf(step->method) == RankOf("GET")) continue;
      CHECK_OK(In(*step, Place(*step)));
      names.Add(*step);
      if (!step->existing && !targets.insert(step->Target()).second)
        return InEntry(Error{errors::EntryConflict}, step->index);
    }
    for (Step* step : steps)
      if (step->resource && !step->existing) CHECK_OK(In(*step, PlaceReferences(*step, names)));
    for (int rank = RankOf("POST"); rank <= RankOf("PUT"); ++rank)
      for (Step* step : steps)
        if (RankOf(step->method) == rank && step->method != "DELETE") CHECK_OK(In(*step, WriteOne(*step)));
    for (Step* step : steps)
      if (RankOf(step->method) == RankOf("GET")) CHECK_OK(In(*step, ReadOneOf(*step)));
    for (const auto& entry : AuditEntries(request_, "read", seen_)) CHECK_OK(transaction_.Audit(entry));
    return interactions_.Finish();
  }

 private:
  static Status In(const Step& step, Status status) {
    if (status) return status;
    return InEntry(status.error(), step.index);
  }

  Status DeleteOne(Step& step) {
    if (step.conditional) {
      if (!request_.caller.may_delete)
        return Error{errors::RoleForbidden, "deleting needs a right of its own"};
      TRY(auto match, interactions_.Match(step.type, step.condition));
      if (!match) {
        step.answer.status = "204";
        return Ok();
      }
      step.id = match->id;
    }
    auto done = interactions_.Delete(step.type, step.id, step.if_match);
    if (!done && done.error().info == &errors::ResourceNotFound) {  // gone is what was wanted
      step.answer.status = "204";
      return Ok();
    }
    if (!done) return done.error();
    Tell(step, *done);
    return Ok();
  }

  // Which resource of the record the step is about.
  Status Place(Step& step) {
    if (step.method == "POST") {
      if (!step.if_none_exist.empty()) {
        TRY(step.existing, interactions_.Match(step.type, step.if_none_exist));
      }
      step.id = step.existing ? step.existing->id : NewId(request_.services);
      return Ok();
    }
    if (!step.conditional) return Ok();
    TRY(auto match, interactions_.Match(step.type, step.condition));
    std::string own(step.method == "PUT" ? step.resource->ChildText(kRoot, "id") : std::string_view());
    if (match) {
      if (!own.empty() && own != match->id) return Error{errors::IdDisagrees};
      step.id = match->id;
    } else if (step.method == "PATCH") {
      return Error{errors::ResourceNotFound};
    } else {
      step.id = own.empty() ? NewId(request_.services) : own;
    }
    return Ok();
  }

  // "Patient?identifier=a|b" as a reference is the one resource that it finds.
  Status PlaceReferences(Step& step, const Names& names) {
    Tree& tree = *step.resource;
    CHECK_OK(names.Rewrite(tree, step.full_url));
    for (NodeIndex i = 0; i < tree.size(); ++i) {
      if (tree[i].kind != node::Kind::String || tree.name(i) != "reference") continue;
      std::string_view text = tree[i].text;
      auto mark = text.find('?');
      if (mark == text.npos || text.find(':') < mark) continue;
      TRY(auto match, interactions_.Match(text.substr(0, mark), text.substr(mark + 1)));
      if (!match) return Error{errors::ReferenceUnresolved, {}, {tree.Path(i)}};
      tree[i].text = tree.Keep(match->type + "/" + match->id);
    }
    return Ok();
  }

  Status WriteOne(Step& step) {
    if (step.existing) {
      Tell(step, {200, *step.existing});
      return Ok();
    }
    Result<Done> done = Done{};
    if (step.method == "POST") {
      done = interactions_.Create(*step.resource, step.id);
    } else if (step.method == "PUT") {
      done = interactions_.Update(*step.resource, step.id, step.if_match, step.if_none_match == "*");
    } else {
      done = PatchResource(interactions_, request_, step.type, step.id, step.if_match, *step.resource);
    }
    if (!done) return done.error();
    Tell(step, *done);
    return Ok();
  }

  Status ReadOneOf(Step& step) {
    if (step.id.empty()) {
      TRY(auto searched, RunSearch(transaction_, request_, step.type, ParseQuery(step.condition)));
      step.answer.resource_json = std::move(searched.bundle_json);
      step.answer.status = "200";
      for (auto& seen : searched.seen) seen_.push_back(std::move(seen));
      return Ok();
    }
    auto number = WholeNumber(step.version, 1, INT64_MAX);
    auto shown = step.version.empty()
                     ? FindLatest(transaction_, request_, step.type, step.id)
                     : FindVersion(transaction_, request_, step.type, step.id, number.value_or(0));
    if (!shown) return shown.error();
    if (shown->version.deleted) return Error{errors::ResourceGone};
    if (!step.if_none_match.empty() && VersionOfEtag(step.if_none_match) == shown->version.version) {
      step.answer.status = "304";
      return Ok();
    }
    Tell(step, {200, shown->version});
    if (step.method == "GET") { TRY(step.answer.resource_json, InBundle(shown->version)); }
    seen_.push_back(std::move(shown->seen));
    return Ok();
  }

  void Tell(Step& step, const Done& done) {
    Entry& answer = step.answer;
    answer.status = std::to_string(done.status);
    answer.etag = EtagOf(done.version.version);
    answer.last_modified = done.version.last_updated;
    if (done.status != 204)
      answer.location =
          done.version.type + "/" + done.version.id + "/_history/" + std::to_string(done.version.version);
    if (Preference(request_, "return") == "representation" && !done.version.deleted) {
      answer.full_url = request_.FhirBase() + "/" + done.version.type + "/" + done.version.id;
      if (auto json = InBundle(done.version)) answer.resource_json = *std::move(json);
    }
  }

  pipeline::Transaction& transaction_;
  const Request& request_;
  Interactions interactions_;
  std::vector<Seen> seen_;
};

std::string OutcomeOf(const Request& request, const Step& step) {
  if (step.issues.HasErrors()) return json::OutcomeJson(step.issues.all(), request.language());
  return json::OutcomeJson(*step.refusal, request.language());
}

Response AnswerAll(const Request& request, std::string_view type, std::vector<Step>& steps) {
  std::vector<Entry> entries;
  for (auto& step : steps) entries.push_back(std::move(step.answer));
  return ResourceAnswer(request, 200, BundleJson(type, -1, {}, entries, IsoNow(request.services)));
}

Awaitable<Response> Transaction(Request& request, std::vector<Step> steps) {
  for (const auto& step : steps) {
    if (!step.refusal) continue;
    if (step.issues.HasErrors()) co_return OutcomeAnswer(request, 422, OutcomeOf(request, step));
    co_return InEntry(*step.refusal, step.index);
  }
  std::vector<Step*> all;
  for (auto& step : steps) all.push_back(&step);
  std::function<Status(pipeline::Transaction&)> work = [&](pipeline::Transaction& transaction) {
    return Run(transaction, request).All(all);
  };
  CO_CHECK_OK(co_await request.services.store.Write(work));
  if (request.services.wake_courier) request.services.wake_courier();
  co_return AnswerAll(request, "transaction-response", steps);
}

Awaitable<Response> Batch(Request& request, std::vector<Step> steps) {
  std::vector<Step*> in_order;
  for (auto& step : steps) in_order.push_back(&step);
  std::stable_sort(in_order.begin(), in_order.end(),
                   [](const Step* a, const Step* b) { return RankOf(a->method) < RankOf(b->method); });
  for (Step* step : in_order) {
    if (!step->refusal) {
      std::vector<Step*> one{step};
      std::function<Status(pipeline::Transaction&)> work = [&](pipeline::Transaction& transaction) {
        return Run(transaction, request).All(one);
      };
      Status done = co_await request.services.store.Write(work);
      if (!done) step->refusal = done.error();
    }
    if (!step->refusal) continue;
    step->answer = {};
    step->answer.status = std::to_string(step->refusal->info->http_status);
    step->answer.outcome_json = OutcomeOf(request, *step);
  }
  if (request.services.wake_courier) request.services.wake_courier();
  co_return AnswerAll(request, "batch-response", steps);
}

}  // namespace

Awaitable<Response> Bundle(Request& request) {
  CO_TRY(auto tree, ParseBody(request));
  std::string_view type = tree.name(kRoot) == "Bundle" ? tree.ChildText(kRoot, "type") : std::string_view();
  if (type != "transaction" && type != "batch")
    co_return Error{errors::BodyNotResource, "a Bundle of type transaction or batch is expected"};
  bool all_or_nothing = type == "transaction";
  CO_TRY(auto steps, ReadSteps(request, tree));
  if (all_or_nothing) co_return co_await Transaction(request, std::move(steps));
  co_return co_await Batch(request, std::move(steps));
}

}  // namespace passerelle::api::fhir
