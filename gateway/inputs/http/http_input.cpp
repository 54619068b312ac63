#include "gateway/inputs/http/http_input.h"

#include "fhir_model/json/outcome.h"

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

Answer HttpInput::RespondToReceipt(const Frame&) const {
  return {"202", json::OutcomeJson(std::span<const Issue>()), 202};
}

}  // namespace passerelle::inputs
