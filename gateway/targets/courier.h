#pragma once
// Courier: brings what is owed to the targets. Deliveries of one patient to one target leave in order, those
// of different patients side by side; each target has its own pace and its own trouble.
//
// Before each sending the gate is asked again. Unwilling target: tried again after 1 s to 5 min (exponential,
// full jitter), and after five failures in a row only one probe in ten seconds goes out until one succeeds.
// Content that is refused three times is parked with its cause. A delivery is noted after it was taken:
// should the process die in between it goes out again, which targets bear because ids are ours and stable.
//
// All members run on the network's executor.

#include <boost/asio/any_io_executor.hpp>
#include <functional>
#include <memory>
#include <string>
#include <vector>

#include "gateway/pipeline/store.h"
#include "gateway/targets/target.h"

namespace passerelle::targets {

using std::chrono::milliseconds;

struct CourierOptions {
  milliseconds retry_min{1'000}, retry_max{300'000};
  milliseconds probe_interval{10'000};
  milliseconds poll_interval{1'000};
  int failures_max = 5;  // in a row, then only probes
  int refusals_max = 3;  // of one content, then it is parked
};

struct CourierTarget {
  std::string name;
  bool gated = true;  // the gate stands before it
  std::unique_ptr<Target> target;
};

// How a target is doing, for people.
struct TargetState {
  std::string name;
  int failures = 0;  // in a row
  bool broken = false;
  std::string cause;
};

class Courier {
 public:
  struct Parts {
    pipeline::Store& store;
    boost::asio::any_io_executor network;
    std::function<std::string(milliseconds ahead)> time;  // ISO 8601 UTC, so much from now
    std::function<double()> random;                       // [0, 1)
    // Why a delivery may not leave now; empty: it may.
    std::function<Result<std::string>(pipeline::View&, const pipeline::Delivery&)> gate;
    // In the transaction that notes a delivery as delivered or parked; for what follows from it.
    std::function<Status(pipeline::Transaction&, const pipeline::Delivery& after)> settled;
    // A target has answered, or did not, after so long.
    std::function<void(const std::string& target, std::chrono::nanoseconds took)> tried;
    CourierOptions options;
  };
  Courier(Parts parts, std::vector<CourierTarget> targets);
  ~Courier();

  void Start();
  void Wake();  // something may be due
  void Stop();  // nothing new goes out
  bool Idle() const;
  std::vector<TargetState> States() const;

 private:
  struct Lanes;
  Awaitable<void> Serve(Lanes& lanes);
  Awaitable<void> Carry(Lanes& lanes, pipeline::Delivery delivery);
  Awaitable<Verdict> Send(Lanes& lanes, const pipeline::Delivery& delivery, std::string& withheld);
  Status Note(pipeline::Transaction& transaction, const pipeline::Delivery& delivery, const Verdict& verdict,
              const std::string& withheld);
  std::vector<pipeline::Delivery> Due(const Lanes& lanes);

  Parts parts_;
  std::vector<std::unique_ptr<Lanes>> all_;
  bool stopping_ = false;
};

// Targets of this name's beginning carry answers back to a sender: no message counts as delivered by them.
inline constexpr std::string_view kReplyPrefix = "reply:";

// The state of a message by those of its deliveries (interfaces.md: delivered is all targets).
Status UpdateMessageState(pipeline::Transaction& transaction, pipeline::Seq seq);

}  // namespace passerelle::targets
