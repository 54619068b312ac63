#pragma once
// Pipeline: takes one message from the wire to the record, and says what to answer.
//
// All members run on one executor (the network's); thinking is done on the workers, durable work on the store's
// writer. Nothing a sender can do makes it throw.

#include <atomic>
#include <deque>
#include <boost/asio/any_io_executor.hpp>
#include <boost/asio/steady_timer.hpp>
#include <functional>
#include <map>
#include <memory>
#include <span>
#include <string>

#include "gateway/pipeline/stages.h"

namespace passerelle::pipeline {

// What goes back to the connection. With `trouble` set nothing was kept: MLLP stays silent, HTTP says 503.
struct Reply {
  Answer answer;
  Seq seq = 0;
  bool repeat = false;
  std::optional<Error> trouble;
};

class Pipeline {
 public:
  struct Parts {
    Store& store;
    std::span<const std::unique_ptr<Input>> inputs;  // asked in this order
    const Policy& policy;
    const Record& record;
    boost::asio::any_io_executor network;
    boost::asio::any_io_executor workers;
    std::function<std::string()> settings_digest;  // of tables and settings as they are now: a refusal under older
                                                   // ones is tried anew
    std::function<void(Seq)> decided = {};  // told after each decision: wakes the courier, counts
    // In the transaction that decides a message which was acknowledged on receipt; for what its sender may yet want to
    // hear. `refusal` is nullptr when it was integrated.
    std::function<Status(Transaction&, Seq, const Frame&, const Prepared&, const Error* refusal)> decided_late = {};
    // A message that was kept cannot be decided, whatever is tried; it is parked, and somebody must look.
    std::function<void(Seq, const Error& cause)> undecidable = {};
    std::size_t backlog_max = 50'000;  // messages acknowledged on receipt and not yet decided; they stand on disk
  };
  explicit Pipeline(Parts parts) : parts_(std::move(parts)) {}

  // Returns when the outcome is on disk, so the answer may be sent at once; where the input answers on
  // receipt, when the bytes are. A batch is one call and one answer for all its messages; `seq` is the first's.
  Awaitable<Reply> Process(Frame frame);

  // For a message that is too large for memory: Frame::large, once its bytes are there.
  Result<std::unique_ptr<Spool>> MakeSpool() { return parts_.store.MakeSpool(); }

  // Decides what was kept but not decided when the process last ended, in order. Call once: no verdict is given before
  // it is done, so that no later message about a patient overtakes. What is answered on receipt queues behind at once.
  Awaitable<void> Resume();

  // False: stop reading. Never a reason to refuse (engine rule: not reading is safe, a NACK is not).
  bool Accepting() const { return resumed_ && AcceptingOnReceipt(); }
  // The same for a feed whose messages are answered on receipt.
  bool AcceptingOnReceipt() const {
    return resuming_ && backlog_ < parts_.backlog_max && parts_.store.Accepting();
  }
  std::size_t backlog() const { return backlog_; }
  bool Idle() const { return deciding_.empty() && backlog_ == 0; }

 private:
  Awaitable<Reply> ProcessOne(Frame frame);
  Awaitable<Reply> ProcessBatch(const Input& input, Frame frame, std::vector<std::string> messages);
  Awaitable<Status> SpoolIfLarge(Frame& frame);
  // `frame` nullptr: it is read again from the store, and nobody waits for the answer.
  Awaitable<Reply> Attempt(Seq seq, std::shared_ptr<const Frame> frame, std::shared_ptr<Keeping> keeping);
  struct Trial;  // one attempt at one message
  Prepared Prepare(const Frame& frame) const;
  Status Try(Trial& trial) const;
  Awaitable<Status> WriteDecision(Trial& trial, Haste haste);
  Status Integrate(Transaction& transaction, const Trial& trial, Issues& issues) const;
  Status Refuse(Transaction& transaction, const Trial& trial) const;
  Status Decide(Transaction& transaction, const Trial& trial, Outcome outcome) const;
  Answer Respond(const Trial& trial) const;
  Awaitable<Reply> AnswerRepeat(Receipt receipt, std::shared_ptr<const Frame> frame);
  bool TryAnew(const KeptMessage& message) const;
  const Input* Recognise(const Frame& frame) const;
  void DecideLater(Seq seq);
  Awaitable<void> DecideNext();
  Awaitable<void> DecideAlone(Seq seq);
  Awaitable<Status> Park(Seq seq, const Error& cause);
  Awaitable<void> Pause(std::chrono::milliseconds time);
  Awaitable<void> AwaitRoom();
  Result<KeptMessage> Known(Seq seq);
  Awaitable<void> AwaitTurn(Seq seq);
  void PassTurn(Seq seq);

  class Deciding;  // one message is decided by one attempt at a time
  Parts parts_;
  std::map<Seq, std::shared_ptr<boost::asio::steady_timer>> deciding_;  // a repeat waits for the first
  // Messages kept but not decided: acknowledged on receipt, or found at the start. A few are prepared side by side, and
  // applied in the order in which they came, so that the order of one patient's messages is kept.
  std::deque<Seq> waiting_;
  std::size_t under_way_ = 0;
  std::map<Seq, std::shared_ptr<boost::asio::steady_timer>> turns_;  // of those that are not with the writer yet
  std::atomic<std::size_t> backlog_ = 0;  // both; looked at from other threads too
  std::size_t found_ = 0;  // at the start, and not decided yet
  Seq found_last_ = 0;
  std::atomic<bool> resuming_ = false, resumed_ = false;  // what was undecided stands in line; is decided
};

// The findings of a message as they are stored: an array of {severity, rule, place, line, column, arguments}.
// The sentence is said where it is shown, in the reader's language.
std::string FindingsJson(const Issues& issues);

}  // namespace passerelle::pipeline
