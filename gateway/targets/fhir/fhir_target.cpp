#include "gateway/targets/fhir/fhir_target.h"

#include "fhir_model/json/json.h"
#include "gateway/targets/errors.h"
#include "gateway/targets/http/http_target.h"

namespace passerelle::targets {
namespace {

using node::Children;
using node::kNone;
using node::kRoot;

// Whether every entry of a transaction-response says 2xx.
bool SaysTaken(const std::string& body) {
  auto tree = json::Parse(body, kFileLimits);
  if (!tree || tree->name(kRoot) != "Bundle" || tree->ChildText(kRoot, "type") != "transaction-response")
    return false;
  for (auto entry : Children(*tree, kRoot)) {
    if (tree->name(entry) != "entry") continue;
    auto response = tree->Child(entry, "response");
    if (response == kNone || !tree->ChildText(response, "status").starts_with('2')) return false;
  }
  return true;
}

class FhirTarget : public Target {
 public:
  explicit FhirTarget(HttpSender sender) : sender_(std::move(sender)) {}

  Awaitable<Verdict> Deliver(const pipeline::Delivery& delivery) override {
    auto answer = co_await sender_.Post(delivery.payload, "application/fhir+json");
    if (!answer) co_return VerdictOf(Say::Unwilling, answer.error());
    if (auto verdict = JudgeStatus(answer->status)) co_return *verdict;
    if (!SaysTaken(answer->body))
      co_return VerdictOf(Say::Unwilling, Error{errors::TargetTalksRubbish}, answer->status);
    co_return Verdict{Say::Taken, answer->status, {}};
  }

 private:
  HttpSender sender_;
};

}  // namespace

Result<std::unique_ptr<Target>> MakeFhirTarget(const TargetOptions& options) {
  TRY(auto sender, HttpSender::Make(options));
  return std::unique_ptr<Target>(std::make_unique<FhirTarget>(std::move(sender)));
}

}  // namespace passerelle::targets
