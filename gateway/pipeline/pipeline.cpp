#include "gateway/pipeline/pipeline.h"

#include <boost/asio/co_spawn.hpp>
#include <boost/asio/detached.hpp>
#include <boost/asio/redirect_error.hpp>
#include <boost/asio/use_awaitable.hpp>

#include "gateway/pipeline/errors.h"

namespace passerelle::pipeline {

namespace asio = boost::asio;

namespace {

constexpr auto kRoomInterval = std::chrono::milliseconds(100);
constexpr auto kAgainInterval = std::chrono::milliseconds(200);
constexpr int kTrialsMax = 5;            // of a message that cannot be read, or not be written; then it is parked
constexpr std::size_t kSideBySide = 32;  // messages that nobody waits for, under way at a time

}  // namespace

// While it lives, others wait for what it decides; a fault on the way lets them go on too.
class Pipeline::Deciding {
 public:
  Deciding(Pipeline& pipeline, Seq seq)
      : pipeline_(pipeline),
        seq_(seq),
        decided_(std::make_shared<asio::steady_timer>(pipeline.parts_.network,
                                                      asio::steady_timer::time_point::max())) {
    pipeline_.deciding_[seq_] = decided_;
  }
  ~Deciding() {
    pipeline_.deciding_.erase(seq_);
    decided_->cancel();
  }
  Deciding(const Deciding&) = delete;
  Deciding& operator=(const Deciding&) = delete;

