#pragma once
// CampaignDesk: the campaign that the console starts: one at a time, on a thread and a bench of its own, into
// the folder whose figures the console shows. What was there stays until the next one is through. Safe from
// any thread.

#include <atomic>
#include <functional>
#include <memory>
#include <mutex>
#include <string>
#include <thread>

#include "gateway/api/bench_desk.h"
#include "gateway/app/bench.h"

namespace passerelle::app {

class CampaignDesk {
 public:
  explicit CampaignDesk(std::string folder) : folder_(std::move(folder)) {}
  ~CampaignDesk();  // one that runs is stopped and leaves nothing

  // BenchBusy while one runs. `open` makes the bench, on the campaign's thread.
  using OpenBench = std::function<Result<std::unique_ptr<Bench>>()>;
  Status Start(const api::CampaignOrder& order, OpenBench open, std::string examples);
  // The figures of the last one, with the member "running": {week, weeks, seed}, {error} of one that failed,
  // or null.
  std::string Json(Language language) const;

 private:
  void Run(const api::CampaignOrder& order, const OpenBench& open, const std::string& examples);
  std::string RunningJson(Language language) const;

  std::string folder_;
  mutable std::mutex mutex_;  // over all below but the flags
  std::thread thread_;
  api::CampaignOrder order_;
  std::optional<Error> failed_;
  std::atomic<bool> running_ = false, stopping_ = false;
  std::atomic<int> week_ = 0;
};

}  // namespace passerelle::app
