#pragma once
// SqliteStore: the data folder of an installation as a pipeline::Store. In the folder: `passerelle.db` with its WAL,
// `bodies/` with large messages, `spool/` with those still coming, `lock`. One process uses a folder at a time.

#include <filesystem>
#include <functional>
#include <memory>
#include <string>

#include "gateway/pipeline/store.h"
#include "gateway/store/chain.h"
#include "gateway/store/clock.h"
#include "gateway/store/index.h"

namespace passerelle::store {

struct StoreOptions {
  std::filesystem::path folder;
  std::string environment =
      "test";  // or "production"; a folder keeps the one it was made with (safety rule 10)
  Clock clock;
  // Called once, on the writer's thread, when the disk did not confirm a write: the process should end (code
  // 74).
  std::function<void(const Error&)> fail_stop;
  std::unique_ptr<Indexer> indexer;  // nullptr: MakeBuiltInIndexer()
  std::uint64_t free_mib_min = 256;  // below it the store does not accept
};

struct ChainReport {
  ChainCheck messages, steps, audit;
  bool sound() const { return messages.broken_at == 0 && steps.broken_at == 0 && audit.broken_at == 0; }
};

class SqliteStore : public pipeline::Store {
 public:
  // Makes the folder where there is none. Refuses the other environment, a folder in use, a newer schema, and
  // a file whose last rows do not follow from each other.
  static Result<std::unique_ptr<SqliteStore>> Open(StoreOptions options);
  ~SqliteStore() override;

  Result<std::unique_ptr<pipeline::Spool>> MakeSpool() override;
  Awaitable<Result<std::shared_ptr<pipeline::Keeping>>> Hand(
      std::shared_ptr<const pipeline::Frame> frame, pipeline::KeepWhen when) override;
  Awaitable<Status> Write(pipeline::Work work, pipeline::Rerun rerun = pipeline::Rerun::No) override;
  std::unique_ptr<pipeline::Rehearsed> Rehearse(const pipeline::Work& work) override;
  Awaitable<Status> WriteRehearsed(pipeline::Work work, std::unique_ptr<pipeline::Rehearsed> rehearsed,
                                   std::shared_ptr<const pipeline::Keeping> of, pipeline::Haste haste) override;
  std::unique_ptr<pipeline::View> Read() override;
  bool Accepting() const override;

  // Walks all hash chains, and says the first broken row of each.
  Result<ChainReport> VerifyChains();

  // For tests of the full disk: SQLite's own limit, in pages of 4 KiB, from the next piece of work on.
  void SetPagesMax(std::int64_t pages);

 private:
  struct Parts;
  explicit SqliteStore(std::unique_ptr<Parts> parts);
  std::unique_ptr<Parts> parts_;
};

}  // namespace passerelle::store
