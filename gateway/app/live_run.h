#pragma once
// LiveRun: a run of the bench that the console follows: its own gateway, a port where the product sends, and
// the verdicts as they come.
//
// Messages are passed on and judged one after the other, on one thread, the run's hands: the sender has his
// answer at once, and his next message waits until this one was judged, so that a flood only slows itself
// down.

#include <boost/asio/any_io_executor.hpp>
#include <functional>
#include <memory>
#include <mutex>
#include <optional>
#include <string>
#include <vector>

#include "fhir_model/base/issue.h"
#include "gateway/api/json_writer.h"
#include "gateway/app/bench_gateway.h"
#include "gateway/app/bench_run.h"
#include "gateway/app/settings.h"
#include "gateway/net/awaitable.h"
#include "gateway/net/mllp.h"

namespace passerelle::app {

// What the overview says of a run.
struct RunSummary {
  std::string id, product, version, suite, owner, began, ended;  // ended: empty while it is open
  std::size_t messages = 0;
  std::vector<std::pair<std::string, std::size_t>> counts;  // requirements by their worst verdict
};
void WriteSummary(const RunSummary& summary, api::JsonWriter& out);
// What it wants to be sent, and what it expects of each.
void WriteScenario(const labelling::Scenario& scenario, Language language, api::JsonWriter& out);

class LiveRun : public std::enable_shared_from_this<LiveRun> {
 public:
  struct Setup {
    std::string owner, folder;
    const Bench* bench = nullptr;
    BenchSettings settings;
    std::optional<std::string> definitions;
    boost::asio::any_io_executor network;
    boost::asio::any_io_executor hands;  // of one thread, which outlives the run
    std::mutex* judging = nullptr;       // one examination at a time, over all runs
  };
  LiveRun(Setup setup, std::unique_ptr<Examination> examination, Subject subject);
  ~LiveRun();

  const boost::asio::any_io_executor& hands() const { return setup_.hands; }
  Status StartGateway();       // on the hands
  Awaitable<Status> Listen();  // on the network

  // On the hands: keeps the message, passes it on, tells the answer, waits for what it brings about, judges.
  // RunFull, FileUnwritable: it was answered AR, so that its sender keeps it, and is no part of the run.
  Status Take(std::string bytes, const std::function<void(std::string answer)>& answered);
  // On the hands: nothing is taken any more. Gives what the ledger should hold.
  std::vector<labelling::Evidence> Finish();

  // From any thread.
  std::int64_t changes() const;
  RunSummary Summary() const;
  std::string Json(Language language) const;
  labelling::SuiteVerdicts Verdicts(Language language) const;
  const std::string& id() const { return id_; }
  const std::string& owner() const { return setup_.owner; }
  const std::string& folder() const { return setup_.folder; }

 private:
  Awaitable<std::string> Relay(net::MllpFrame frame);
  void StopListening();
  void Change(const std::function<void()>& how);
  void WriteMessages(Language language, api::JsonWriter& out) const;

  Setup setup_;
  Subject subject_;
  std::string id_;
  std::unique_ptr<BenchGateway> gateway_;
  std::string certificate_;  // PEM

  mutable std::mutex mutex_;  // over all below
  std::shared_ptr<net::Listener> listener_;
  std::unique_ptr<Examination> examination_;
  std::vector<Step> steps_;  // the last may not be judged yet
  std::int64_t changes_ = 1;
  std::string ended_;
};

}  // namespace passerelle::app
