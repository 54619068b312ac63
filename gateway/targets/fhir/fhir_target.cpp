#include "gateway/targets/fhir/fhir_target.h"

#include "fhir_model/json/json.h"
#include "gateway/targets/errors.h"
#include "gateway/targets/http/http_target.h"

namespace passerelle::targets {
namespace {

using node::Children;
using node::kNone;
using node::kRoot;

std::size_t CountEntries(const node::Tree& bundle) {
  std::size_t count = 0;
  for (auto child : Children(bundle, kRoot)) count += bundle.name(child) == "entry";
  return count;
}

// Whether the body is a transaction-response that says 2xx of each entry that was sent.
bool SaysTaken(const std::string& body, const std::string& sent) {
  auto answer = json::Parse(body, kFileLimits), bundle = json::Parse(sent, kFileLimits);
  if (!answer || answer->name(kRoot) != "Bundle" ||
      answer->ChildText(kRoot, "type") != "transaction-response")
    return false;
  for (auto entry : Children(*answer, kRoot)) {
    if (answer->name(entry) != "entry") continue;
    auto response = answer->Child(entry, "response");
    if (response == kNone || !answer->ChildText(response, "status").starts_with('2')) return false;
  }
  return bundle && CountEntries(*answer) == CountEntries(*bundle);
}

class FhirTarget : public Target {
 public:
  explicit FhirTarget(HttpSender sender) : sender_(std::move(sender)) {}

  Awaitable<Verdict> Deliver(const pipeline::Delivery& delivery) override {
    auto answer = co_await sender_.Post(delivery, "application/fhir+json");
    if (!answer) co_return VerdictOf(Say::Unwilling, answer.error());
    if (auto verdict = JudgeStatus(answer->status)) co_return *verdict;
    if (!SaysTaken(answer->body, delivery.payload))
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
