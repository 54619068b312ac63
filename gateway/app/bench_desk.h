#pragma once
// BenchDesk: the bench that the console offers, in a folder of its own (safety rule 11):
//
//     ledger.ndjson, ledger.head, bench-key   the evidence (EvidenceFolder), shared with `passerelle label`
//     runs/ID/       a run: its gateway, its inputs by hash, what each message brought, its reports once closed
//     labels/*.jws   what `passerelle label grant` signed
//     campaign/      what the last campaign left, here or by `campaign simulate --out`

#include <boost/asio/any_io_executor.hpp>
#include <boost/asio/thread_pool.hpp>
#include <deque>
#include <map>
#include <memory>
#include <mutex>

#include "gateway/api/bench_desk.h"
#include "gateway/app/campaign_desk.h"
#include "gateway/app/live_run.h"

namespace passerelle::app {

class BenchDesk final : public api::BenchDesk {
 public:
  struct Setup {
    BenchSettings settings;
    std::shared_ptr<const MappedDefinitions> definitions;
    std::optional<std::string> definitions_file;  // for the runs' gateways
    boost::asio::any_io_executor network, workers;
  };
  // ProductionRefused where the folder is a gateway's.
  static Result<std::unique_ptr<BenchDesk>> Open(Setup setup);
  ~BenchDesk() override;  // closes what is open, with its evidence

  Result<std::string> Overview(const api::BenchGuest& guest) override;
  Awaitable<Result<std::string>> Open(api::BenchGuest guest, api::BenchOrder order) override;
  Result<std::string> Run(const api::BenchGuest& guest, const std::string& run) override;
  Result<std::int64_t> Changes(const api::BenchGuest& guest, const std::string& run) override;
  Awaitable<Result<std::string>> Send(api::BenchGuest guest, std::string run, std::string bytes) override;
  Awaitable<Result<std::string>> Close(api::BenchGuest guest, std::string run) override;
  Result<api::BenchReport> Report(const api::BenchGuest& guest, const std::string& run,
                                  std::string_view format) override;
  Result<std::string> Input(const api::BenchGuest& guest, const std::string& run,
                            std::string_view sha256) override;
  Result<std::string> Exchange(const api::BenchGuest& guest, const std::string& run,
                               std::size_t message) override;
  Result<std::string> Evidence(const api::BenchGuest& guest, const api::EvidenceQuery& query) override;
  Result<std::string> Replay(const api::BenchGuest& guest, const api::EvidenceQuery& query) override;
  Result<std::string> EvidenceArchive(const api::EvidenceQuery& query) override;
  Result<std::string> Grant(const api::BenchGuest& guest, const api::LabelWish& wish) override;
  Result<std::string> Revoke(const std::string& label) override;
  Status StartCampaign(const api::CampaignOrder& order) override;
  Result<std::string> Campaign(Language language) override;
  Result<std::string> CampaignEvents(const api::CampaignQuery& query) override;

 private:
  static constexpr std::size_t kOpenMax = 4;  // each is a gateway of its own
  struct Slot {                               // a thread that a run works on
    boost::asio::thread_pool thread{1};
    std::shared_ptr<LiveRun> run;
  };

  explicit BenchDesk(Setup setup)
      : setup_(std::move(setup)), campaign_(setup_.settings.data + "/campaign"), slots_(kOpenMax) {}
  Result<std::unique_ptr<Bench>> MakeBench() const;
  Result<const Bench*> TheBench();
  void ReadClosedRuns();
  Result<std::vector<labelling::LedgerEntry>> EntriesFor(
      const api::BenchGuest& guest);  // that hold and he may see
  std::string FolderOf(const std::string& run) const { return RunFolder(setup_.settings.data, run); }
  std::shared_ptr<LiveRun> FindOpen(const api::BenchGuest& guest, const std::string& run);
  bool MaySeeClosed(const api::BenchGuest& guest, const std::string& run);
  Result<std::shared_ptr<LiveRun>> Occupy(const api::BenchGuest& guest, const api::BenchOrder& order);
  void Release(const std::shared_ptr<LiveRun>& run);
  Status Conclude(LiveRun& run);  // on the run's hands

  Setup setup_;
  std::mutex bench_mutex_, judging_, evidence_mutex_;
  std::unique_ptr<Bench> bench_;  // made when it is first wanted
  CampaignDesk campaign_;
  std::mutex mutex_;              // over the slots' runs and the closed ones
  std::map<std::string, RunSummary> closed_;
  std::deque<Slot> slots_;
};

}  // namespace passerelle::app
