#include "gateway/pipeline/pipeline.h"

#include <boost/asio/co_spawn.hpp>
#include <boost/asio/detached.hpp>
#include <boost/asio/redirect_error.hpp>
#include <boost/asio/use_awaitable.hpp>

#include "gateway/pipeline/errors.h"

namespace passerelle::pipeline {

namespace asio = boost::asio;

// The path: keep, then decide. What is kept is replayed after a crash, so nothing acknowledged is lost.
Awaitable<Reply> Pipeline::Process(Frame frame) {
#ifdef PASSERELLE_ACKNOWLEDGE_FIRST
  // The saboteur, built only for the kill test to catch: answers before anything is on disk.
  if (const Input* input = Recognise(frame)) {
    Reply reply{input->RespondToReceipt(frame), 0, false, std::nullopt};
    asio::co_spawn(parts_.network, [this, frame]() mutable -> Awaitable<void> {
      auto receipt = co_await parts_.store.Keep(frame);
      if (receipt && !receipt->repeat) co_await Attempt(receipt->seq, std::move(frame));
    }, asio::detached);
    co_return reply;
  }
#endif
  auto receipt = co_await parts_.store.Keep(frame);
  if (!receipt) co_return Reply{{}, 0, false, receipt.error()};
  if (receipt->repeat) co_return co_await AnswerRepeat(*std::move(receipt), std::move(frame));
  if (frame.commit_answer) {
    Reply reply{*frame.commit_answer, receipt->seq, false, std::nullopt};
    ++backlog_;
    asio::co_spawn(parts_.network, DecideLater(receipt->seq, std::move(frame)), asio::detached);
    co_return reply;
  }
  co_return co_await Attempt(receipt->seq, std::move(frame));
}

Awaitable<void> Pipeline::DecideLater(Seq seq, Frame frame) {
  auto reply = co_await Attempt(seq, std::move(frame));
  --backlog_;
  (void)reply;  // the sender has its answer; a refusal now stands in the message's state
}

const Input* Pipeline::Recognise(const Frame& frame) const {
  for (const auto& input : parts_.inputs)
    if (input->Recognises(frame)) return input.get();
  return nullptr;
}

// A repeat of an accepted message gets the first answer; one refused for a circumstance, or under older tables or
// settings, is another attempt of the same message (safety rule 13).
bool Pipeline::TryAnew(const KeptMessage& message) const {
  if (message.state == State::Parked && message.resources_json.size() <= 2) return true;  // nothing was applied
  if (message.state != State::Refused || !message.answer) return false;
  bool circumstance = message.answer->code == "AR" || message.answer->code == "CR" ||
                      message.answer->http_status >= 500 || message.answer->http_status == 429;
  return circumstance || message.settings_digest != parts_.settings_digest;
}

Awaitable<Reply> Pipeline::AnswerRepeat(Receipt receipt, Frame frame) {
  KeptMessage& first = receipt.message;
  if (auto it = deciding_.find(receipt.seq); it != deciding_.end() && !first.answer) {
    auto decided = it->second;
    boost::system::error_code ignored;
    co_await decided->async_wait(asio::redirect_error(asio::use_awaitable, ignored));
    auto message = parts_.store.Read()->Message(receipt.seq);
    if (!message || !*message) co_return Reply{{}, receipt.seq, true, Error{errors::RecordUnusable}};
    first = **std::move(message);
  }
  if (!first.answer || TryAnew(first)) {
    auto reply = co_await Attempt(receipt.seq, std::move(frame));
    reply.repeat = true;
    co_return reply;
  }
  co_return Reply{*first.answer, receipt.seq, true, std::nullopt};
}

Awaitable<Prepared> Pipeline::Prepare(const Frame& frame) {
  auto think = [this, &frame]() -> Awaitable<Prepared> {
    const Input* input = Recognise(frame);
    if (input == nullptr) {
      Prepared unknown;
      unknown.refusal = Error{errors::FormatUnknown};
      co_return unknown;
    }
    Prepared prepared = input->Prepare(frame);
    if (!prepared.refusal)
      if (auto admitted = parts_.policy.Admit(frame, prepared); !admitted) prepared.refusal = admitted.error();
    co_return prepared;
  };
  co_return co_await asio::co_spawn(parts_.workers, think, asio::use_awaitable);
}

namespace {

// The disk, the database: nothing was decided, the sender hears nothing and repeats.
bool IsOurTrouble(const Error& error) { return error.info->http_status >= 500; }

// Identities that contradict each other: the sender is told, and somebody must look (safety rules 5 and 7).
bool NeedsPerson(const Error& error) {
  return error.info == &errors::PatientUnclear || error.info == &errors::DocumentOfAnother;
}

Answer PlainRefusal(const Error& error) { return {std::string(error.info->ack_code), {}, error.info->http_status}; }

Outcome OutcomeOf(const Prepared& prepared, std::string settings_digest) {
  Outcome outcome;
  outcome.format = prepared.format;
  outcome.control_id = prepared.control_id;
  outcome.event = prepared.event;
  outcome.settings_digest = std::move(settings_digest);
  outcome.ledger_json = prepared.ledger_json;
  return outcome;
}

std::string JsonArray(const std::vector<std::string>& references) {
  std::string out = "[";
  for (const auto& reference : references) out += (out.size() > 1 ? ",\"" : "\"") + reference + "\"";
  return out + "]";
}

}  // namespace

// One attempt: prepare, then apply and decide in one transaction. A refusal found while applying rolls that
// transaction back and is decided in another, so that nothing of a refused message stays.
Awaitable<Reply> Pipeline::Attempt(Seq seq, Frame frame) {
  auto decided = std::make_shared<asio::steady_timer>(parts_.network, asio::steady_timer::time_point::max());
  deciding_[seq] = decided;
  Prepared prepared = co_await Prepare(frame);
  const Input* input = Recognise(frame);
  auto respond = [&](const Error* refusal) {
    return input != nullptr ? input->Respond(frame, prepared, refusal) : PlainRefusal(*refusal);
  };

  Reply reply{{}, seq, false, std::nullopt};
  Status written = Ok();
  if (!prepared.refusal) {
    reply.answer = respond(nullptr);
    written = co_await parts_.store.Write([&](Transaction& transaction) -> Status {
      TRY(auto applied, parts_.record.Apply(transaction, seq, frame, prepared));
      Outcome outcome = OutcomeOf(prepared, parts_.settings_digest);
      outcome.state = applied.state;
      outcome.cause = applied.cause;
      outcome.resources_json = JsonArray(applied.resources);
      outcome.findings_json = FindingsJson(prepared.issues);
      outcome.answer = frame.commit_answer ? *frame.commit_answer : reply.answer;
      return transaction.Decide(seq, outcome);
    });
    if (!written && !IsOurTrouble(written.error())) prepared.refusal = written.error();
  }
  if (prepared.refusal) {
    reply.answer = respond(&*prepared.refusal);
    written = co_await parts_.store.Write([&](Transaction& transaction) -> Status {
      Outcome outcome = OutcomeOf(prepared, parts_.settings_digest);
      outcome.state = NeedsPerson(*prepared.refusal) ? State::Parked : State::Refused;
      outcome.cause = prepared.refusal->Text();
      outcome.findings_json = FindingsJson(prepared.issues);
      outcome.answer = frame.commit_answer ? *frame.commit_answer : reply.answer;
      return transaction.Decide(seq, outcome);
    });
  }
  if (!written) reply.trouble = written.error();
  deciding_.erase(seq);
  decided->cancel();
  if (parts_.decided) parts_.decided(seq);
  co_return reply;
}

Awaitable<void> Pipeline::Resume() {
  auto view = parts_.store.Read();
  auto open = view->Unprocessed();
  if (!open) co_return;
  for (Seq seq : *open) {
    auto message = view->Message(seq);
    auto bytes = view->MessageBytes(seq);
    if (!message || !*message || !bytes) continue;
    Frame frame{(*message)->feed, (*message)->sender, (*message)->content_type, (*message)->labels,
                (*message)->peer, *std::move(bytes),  (*message)->answer,       (*message)->received};
    co_await Attempt(seq, std::move(frame));
  }
}

}  // namespace passerelle::pipeline
