#include "gateway/app/replies.h"

#include <array>
#include <chrono>

#include "fhir_model/base/digest.h"
#include "gateway/inputs/mllp/mllp_input.h"
#include "gateway/store/clock.h"
#include "gateway/targets/courier.h"
#include "gateway/targets/errors.h"
#include "mappers/hl7v2/application_errors.h"
#include "mappers/hl7v2/business_ack.h"

namespace passerelle::app {

using pipeline::Delivery;
using pipeline::Frame;
using pipeline::Seq;
using pipeline::Transaction;

namespace {

hl7v2::AckOptions OptionsFor(Seq seq, std::string_view purpose) {
  std::string now = store::IsoUtc(std::chrono::system_clock::now());
  return inputs::AckOptionsFor(now, std::to_string(seq) + std::string(purpose));
}

std::string BusinessAck(hl7v2::Receipt receipt, std::string_view message, Seq seq, const Error* refusal) {
  std::vector<hl7v2::AckError> errors;
  if (refusal != nullptr) errors.push_back(hl7v2::ErrorOf(*refusal));
  return hl7v2::BuildBusinessAck(receipt, message, errors, OptionsFor(seq, "zam"));
}

std::string ApplicationAck(const hl7v2::Peeked& message, Seq seq, const Error* refusal) {
  if (refusal == nullptr) return hl7v2::BuildAck(message, hl7v2::AckCode::AA, {}, OptionsFor(seq, "ack"));
  std::array errors{hl7v2::ErrorOf(*refusal)};
  if (hl7v2::IsLpsProfile(message.profile))
    errors[0].application_code = hl7v2::ApplicationErrorOf(*refusal, message.delimiters);
  auto code = refusal->info->ack_code == "AR" ? hl7v2::AckCode::AR : hl7v2::AckCode::AE;
  return hl7v2::BuildAck(message, code, errors, OptionsFor(seq, "ack"));
}

}  // namespace

Replies::Replies(const Settings& settings) {
  for (const auto& feed : settings.feeds)
    if (!feed.reply_to.empty()) feeds_[feed.name] = std::string(targets::kReplyPrefix) + feed.name;
  for (const auto& target : settings.targets)
    if (target.dmp || target.mail)
      receipts_[target.name] = target.mail ? hl7v2::Receipt::Mail : hl7v2::Receipt::Record;
}

Status Replies::Owe(Transaction& transaction, Seq seq, const std::string& feed, std::string message) const {
  Delivery delivery;
  delivery.seq = seq;
  delivery.target = feeds_.find(feed)->second;
  delivery.lane = feed;
  delivery.payload = std::move(message);
  delivery.state = "owed";
  delivery.lane_waits = false;
  TRY(auto id, transaction.Owe(delivery));
  (void)id;
  return Ok();
}

Status Replies::DecidedLate(Transaction& transaction, Seq seq, const Frame& frame,
                            const Error* refusal) const {
  if (!feeds_.contains(frame.feed)) return Ok();
  hl7v2::Peeked message = hl7v2::Peek(frame.bytes);
  auto plan = hl7v2::PlanAck(message);
  if (plan.enhanced && hl7v2::IsDue(plan.application, refusal == nullptr))
    CHECK_OK(Owe(transaction, seq, frame.feed, ApplicationAck(message, seq, refusal)));
  if (refusal != nullptr && hl7v2::AsksForReceipt(frame.bytes))
    CHECK_OK(
        Owe(transaction, seq, frame.feed, BusinessAck(hl7v2::Receipt::Record, frame.bytes, seq, refusal)));
  return Ok();
}

Status Replies::Settled(Transaction& transaction, const Delivery& after) const {
  auto receipt = receipts_.find(after.target);
  if (receipt == receipts_.end() || after.seq == 0) return Ok();
  TRY(auto message, transaction.Message(after.seq));
  if (!message || !feeds_.contains(message->feed)) return Ok();
  TRY(auto body, transaction.MessageAbridged(after.seq));
  const std::string& bytes = body.bytes;
  if (!hl7v2::AsksForReceipt(bytes)) return Ok();
  Error refused{errors::TargetRefused};
  return Owe(transaction, after.seq, message->feed,
             BusinessAck(receipt->second, bytes, after.seq, after.state == "delivered" ? nullptr : &refused));
}

}  // namespace passerelle::app