 private:
  Pipeline& pipeline_;
  Seq seq_;
  std::shared_ptr<asio::steady_timer> decided_;
};

// The path: keep, then decide. What is kept is replayed after a crash, so nothing acknowledged is lost.
Awaitable<Reply> Pipeline::Process(Frame frame) {
  if (const Input* input = Recognise(frame); input != nullptr && frame.wholeness == Wholeness::Whole)
    if (auto messages = input->Split(frame); !messages.empty()) {
      if (frame.large != nullptr) {  // each goes its own way, as it came
        auto whole = frame.large->Read(0, frame.large->size());
        if (!whole) co_return Reply{{}, 0, false, whole.error()};
        frame.bytes = *std::move(whole);
        frame.large.reset();
        messages = input->Split(frame);
      }
      co_return co_await ProcessBatch(*input, std::move(frame), std::move(messages));
    }
  co_return co_await ProcessOne(std::move(frame));
}

// The same message is the same whatever way it came: a large one is abridged, and kept as a file.
Awaitable<Status> Pipeline::SpoolIfLarge(Frame& frame) {
  if (frame.large != nullptr || frame.bytes.size() < kAbridgedMin) co_return Ok();
  CO_TRY(std::shared_ptr<Spool> spool, MakeSpool());
  CO_CHECK_OK(co_await spool->Append(frame.bytes));
  frame.bytes = spool->End();
  frame.large = std::move(spool);
  co_return Ok();
}

// Trouble with one: nothing is answered, and a repeat of the batch finds the ones before it kept.
Awaitable<Reply> Pipeline::ProcessBatch(const Input& input, Frame frame, std::vector<std::string> messages) {
  Reply all{{}, 0, true, std::nullopt};
  std::vector<Answer> answers;
  if (auto envelope = input.Envelope(frame); !envelope.empty()) {
    Frame one = frame;
    one.bytes = std::move(envelope);
    auto reply = co_await ProcessOne(std::move(one));
    if (reply.trouble) co_return reply;
  }
  for (auto& message : messages) {
    Frame one = frame;
    one.bytes = std::move(message);
    auto reply = co_await ProcessOne(std::move(one));
    if (reply.trouble) co_return reply;
    if (all.seq == 0) all.seq = reply.seq;
    all.repeat = all.repeat && reply.repeat;
    answers.push_back(std::move(reply.answer));
  }
  all.answer = input.Join(frame, answers);
  co_return all;
}

Awaitable<Reply> Pipeline::ProcessOne(Frame received) {
  if (auto spooled = co_await SpoolIfLarge(received); !spooled) co_return Reply{{}, 0, false, spooled.error()};
  const Input* input = Recognise(received);
  if (input != nullptr) received.commit_answer = input->RespondToReceipt(received);
  auto frame = std::make_shared<const Frame>(std::move(received));
#ifdef PASSERELLE_ACKNOWLEDGE_FIRST
  // The saboteur, built only for the kill test to catch: answers before anything is on disk.
  if (input != nullptr) {
    Reply reply{input->Respond(*frame, {}, nullptr), 0, false, std::nullopt};
    asio::co_spawn(
        parts_.network,
        [this, frame]() -> Awaitable<void> {
          auto receipt = co_await parts_.store.Keep(*frame);
          if (receipt && !receipt->repeat) co_await Attempt(receipt->seq, frame, nullptr);
        },
        asio::detached);
    co_return reply;
  }
#endif
  while (!frame->commit_answer && !resumed_) co_await Pause(kRoomInterval);
  auto when = frame->commit_answer ? KeepWhen::AtOnce : KeepWhen::WithDecision;
  auto handed = co_await parts_.store.Hand(frame, when);
  if (!handed) co_return Reply{{}, 0, false, handed.error()};
  // The frame is on its way to the disk, before anything that can go wrong; what is decided of it comes behind it, and
  // shares its commit if it comes soon.
  std::shared_ptr<Keeping> keeping = *handed;
  Reply reply;
  if (!frame->commit_answer) reply = co_await Attempt(keeping->seq(), frame, keeping);
  auto receipt = co_await keeping->Done();
  if (!receipt) co_return Reply{{}, 0, false, receipt.error()};
  if (receipt->repeat) co_return co_await AnswerRepeat(*std::move(receipt), std::move(frame));
  if (!frame->commit_answer) co_return reply;
  DecideLater(receipt->seq);
  co_return Reply{*frame->commit_answer, receipt->seq, false, std::nullopt};
}

void Pipeline::DecideLater(Seq seq) {
  waiting_.push_back(seq);
  ++backlog_;
  if (under_way_ == kSideBySide) return;
  ++under_way_;
  asio::co_spawn(parts_.network, DecideNext(), asio::detached);
}

Awaitable<void> Pipeline::DecideNext() {
  while (!waiting_.empty()) {
    Seq seq = waiting_.front();
    waiting_.pop_front();
    co_await DecideAlone(seq);
    PassTurn(seq);
    --backlog_;
    if (seq <= found_last_) --found_;
  }
  --under_way_;
}

// The sender has its answer, so a refusal stands in the message's state. A full disk is waited for; other trouble may
// pass, and if it does not, the message is for a person.
Awaitable<void> Pipeline::DecideAlone(Seq seq) {
  for (int trials = 1;; ++trials) {
    turns_[seq] = std::make_shared<asio::steady_timer>(parts_.network, asio::steady_timer::time_point::max());
    auto reply = co_await Attempt(seq, nullptr, nullptr);
    if (!reply.trouble) co_return;
    if (!parts_.store.Accepting()) {
      co_await AwaitRoom();
    } else if (trials < kTrialsMax) {
      co_await Pause(kAgainInterval);
    } else if (co_await Park(seq, *reply.trouble) || parts_.store.Accepting()) {
      co_return;
    }
  }
}

// A repeat is another attempt, and brings the bytes anew.
Awaitable<Status> Pipeline::Park(Seq seq, const Error& cause) {
  if (parts_.undecidable) parts_.undecidable(seq, cause);
  std::string words = cause.Text();
  auto park = [&](Transaction& transaction) { return transaction.SetState(seq, State::Parked, words); };
  co_return co_await parts_.store.Write(park, Rerun::Yes);
}

Awaitable<void> Pipeline::Pause(std::chrono::milliseconds time) {
  asio::steady_timer pause(parts_.network, time);
  co_await pause.async_wait(asio::use_awaitable);
}

Awaitable<void> Pipeline::AwaitRoom() {
  while (!parts_.store.Accepting()) co_await Pause(kRoomInterval);
}

Awaitable<void> Pipeline::AwaitTurn(Seq seq) {
  while (turns_.contains(seq) && turns_.begin()->first != seq) {
    auto turn = turns_[seq];
    boost::system::error_code ignored;
    co_await turn->async_wait(asio::redirect_error(asio::use_awaitable, ignored));
  }
}

// The next one goes on only when the present function waits again, its work handed to the writer.
void Pipeline::PassTurn(Seq seq) {
  if (turns_.erase(seq) != 0 && !turns_.empty()) turns_.begin()->second->cancel();
}

const Input* Pipeline::Recognise(const Frame& frame) const {
  for (const auto& input : parts_.inputs)
    if (input->Recognises(frame)) return input.get();
  return nullptr;
}

// A repeat of an accepted message gets the first answer; one refused for a circumstance, or under older
// tables or settings, is another attempt of the same message (safety rule 13).
bool Pipeline::TryAnew(const KeptMessage& message) const {
  if (message.state == State::Parked && message.resources_json.size() <= 2)
    return true;  // nothing was applied
  if (message.state != State::Refused || !message.answer) return false;
  bool circumstance = message.answer->code == "AR" || message.answer->code == "CR" ||
                      message.answer->http_status >= 500 || message.answer->http_status == 429;
  return circumstance || message.settings_digest != parts_.settings_digest();
}

Result<KeptMessage> Pipeline::Known(Seq seq) {
  TRY(auto message, parts_.store.Read()->Message(seq));
  if (!message) return Error{errors::RecordUnusable};
  return *std::move(message);
}

Awaitable<Reply> Pipeline::AnswerRepeat(Receipt receipt, std::shared_ptr<const Frame> frame) {
  KeptMessage& first = receipt.message;
  bool waited = false;
  while (!first.answer || first.state != State::Kept) {  // answered on receipt: that answer stands
    auto it = deciding_.find(receipt.seq);
    if (it == deciding_.end()) break;
    auto decided = it->second;
    boost::system::error_code ignored;
    co_await decided->async_wait(asio::redirect_error(asio::use_awaitable, ignored));
    waited = true;
  }
  if (waited || !first.answer) {  // it may have been decided since the repeat was found
    auto known = Known(receipt.seq);
    if (!known) co_return Reply{{}, receipt.seq, true, known.error()};
    first = *std::move(known);
  }
  if (!first.answer || (TryAnew(first) && !waited)) {
    auto reply = co_await Attempt(receipt.seq, std::move(frame), nullptr);
    reply.repeat = true;
    co_return reply;
  }
  co_return Reply{*first.answer, receipt.seq, true, std::nullopt};
}

Prepared Pipeline::Prepare(const Frame& frame) const {
  const Input* input = Recognise(frame);
  if (input == nullptr) {
    Prepared unknown;
    unknown.refusal = Error{errors::FormatUnknown};
    return unknown;
  }
  Prepared prepared = input->Prepare(frame);
  if (!prepared.refusal)
    if (auto admitted = parts_.policy.Admit(frame, prepared); !admitted) prepared.refusal = admitted.error();
  return prepared;
}

namespace {

// The disk, the database: nothing was decided, the sender hears nothing and repeats.
bool IsOurTrouble(const Error& error) { return error.info->http_status >= 500; }

// Identities that contradict each other: the sender is told, and somebody must look (safety rules 5 and 7).
bool NeedsPerson(const Error& error) {
  return error.info == &errors::PatientUnclear || error.info == &errors::DocumentOfAnother;
}

Answer PlainRefusal(const Error& error) {
  return {std::string(error.info->ack_code), {}, error.info->http_status};
}

}  // namespace

struct Pipeline::Trial {
  Seq seq;
  std::shared_ptr<const Frame> frame;
  std::shared_ptr<Keeping> keeping;  // on its first attempt
  // Taken before the tables are asked: should they be exchanged meanwhile, a repeat is at worst tried once more.
  std::string settings_digest;
  Prepared prepared;  // with the refusal, also one found while applying
  Issues issues;      // what was found in preparing and in the last run of applying
  Answer answer;
  std::unique_ptr<Rehearsed> rehearsed;
};

Answer Pipeline::Respond(const Trial& trial) const {
  if (trial.frame->commit_answer) return *trial.frame->commit_answer;
  const auto& refusal = trial.prepared.refusal;
  const Input* input = Recognise(*trial.frame);
  return input != nullptr ? input->Respond(*trial.frame, trial.prepared, refusal ? &*refusal : nullptr)
                          : PlainRefusal(*refusal);
}

namespace {

Result<Frame> KeptFrame(View& view, Seq seq) {
  TRY(auto message, view.Message(seq));
  if (!message) return Error{errors::RecordUnusable};
  TRY(auto body, view.MessageAbridged(seq));
  return Frame{message->feed,   message->sender,   message->content_type,
               message->labels, message->peer,     std::move(body.bytes),
               body.large,      message->answer,   message->received,
               message->wholeness};
}

}  // namespace

// On a worker: all that needs no turn. What applying would do is found out now; the writer sees whether it still holds.
Status Pipeline::Try(Trial& trial) const {
  if (trial.frame == nullptr) {
    TRY(auto frame, KeptFrame(*parts_.store.Read(), trial.seq));
    trial.frame = std::make_shared<const Frame>(std::move(frame));
  }
  trial.prepared = Prepare(*trial.frame);
  trial.answer = Respond(trial);
  if (trial.prepared.refusal) return Ok();
  auto apply = [&](Transaction& transaction) { return Integrate(transaction, trial, trial.issues); };
  trial.rehearsed = parts_.store.Rehearse(apply);
  return Ok();
}

// Applies what was prepared and decides, in one transaction. A refusal found while applying rolls that transaction back
// and is decided in another, so that nothing of a refused message stays.
Awaitable<Status> Pipeline::WriteDecision(Trial& trial, Haste haste) {
  if (!trial.prepared.refusal) {
    auto integrate = [&](Transaction& transaction) { return Integrate(transaction, trial, trial.issues); };
    auto written = co_await parts_.store.WriteRehearsed(integrate, std::move(trial.rehearsed), trial.keeping, haste);
    if (written || IsOurTrouble(written.error())) co_return written;
    trial.prepared.refusal = written.error();
    trial.prepared.issues = trial.issues;
    trial.answer = Respond(trial);
  }
  auto refuse = [&](Transaction& transaction) { return Refuse(transaction, trial); };
  co_return co_await parts_.store.WriteRehearsed(refuse, nullptr, trial.keeping, haste);
}

Status Pipeline::Integrate(Transaction& transaction, const Trial& trial, Issues& issues) const {
  issues = trial.prepared.issues;
  TRY(auto applied, parts_.record.Apply(transaction, trial.seq, *trial.frame, trial.prepared, issues));
  Outcome outcome;
  outcome.state = applied.state;
  outcome.cause = std::move(applied.cause);
  outcome.resources_json = JsonArray(applied.resources);
  outcome.findings_json = FindingsJson(issues);
  return Decide(transaction, trial, std::move(outcome));
}

Status Pipeline::Refuse(Transaction& transaction, const Trial& trial) const {
  const Error& refusal = *trial.prepared.refusal;
  // Whoever was told "accepted" on receipt will not look again: somebody here must.
  bool person = NeedsPerson(refusal) || trial.frame->commit_answer;
  Outcome outcome;
  outcome.state = person ? State::Parked : State::Refused;
  outcome.cause = refusal.Text();
  outcome.named = trial.prepared.named;
  outcome.findings_json = FindingsJson(trial.prepared.issues);
  return Decide(transaction, trial, std::move(outcome));
}

Status Pipeline::Decide(Transaction& transaction, const Trial& trial, Outcome outcome) const {
  const Prepared& prepared = trial.prepared;
  if (trial.frame->commit_answer && parts_.decided_late)
    CHECK_OK(parts_.decided_late(transaction, trial.seq, *trial.frame, prepared,
                                 prepared.refusal ? &*prepared.refusal : nullptr));
  outcome.format = prepared.format;
  outcome.control_id = prepared.control_id;
  outcome.event = prepared.event;
  outcome.settings_digest = trial.settings_digest;
  outcome.ledger_json = prepared.ledger_json;
  outcome.answer = trial.answer;
  return transaction.Decide(trial.seq, outcome);
}

Awaitable<Reply> Pipeline::Attempt(Seq seq, std::shared_ptr<const Frame> frame, std::shared_ptr<Keeping> keeping) {
  std::optional<Deciding> deciding(std::in_place, *this, seq);
  const Haste haste = frame != nullptr ? Haste::Yes : Haste::No;
  Trial trial{seq, std::move(frame), std::move(keeping), parts_.settings_digest(), {}, {}, {}, nullptr};
  Status done = Ok();
  auto think = [this, &trial, &done]() -> Awaitable<void> {
    done = Try(trial);
    co_return;
  };
  co_await asio::co_spawn(parts_.workers, think, asio::use_awaitable);
  co_await AwaitTurn(seq);
  PassTurn(seq);
  if (done) done = co_await WriteDecision(trial, haste);
  Reply reply{std::move(trial.answer), seq, false, std::nullopt};
  if (!done) reply.trouble = done.error();
  deciding.reset();
  bool decided = trial.keeping == nullptr || trial.keeping->IsNew();
  if (decided && parts_.decided) parts_.decided(seq);
  co_return reply;
}

Awaitable<void> Pipeline::Resume() {
  auto open = parts_.store.Read()->Unprocessed();
  while (!open) {
    co_await Pause(kAgainInterval);
    open = parts_.store.Read()->Unprocessed();
  }
  found_ = open->size();
  found_last_ = open->empty() ? 0 : open->back();
  for (Seq seq : *open) DecideLater(seq);
  resuming_ = true;
  while (found_ > 0) co_await Pause(std::chrono::milliseconds(1));
  resumed_ = true;
}

}  // namespace passerelle::pipeline
