#include "gateway/store/writer.h"

#include <fcntl.h>
#include <sqlite3.h>
#include <unistd.h>

#include <algorithm>
#include <chrono>
#include <exception>

#include "fhir_model/base/errors.h"
#include "gateway/store/errors.h"

namespace passerelle::store {
namespace {

constexpr std::size_t kBatchMax = 512;    // pieces of work in one commit: bounds the wait of the first
constexpr std::size_t kUnhurriedMax = 32;  // without haste: bounds the wait of whoever comes meanwhile
constexpr int kCheckpointFrames = 12'000;  // 48 MiB of journal
// Long enough for nearly every message to be thought about, short enough that whatever hangs there is on disk.
constexpr auto kKeepingWaitMax = std::chrono::milliseconds(20);
constexpr auto kWatchInterval = std::chrono::seconds(1);
constexpr off_t kProbeBytes = 1 << 20;

}  // namespace

Writer::Writer(const Session& session, Limits limits)
    : session_(session), transaction_(session), limits_(std::move(limits)) {
  sqlite3_wal_hook(
      session_.database.handle(),
      [](void* self, sqlite3*, const char*, int frames) {
        static_cast<Writer*>(self)->wal_frames_ = frames;
        return SQLITE_OK;
      },
      this);
  WatchSpace();
  thread_ = std::thread([this] { Loop(); });
}

Writer::~Writer() {
  {
    std::lock_guard lock(mutex_);
    ending_ = true;
  }
  wake_.notify_one();
  thread_.join();
}

void Writer::Submit(Job job) {
  {
    std::lock_guard lock(mutex_);
    auto& queue = job.haste == pipeline::Haste::Yes ? queue_ : unhurried_;
    called_ = std::max(called_, job.decides);
    queue.push_back(std::move(job));
  }
  wake_.notify_one();
}

void Writer::Keep(Job job, pipeline::Seq seq, pipeline::KeepWhen when) {
  {
    std::lock_guard lock(mutex_);
    held_.push_back({std::move(job), seq, std::chrono::steady_clock::now() + kKeepingWaitMax});
    if (when == pipeline::KeepWhen::AtOnce) called_ = std::max(called_, seq);
    // The first one's time is waited for already.
    if (when == pipeline::KeepWhen::WithDecision && held_.size() > 1) return;
  }
  wake_.notify_one();
}

// Until there is something to write, or nothing came for a while.
void Writer::AwaitWork(std::unique_lock<std::mutex>& lock) {
  const auto watch = std::chrono::steady_clock::now() + kWatchInterval;
  auto called = [this] { return !held_.empty() && held_.front().seq <= called_; };
  while (!ending_ && queue_.empty() && unhurried_.empty() && !called()) {
    auto until = held_.empty() ? watch : std::min(watch, held_.front().until);
    if (wake_.wait_until(lock, until) == std::cv_status::timeout) return;
  }
}

// What is queued, up to a limit; empty when nothing came for a while, or at the end.
std::deque<Writer::Job> Writer::TakeBatch() {
  std::unique_lock lock(mutex_);
  AwaitWork(lock);
  std::deque<Job> batch;
  auto due = [this, now = std::chrono::steady_clock::now()](const Held& held) {
    return ending_ || held.seq <= called_ || held.until <= now;
  };
  for (; !held_.empty() && due(held_.front()); held_.pop_front()) batch.push_back(std::move(held_.front().job));
  auto take = [&batch](std::deque<Job>& queue, std::size_t count_max) {
    for (; count_max > 0 && !queue.empty(); --count_max) {
      batch.push_back(std::move(queue.front()));
      queue.pop_front();
    }
  };
  take(queue_, kBatchMax);
  take(unhurried_, batch.empty() ? kUnhurriedMax : 1);
  return batch;
}

void Writer::Loop() {
  auto watched = std::chrono::steady_clock::now();
  for (;;) {
    auto batch = TakeBatch();
    bool idle = batch.empty();
    if (idle && ending_) break;
    if (!idle) RunBatch(batch);
    Checkpoint(idle ? 1 : kCheckpointFrames);
    if (auto now = std::chrono::steady_clock::now(); now - watched >= kWatchInterval || full_) {
      watched = now;
      WatchSpace();
    }
  }
  Checkpoint(1);
}

// A piece that fails is rolled back alone, unless the failure took the whole transaction with it.
Status Writer::RunOne(const Job& job, bool apart) {
  Database& db = session_.database;
  if (apart) CHECK_OK(Run(db, "SAVEPOINT piece"));
  Status status = Ok();
  try {
    status = job.work(transaction_, session_);
  } catch (const std::exception& exception) { status = Error{errors::InternalFault, exception.what()}; }
  if (!apart || !db.in_transaction()) return status;
  if (!status) CHECK_OK(Run(db, "ROLLBACK TO piece"));
  CHECK_OK(Run(db, "RELEASE piece"));
  return status;
}

Status Writer::RunJobs(std::deque<Job>& batch, std::vector<Status>& results, bool apart) {
  Database& db = session_.database;
  CHECK_OK(Run(db, "BEGIN IMMEDIATE"));
  bool any = false;
  for (const auto& job : batch) {
    Status status = RunOne(job, apart);
    const ErrorInfo* info = status ? nullptr : status.error().info;
    bool medium = info == &errors::StoreFull || info == &errors::StoreBroken;
    if (medium || !db.in_transaction()) {
      if (db.in_transaction()) (void)Run(db, "ROLLBACK");
      return status ? Status(Error{errors::StoreFault, "the transaction ended"}) : status;
    }
    if (!status && !apart && batch.size() > 1) {
      CHECK_OK(Run(db, "ROLLBACK"));
      results.clear();
      return RunJobs(batch, results, true);
    }
    any = any || status.has_value();
    results.push_back(std::move(status));
  }
  Status ended = Run(db, any ? "COMMIT" : "ROLLBACK");
  if (!ended && db.in_transaction()) (void)Run(db, "ROLLBACK");
  if (ended && any && session_.changes != nullptr) session_.changes->Committed();
  return ended;
}

void Writer::RunBatch(std::deque<Job>& batch) {
  if (auto pages = pages_max_.exchange(0); pages > 0)
    (void)session_.database.Execute(("PRAGMA max_page_count = " + std::to_string(pages)).c_str());
  std::vector<Status> results;
  results.reserve(batch.size());
  // A savepoint keeps a copy of every page that is touched under it.
  bool apart = batch.size() > 1 &&
               !std::all_of(batch.begin(), batch.end(), [](const Job& job) { return job.rerunnable; });
  Status ended = broken_ ? Status(*broken_) : RunJobs(batch, results, apart);
  if (!ended) Trouble(ended.error());
  for (std::size_t i = 0; i < batch.size(); ++i)
    batch[i].done(ended ? std::move(results[i]) : Status(ended.error()));
}

void Writer::Trouble(const Error& error) {
  if (error.info == &errors::StoreFull) {
    full_ = true;
    accepting_ = false;
  } else if (error.info == &errors::StoreBroken || error.info == &errors::StoreCorrupt) {
    Stop(error);
  }
}

void Writer::Stop(const Error& error) {
  if (broken_) return;
  broken_ = Error{errors::StoreBroken, error.detail};
  accepting_ = false;
  if (limits_.fail_stop) limits_.fail_stop(*broken_);
}

// We checkpoint ourselves, because SQLite's own way hides the errors of it.
void Writer::Checkpoint(int frames_min) {
  if (wal_frames_ < frames_min || broken_) return;
  int in_log = 0, done = 0;
  int outcome = sqlite3_wal_checkpoint_v2(session_.database.handle(), nullptr, SQLITE_CHECKPOINT_PASSIVE,
                                          &in_log, &done);
  if (outcome == SQLITE_OK)
    wal_frames_ = in_log - done;  // what readers still hold back waits for the next time
  if (outcome != SQLITE_OK && (outcome & 0xFF) != SQLITE_BUSY) Trouble(session_.database.LastError());
}

namespace {

// Whether the disk gives a MiB: asked with a file, because SQLite's own pages wait in memory until they are
// committed.
bool DiskGives(const std::filesystem::path& folder) {
  auto probe = folder / "space-probe";
  int file = ::open(probe.c_str(), O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0600);
  if (file < 0) return false;
  bool given = ::posix_fallocate(file, 0, kProbeBytes) == 0;
  ::close(file);
  ::unlink(probe.c_str());
  return given;
}

}  // namespace

// After a full disk: is there room again? The insert is never committed.
bool Writer::HasSpace() {
  if (!DiskGives(limits_.folder)) return false;
  Database& db = session_.database;
  if (auto pages = pages_max_.exchange(0); pages > 0)
    (void)db.Execute(("PRAGMA max_page_count = " + std::to_string(pages)).c_str());
  if (!Run(db, "BEGIN IMMEDIATE")) return false;
  Status tried = Run(db, "INSERT INTO body (seq, bytes) VALUES (-1, zeroblob(262144))");
  if (db.in_transaction()) (void)Run(db, "ROLLBACK");
  return tried.has_value();
}

void Writer::WatchSpace() {
  if (broken_) return;
  std::error_code failed;
  auto space = std::filesystem::space(limits_.folder, failed);
  bool low = !failed && space.available < (limits_.free_mib_min << 20);
  if (full_ && !low) full_ = !HasSpace();
  accepting_ = !low && !full_;
}

}  // namespace passerelle::store
