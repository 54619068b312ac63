#include "gateway/targets/courier.h"

#include <algorithm>
#include <boost/asio/co_spawn.hpp>
#include <boost/asio/detached.hpp>
#include <boost/asio/redirect_error.hpp>
#include <boost/asio/steady_timer.hpp>
#include <boost/asio/use_awaitable.hpp>
#include <set>

namespace passerelle::targets {

namespace asio = boost::asio;
using pipeline::Delivery;
using pipeline::Seq;
using pipeline::State;
using pipeline::Transaction;
using SteadyClock = std::chrono::steady_clock;

// One target and what is on its way there.
struct Courier::Lanes {
  CourierTarget target;
  asio::steady_timer wake;
  std::set<std::int64_t> under_way;
  int failures = 0;
  std::string cause;
  SteadyClock::time_point next_probe{};

  Lanes(CourierTarget given, const asio::any_io_executor& network)
      : target(std::move(given)), wake(network) {}

  bool Broken(const CourierOptions& options) const { return failures >= options.failures_max; }
  std::size_t Room(const CourierOptions& options) const {
    std::size_t at_once = target.target->at_once_max();
    if (Broken(options)) at_once = SteadyClock::now() >= next_probe ? 1 : 0;
    return at_once > under_way.size() ? at_once - under_way.size() : 0;
  }
};

Courier::Courier(Parts parts, std::vector<CourierTarget> targets) : parts_(std::move(parts)) {
  for (auto& target : targets) all_.push_back(std::make_unique<Lanes>(std::move(target), parts_.network));
}
Courier::~Courier() = default;

void Courier::Start() {
  for (auto& lanes : all_) asio::co_spawn(parts_.network, Serve(*lanes), asio::detached);
}

void Courier::Wake() {
  for (auto& lanes : all_) lanes->wake.cancel();
}

void Courier::Stop() {
  stopping_ = true;
  Wake();
}

bool Courier::Idle() const {
  return std::all_of(all_.begin(), all_.end(), [](const auto& lanes) { return lanes->under_way.empty(); });
}

std::vector<TargetState> Courier::States() const {
  std::vector<TargetState> states;
  for (const auto& lanes : all_)
    states.push_back({lanes->target.name, lanes->failures, lanes->Broken(parts_.options), lanes->cause});
  return states;
}

std::vector<Delivery> Courier::Due(const Lanes& lanes) {
  std::size_t room = lanes.Room(parts_.options);
  if (room == 0) return {};
  // A probe asks about the target, not about one delivery: whichever comes first, also before its time.
  milliseconds ahead = lanes.Broken(parts_.options) ? parts_.options.retry_max : milliseconds(0);
  auto due = parts_.store.Read()->Due(lanes.target.name, parts_.time(ahead),
                                      static_cast<int>(room + lanes.under_way.size()));
  if (!due) return {};  // the store's trouble: looked at again after the poll interval
  std::erase_if(*due, [&](const Delivery& delivery) { return lanes.under_way.contains(delivery.id); });
  if (due->size() > room) due->resize(room);
  return *std::move(due);
}

Awaitable<void> Courier::Serve(Lanes& lanes) {
  while (!stopping_) {
    auto due = Due(lanes);
    for (auto& delivery : due) {
      lanes.under_way.insert(delivery.id);
      lanes.next_probe = SteadyClock::now() + parts_.options.probe_interval;
      asio::co_spawn(parts_.network, Carry(lanes, std::move(delivery)), asio::detached);
    }
    lanes.wake.expires_after(parts_.options.poll_interval);
    boost::system::error_code ignored;
    co_await lanes.wake.async_wait(asio::redirect_error(asio::use_awaitable, ignored));
  }
}

// The verdict on one delivery, with the gate asked first. A gate that cannot be asked is shut for now.
Awaitable<Verdict> Courier::Send(Lanes& lanes, const Delivery& delivery, std::string& withheld) {
  if (lanes.target.gated) {
    auto view = parts_.store.Read();
    auto reason = parts_.gate(*view, delivery);
    view.reset();
    if (!reason) co_return VerdictOf(Say::Unwilling, reason.error());
    withheld = *std::move(reason);
    if (!withheld.empty()) co_return Verdict{};
  }
  auto begun = SteadyClock::now();
  auto verdict = co_await lanes.target.target->Deliver(delivery);
  if (parts_.tried) parts_.tried(lanes.target.name, SteadyClock::now() - begun);
  lanes.failures = verdict.say == Say::Unwilling ? lanes.failures + 1 : 0;
  lanes.cause = verdict.cause;
  co_return verdict;
}

Awaitable<void> Courier::Carry(Lanes& lanes, Delivery delivery) {
  std::string withheld;
  auto verdict = co_await Send(lanes, delivery, withheld);
  auto work = [&](Transaction& transaction) { return Note(transaction, delivery, verdict, withheld); };
  auto noted = co_await parts_.store.Write(work, pipeline::Rerun::Yes);
  lanes.under_way.erase(delivery.id);
  // Not noted: the store has trouble, and the delivery is still due. It goes out again, not at once.
  if (noted) Wake();  // the next of the lane, and what settling it may have owed to another target
}

Status Courier::Note(Transaction& transaction, const Delivery& delivery, const Verdict& verdict,
                     const std::string& withheld) {
  const auto& options = parts_.options;
  Delivery after = delivery;
  pipeline::Attempt attempt{
      delivery.id, parts_.time(milliseconds(0)), {}, verdict.http_status, verdict.cause};
  after.cause = verdict.cause;
  if (!withheld.empty()) {
    attempt.outcome = after.state = "withheld";
    attempt.cause = after.cause = withheld;
  } else if (verdict.say == Say::Taken) {
    attempt.outcome = after.state = "delivered";
  } else if (after.attempts = delivery.attempts + 1;
             verdict.say == Say::Refused && after.attempts >= options.refusals_max) {
    attempt.outcome = after.state = "parked";
  } else {
    attempt.outcome = "retry";
    auto most = std::min(options.retry_max,
                         options.retry_min * (std::int64_t{1} << std::min(after.attempts - 1, 20)));
    after.next_try =
        parts_.time(milliseconds(static_cast<std::int64_t>(parts_.random() * double(most.count()))));
  }
  CHECK_OK(transaction.Note(attempt, after));
  if (parts_.settled && (after.state == "delivered" || after.state == "parked"))
    CHECK_OK(parts_.settled(transaction, after));
  return delivery.seq == 0 ? Ok() : UpdateMessageState(transaction, delivery.seq);
}

Status UpdateMessageState(Transaction& transaction, Seq seq) {
  TRY(auto message, transaction.Message(seq));
  TRY(auto deliveries, transaction.DeliveriesOf(seq));
  std::erase_if(deliveries, [](const Delivery& delivery) { return delivery.target.starts_with(kReplyPrefix); });
  if (!message || deliveries.empty()) return Ok();
  auto in_state = [&](std::string_view name) {
    return std::find_if(deliveries.begin(), deliveries.end(),
                        [&](const auto& one) { return one.state == name; });
  };
  State state = State::Delivered;
  std::string cause;
  if (auto parked = in_state("parked"); parked != deliveries.end()) {
    state = State::Parked;
    cause = parked->target + ": " + parked->cause;
  } else if (in_state("owed") != deliveries.end()) {
    state = State::Stored;
  } else if (auto withheld = in_state("withheld"); withheld != deliveries.end()) {
    state = State::Withheld;
    cause = withheld->cause;
  }
  if (state == message->state && cause == message->cause) return Ok();
  return transaction.SetState(seq, state, cause);
}

}  // namespace passerelle::targets
