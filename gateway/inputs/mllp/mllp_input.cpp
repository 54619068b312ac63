#include "gateway/inputs/mllp/mllp_input.h"

#include <algorithm>
#include <vector>

#include "fhir_model/base/digest.h"
#include "gateway/inputs/batch.h"
#include "mappers/hl7v2/ack.h"
#include "mappers/hl7v2/application_errors.h"
#include "mappers/hl7v2/batch.h"

namespace passerelle::inputs {

using hl7v2::AckCode;
using hl7v2::Peeked;
using pipeline::Answer;
using pipeline::Frame;
using pipeline::Prepared;

namespace {

constexpr std::size_t kErrorsMax = 10;        // ERR segments of one acknowledgement
constexpr std::size_t kNamingBytes = 256;     // of the message, enough to hold its control id
constexpr std::size_t kControlIdLength = 18;  // MSH-10 is ST(20) up to v2.6

// "2026-03-01T12:00:00.000Z" as a DTM.
std::string DtmOf(std::string_view iso) {
  std::string dtm;
  for (char c : iso)
    if ((c >= '0' && c <= '9') || c == '.') dtm += c;
  return dtm.empty() ? dtm : dtm + "+0000";
}

hl7v2::AckOptions OptionsFor(const Frame& frame) {
  return AckOptionsFor(frame.received, frame.sender + '|' + frame.bytes.substr(0, kNamingBytes));
}

Answer Acknowledge(const Peeked& message, AckCode code, std::span<const hl7v2::AckError> errors,
                   const Frame& frame, int http_status) {
  return {std::string(hl7v2::AckCodeText(code)), hl7v2::BuildAck(message, code, errors, OptionsFor(frame)),
          http_status};
}

// The answer that the plan asks for; silence is an answer too, and is kept with its code.
Answer InPlan(const Peeked& message, AckCode application, AckCode accept,
              std::span<const hl7v2::AckError> errors, const Frame& frame, int http_status) {
  auto plan = hl7v2::PlanAck(message);
  bool success = hl7v2::Accepts(application);
  if (hl7v2::IsDue(plan.application, success))
    return Acknowledge(message, application, errors, frame, http_status);
  if (hl7v2::IsDue(plan.accept, success)) return Acknowledge(message, accept, errors, frame, http_status);
  return {std::string(hl7v2::AckCodeText(application)), {}, http_status};
}

std::vector<hl7v2::AckError> ErrorsOf(const Peeked& message, const Feed& feed, const Prepared& prepared,
                                      const Error& refusal) {
  std::vector<hl7v2::AckError> errors{hl7v2::ErrorOf(refusal)};
  if (hl7v2::IsLpsProfile(feed.profile.empty() ? message.profile : feed.profile))
    errors[0].application_code = hl7v2::ApplicationErrorOf(refusal, message.delimiters);
  for (const Issue& issue : prepared.issues.all())
    if (issue.severity >= Severity::Error && errors.size() < kErrorsMax)
      errors.push_back(hl7v2::ErrorOf(issue));
  return errors;
}

}  // namespace

hl7v2::AckOptions AckOptionsFor(std::string_view now, std::string_view naming) {
  hl7v2::AckOptions options;
  options.now = DtmOf(now);
  options.control_id = Sha256Hex(std::string(now) + '|' + std::string(naming)).substr(0, kControlIdLength);
  options.application = "PASSERELLE";
  return options;
}

bool MllpInput::Recognises(const Frame& frame) const { return FeedOf(feeds_, frame).mllp; }

Prepared MllpInput::Prepare(const Frame& frame) const { return reader_.Read(frame, FeedOf(feeds_, frame)); }

Answer MllpInput::Respond(const Frame& frame, const Prepared& prepared, const Error* refusal) const {
  Peeked message = hl7v2::Peek(frame.bytes);
  if (message.IsAcknowledgement()) return {"", {}, 200};
  if (refusal == nullptr) return InPlan(message, AckCode::AA, AckCode::CA, {}, frame, 200);
  bool circumstance = refusal->info->ack_code == "AR";
  return InPlan(message, circumstance ? AckCode::AR : AckCode::AE, circumstance ? AckCode::CR : AckCode::CE,
                ErrorsOf(message, FeedOf(feeds_, frame), prepared, *refusal), frame,
                refusal->info->http_status);
}

// A frame without a usable header is decided before it is answered: its sender has to hear of it now.
std::optional<Answer> MllpInput::RespondToReceipt(const Frame& frame) const {
  if (!FeedOf(feeds_, frame).acknowledge_on_commit || frame.wholeness != pipeline::Wholeness::Whole)
    return std::nullopt;
  Peeked message = hl7v2::Peek(frame.bytes);
  if (!hl7v2::CheckHeader(message)) return std::nullopt;
  if (message.IsAcknowledgement()) return Answer{"", {}, 200};
  auto plan = hl7v2::PlanAck(message);
  if (!plan.enhanced) return Acknowledge(message, AckCode::AA, {}, frame, 200);
  if (hl7v2::IsDue(plan.accept, true)) return Acknowledge(message, AckCode::CA, {}, frame, 200);
  return Answer{"CA", {}, 200};
}

std::vector<std::string> MllpInput::Split(const Frame& frame) const { return MessagesOf(frame.bytes); }

std::string MllpInput::Envelope(const Frame& frame) const { return EnvelopeOf(frame.bytes); }

// BHS-12 names the batch that is answered; the comment of the trailer says where its counts did not agree.
Answer MllpInput::Join(const Frame& frame, const std::vector<Answer>& answers) const {
  Issues issues;
  auto batch = hl7v2::SplitBatch(frame.bytes, issues);
  std::string acknowledgements;
  std::size_t count = 0;
  Answer all = answers.front();
  for (const auto& answer : answers) {
    if (answer.http_status > all.http_status) all = answer;
    acknowledgements += answer.bytes;
    count += !answer.bytes.empty();
  }
  bool file = !batch.file_id.empty();
  all.bytes = file ? "FHS|^~\\&||||||||||" + batch.file_id + "\r" : std::string();
  std::string comment = issues.all().empty() ? std::string() : "|" + issues.all()[0].Text();
  all.bytes += "BHS|^~\\&||||||||||" + batch.batch_id + "\r" + acknowledgements + "BTS|" +
               std::to_string(count) + comment + "\r";
  if (file) all.bytes += "FTS|1\r";
  return all;
}

}  // namespace passerelle::inputs
