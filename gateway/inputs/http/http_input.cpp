#include "gateway/inputs/http/http_input.h"

#include "fhir_model/json/json.h"
#include "fhir_model/json/outcome.h"
#include "gateway/inputs/batch.h"
#include "mappers/normalise/normalise.h"

namespace passerelle::inputs {

using pipeline::Answer;
using pipeline::Frame;
using pipeline::Prepared;

Prepared HttpInput::Prepare(const Frame& frame) const { return reader_.Read(frame, FeedOf(feeds_, frame)); }

Answer HttpInput::Respond(const Frame&, const Prepared& prepared, const Error* refusal) const {
  if (refusal == nullptr) return {"200", json::OutcomeJson(prepared.issues.all()), 200};
  int status = refusal->info->http_status;
  return {std::to_string(status), json::OutcomeJson(*refusal), status};
}

std::vector<std::string> HttpInput::Split(const Frame& frame) const {
  bool v2 = normalise::Detect(frame.bytes) == normalise::Format::Hl7v2;
  return v2 ? MessagesOf(frame.bytes) : std::vector<std::string>();
}

std::string HttpInput::Envelope(const Frame& frame) const { return EnvelopeOf(frame.bytes); }

// The worst status, and the issues of all.
Answer HttpInput::Join(const Frame&, const std::vector<Answer>& answers) const {
  Answer all = answers.front();
  std::string issues;
  for (const auto& answer : answers) {
    if (answer.http_status > all.http_status) all = answer;
    auto outcome = json::Parse(answer.bytes, kWireLimits);
    if (!outcome) continue;
    for (auto issue : node::Children(*outcome, node::kRoot)) {
      if (outcome->name(issue) != "issue") continue;
      if (!issues.empty()) issues += ',';
      json::Write(*outcome, issue, false, issues);
    }
  }
  all.bytes = R"({"resourceType":"OperationOutcome","issue":[)" + issues + "]}";
  return all;
}

}  // namespace passerelle::inputs
