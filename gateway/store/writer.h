#pragma once
// Writer: the one thread that changes the database. Whatever is queued when it looks goes into one
// transaction; then one durable commit for all; then each piece is told. A piece that fails is rolled back
// alone: each has a savepoint of its own, or, where all may be run again, they are run once more apart. It
// never waits for more work to come, so alone a piece pays one sync, and under load many share one; only a
// message that is being thought about is kept together with what is decided about it. Pieces without haste
// fill the commits that nobody waits for; beside others one goes along: they never stand still.
//
// Full disk: the whole transaction is rolled back, every piece of it fails with StoreFull, and `accepting` is
// false until there is space again. A write or sync that the disk does not confirm stops the writer for good
// (the pages may be marked clean after a failed fsync: trying again would lie) and calls `fail_stop` once.

#include <atomic>
#include <chrono>
#include <condition_variable>
#include <deque>
#include <functional>
#include <mutex>
#include <thread>

#include "gateway/store/session.h"
#include "gateway/store/transaction.h"

namespace passerelle::store {

class Writer {
 public:
  struct Job {
    std::function<Status(pipeline::Transaction&, const Session&)> work;
    std::function<void(Status)> done;  // on the writer's thread, after the commit
    bool rerunnable = false;
    pipeline::Haste haste = pipeline::Haste::Yes;
    pipeline::Seq decides = 0;  // the message whose keeping must be written before it
  };
  struct Limits {
    std::filesystem::path folder;  // whose disk is watched
    std::uint64_t free_mib_min;
    std::function<void(const Error&)> fail_stop;
  };

  Writer(const Session& session, Limits limits);
  ~Writer();  // commits what is queued

  void Submit(Job job);
  // A message to keep, in the order of the numbers. One whose decision is under way waits for it, to share its commit,
  // but no longer than kKeepingWaitMax (writer.cpp).
  void Keep(Job job, pipeline::Seq seq, pipeline::KeepWhen when);
  bool accepting() const { return accepting_; }
  // Tests of the full disk: SQLite's own limit on pages, set before the next piece of work.
  void SetPagesMax(std::int64_t pages) { pages_max_ = pages; }

 private:
  struct Held {
    Job job;
    pipeline::Seq seq;
    std::chrono::steady_clock::time_point until;
  };

  void Loop();
  void AwaitWork(std::unique_lock<std::mutex>& lock);
  std::deque<Job> TakeBatch();
  void RunBatch(std::deque<Job>& batch);
  Status RunJobs(std::deque<Job>& batch, std::vector<Status>& results, bool apart);
  Status RunOne(const Job& job, bool apart);
  void Checkpoint(int frames_min);
  void WatchSpace();
  bool HasSpace();
  void Stop(const Error& error);
  void Trouble(const Error& error);

  Session session_;
  SqliteTransaction transaction_;
  Limits limits_;
  std::atomic<bool> accepting_{true};
  std::atomic<std::int64_t> pages_max_{0};
  bool full_ = false;
  std::optional<Error> broken_;
  int wal_frames_ = 0;

  std::mutex mutex_;
  std::condition_variable wake_;
  std::deque<Job> queue_, unhurried_;
  std::deque<Held> held_;
  pipeline::Seq called_ = 0;  // what is held up to this number is called for
  bool ending_ = false;
  std::thread thread_;
};

}  // namespace passerelle::store
