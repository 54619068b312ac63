#include "gateway/store/sqlite_store.h"

#include <fcntl.h>
#include <sys/file.h>
#include <unistd.h>

#include <boost/asio/post.hpp>
#include <boost/asio/redirect_error.hpp>
#include <boost/asio/steady_timer.hpp>
#include <boost/asio/this_coro.hpp>
#include <boost/asio/thread_pool.hpp>
#include <boost/asio/use_awaitable.hpp>
#include <cerrno>
#include <cstring>

#include "fhir_model/base/digest.h"
#include "gateway/store/audit.h"
#include "gateway/store/errors.h"
#include "gateway/store/journal.h"
#include "gateway/store/rehearsal.h"
#include "gateway/store/schema.h"
#include "gateway/store/spooled_body.h"
#include "gateway/store/suspend.h"
#include "gateway/store/writer.h"

namespace passerelle::store {

namespace asio = boost::asio;
using pipeline::Frame;
using pipeline::Receipt;
using pipeline::Seq;

namespace {

constexpr std::size_t kIdleReadersMax = 8;
constexpr std::int64_t kTailRows = 1'000;  // of each chain, checked at every start

class FolderLock {
 public:
  explicit FolderLock(const std::filesystem::path& file)
      : file_(::open(file.c_str(), O_RDWR | O_CREAT | O_CLOEXEC, 0600)),
        trouble_(file_ < 0 ? errno : 0),
        held_(file_ >= 0 && ::flock(file_, LOCK_EX | LOCK_NB) == 0) {}
  ~FolderLock() {
    if (file_ >= 0) ::close(file_);
  }
  FolderLock(const FolderLock&) = delete;
  FolderLock& operator=(const FolderLock&) = delete;
  int trouble() const { return trouble_; }  // errno of opening it, or 0
  bool held() const { return held_; }

 private:
  int file_;
  int trouble_;
  bool held_;
};

}  // namespace

struct SqliteStore::Parts {
  StoreOptions options;
  FolderLock lock;
  Bodies bodies;
  std::unique_ptr<Database> database;
  Changes changes;
  std::unique_ptr<Writer> writer;
  std::mutex numbering;
  Seq next_seq = 1;
  asio::thread_pool files{2};  // writes and syncs large bodies
  std::atomic<std::uint64_t> spools = 0;  // made so far

  std::mutex readers_mutex;
  std::vector<std::unique_ptr<Database>> readers;  // idle

  explicit Parts(StoreOptions given)
      : options(std::move(given)), lock(options.folder / "lock"), bodies(options.folder / "bodies") {}
  ~Parts() { files.join(); }

  SpoolPlace Spool() { return {options.folder / "spool", options.free_mib_min, files.get_executor()}; }
  std::filesystem::path DatabaseFile() const { return options.folder / "passerelle.db"; }
  Session SessionOf(Database& connection) const {
    return {connection, bodies, options.clock, *options.indexer};
  }

  std::unique_ptr<Database> TakeReader() {
    {
      std::lock_guard guard(readers_mutex);
      if (!readers.empty()) {
        auto reader = std::move(readers.back());
        readers.pop_back();
        return reader;
      }
    }
    auto opened = Database::Open(DatabaseFile(), Database::Mode::Read);
    // Out of descriptors or memory: a connection without tables, on which every question is answered by an
    // error.
    if (!opened) opened = Database::Open(":memory:", Database::Mode::Read);
    return *std::move(opened);
  }
  void GiveBack(std::unique_ptr<Database> reader) {
    std::lock_guard guard(readers_mutex);
    if (readers.size() < kIdleReadersMax) readers.push_back(std::move(reader));
  }

  std::unique_ptr<pipeline::View> ViewOver(std::unique_ptr<Database> reader);

  Status SetUp();
  Status FixEnvironment();
  Status CheckTails();
};

namespace {

// A read transaction on a pooled connection, from construction to destruction.
class PooledView : public SqliteTransaction {
 public:
  using Return = std::function<void(std::unique_ptr<Database>)>;
  PooledView(std::unique_ptr<Database> connection, const Session& session, Return give_back)
      : SqliteTransaction(session), connection_(std::move(connection)), give_back_(std::move(give_back)) {
    (void)Run(*connection_, "BEGIN");
  }
  ~PooledView() override {
    (void)Run(*connection_, "COMMIT");
    give_back_(std::move(connection_));
  }

 private:
  std::unique_ptr<Database> connection_;
  Return give_back_;
};

Status FirstError(std::initializer_list<const Result<ChainCheck>*> checks) {
  for (const auto* check : checks) {
    if (!*check) return check->error();
    if ((*check)->broken_at != 0)
      return Error{errors::StoreCorrupt, "hash chain, row " + std::to_string((*check)->broken_at)};
  }
  return Ok();
}

Error Unopenable(const std::filesystem::path& folder, const std::string& why) {
  return {errors::StoreUnopenable, folder.string() + ": " + why};
}

Result<std::int64_t> TailStart(Database& database, std::string_view sql) {
  Query last(database, sql);
  if (!last.Next()) return database.LastError();
  return std::max<std::int64_t>(0, last.Int(0) - kTailRows);
}

Result<Seq> NextSeq(Database& database) {
  Query last(database, "SELECT coalesce(max(seq), 0) + 1 FROM message");
  if (!last.Next()) return database.LastError();
  return last.Int(0);
}

}  // namespace

std::unique_ptr<pipeline::View> SqliteStore::Parts::ViewOver(std::unique_ptr<Database> reader) {
  Session session = SessionOf(*reader);
  return std::make_unique<PooledView>(std::move(reader), session,
                                      [this](auto connection) { GiveBack(std::move(connection)); });
}

Status SqliteStore::Parts::FixEnvironment() {
  SqliteTransaction transaction(SessionOf(*database));
  TRY(auto known, transaction.Setting("environment"));
  if (!known) return transaction.SetSetting("environment", options.environment);
  if (*known != options.environment) return Error{errors::EnvironmentFixed, *known};
  return Ok();
}

Status SqliteStore::Parts::CheckTails() {
  Session session = SessionOf(*database);
  TRY(auto messages, TailStart(*database, "SELECT coalesce(max(seq), 0) FROM message"));
  TRY(auto steps, TailStart(*database, "SELECT coalesce(max(id), 0) FROM step"));
  TRY(auto audit, TailStart(*database, "SELECT coalesce(max(id), 0) FROM audit"));
  auto message_check = CheckMessageChain(session, messages, kTailRows);
  auto step_check = CheckStepChain(session, steps, kTailRows);
  auto audit_check = CheckAuditChain(session, audit, kTailRows);
  return FirstError({&message_check, &step_check, &audit_check});
}

Status SqliteStore::Parts::SetUp() {
  if (lock.trouble() != 0) return Unopenable(options.folder, std::strerror(lock.trouble()));
  if (!lock.held()) return Error{errors::StoreInUse, options.folder.string()};
  TRY(database, Database::Open(DatabaseFile(), Database::Mode::Write));
  CHECK_OK(Migrate(*database));
  CHECK_OK(FixEnvironment());
  CHECK_OK(CheckTails());
  CHECK_OK(SyncFolder(options.folder));
  TRY(next_seq, NextSeq(*database));
  Session session = SessionOf(*database);
  CHECK_OK(DropLeftovers(Spool().folder, bodies, [&](std::string_view sha256) { return IsKept(session, sha256); }));
  session.changes = &changes;
  writer = std::make_unique<Writer>(session,
                                    Writer::Limits{options.folder, options.free_mib_min, options.fail_stop});
  return Ok();
}

SqliteStore::SqliteStore(std::unique_ptr<Parts> parts) : parts_(std::move(parts)) {}
SqliteStore::~SqliteStore() = default;

Result<std::unique_ptr<SqliteStore>> SqliteStore::Open(StoreOptions options) {
  std::error_code failed;
  for (const char* folder : {"bodies", "spool"})
    if (!failed) std::filesystem::create_directories(options.folder / folder, failed);
  if (failed) return Unopenable(options.folder, failed.message());
  if (!options.indexer) options.indexer = MakeBuiltInIndexer();
  auto parts = std::make_unique<Parts>(std::move(options));
  CHECK_OK(parts->SetUp());
  return std::unique_ptr<SqliteStore>(new SqliteStore(std::move(parts)));
}

namespace {

// Its job runs on the writer; it is waited for on the executor that handed it over.
class HandedFrame : public pipeline::Keeping {
 public:
  HandedFrame(std::shared_ptr<const Frame> frame, asio::any_io_executor executor)
      : frame_(std::move(frame)), done_(std::move(executor), asio::steady_timer::time_point::max()) {}

  bool NeedsFile() const { return frame_->large != nullptr || frame_->bytes.size() > kInlineBytesMax; }
  void TakeHash() {
    Sha256Digest digest = Sha256(frame_->bytes);
    sha256_.assign(reinterpret_cast<const char*>(digest.data()), digest.size());
  }
  // Takes the hash too. A spool is ours: MakeSpool gave it.
  Status KeepInFile(const Bodies& bodies) {
    if (frame_->large != nullptr) {
      spooled_ = static_cast<SpooledBody*>(frame_->large.get());
      sha256_ = spooled_->sha256();
      return spooled_->KeepIn(bodies);
    }
    TakeHash();
    return bodies.Keep(Hex(sha256_), frame_->bytes);
  }

  static void Submit(std::shared_ptr<HandedFrame> self, Seq seq, pipeline::KeepWhen when, Writer& writer) {
    self->seq_ = seq;
    auto work = [self](pipeline::Transaction&, const Session& session) -> Status {
      self->is_new_ = false;
      TRY(self->receipt_, KeepFrame(session, self->seq_, *self->frame_, self->sha256_));
      self->is_new_ = !self->receipt_.repeat;
      return Ok();
    };
    auto done = [self](Status status) {
      if (!status) self->is_new_ = false;
      if (status && self->spooled_ != nullptr) self->spooled_->Kept();
      asio::post(self->done_.get_executor(), [self, status = std::move(status)]() mutable {
        self->ended_ = std::move(status);
        self->done_.cancel();
      });
    };
    writer.Keep({work, done, true}, seq, when);
  }

  Seq seq() const override { return seq_; }
  bool IsNew() const override { return is_new_; }
  Awaitable<Result<Receipt>> Done() override {
    boost::system::error_code ignored;
    while (!ended_) co_await done_.async_wait(asio::redirect_error(asio::use_awaitable, ignored));
    if (!*ended_) co_return ended_->error();
    co_return receipt_;
  }

 private:
  std::shared_ptr<const Frame> frame_;
  SpooledBody* spooled_ = nullptr;
  std::string sha256_;
  Seq seq_ = 0;
  Receipt receipt_;
  bool is_new_ = false;
  std::optional<Status> ended_;
  asio::steady_timer done_;
};

}  // namespace

Result<std::unique_ptr<pipeline::Spool>> SqliteStore::MakeSpool() {
  TRY(std::unique_ptr<pipeline::Spool> made, SpooledBody::Make(parts_->Spool(), ++parts_->spools));
  return made;
}

// The lambdas have names because g++ 12 mishandles temporaries with captures inside a co_await expression.
Awaitable<Result<std::shared_ptr<pipeline::Keeping>>> SqliteStore::Hand(std::shared_ptr<const Frame> frame,
                                                                       pipeline::KeepWhen when) {
  Parts& parts = *parts_;
  auto handed = std::make_shared<HandedFrame>(std::move(frame), co_await asio::this_coro::executor);
  auto keep = [&](Resume resume) {
    asio::post(parts.files, [&, resume = std::move(resume)] { resume(handed->KeepInFile(parts.bodies)); });
  };
  if (handed->NeedsFile()) {
    CO_CHECK_OK(co_await Suspend(keep));
  } else {
    handed->TakeHash();
  }
  std::lock_guard in_order(parts.numbering);  // numbers ascend in the order of writing
  HandedFrame::Submit(handed, parts.next_seq++, when, *parts.writer);
  co_return std::shared_ptr<pipeline::Keeping>(handed);
}

Awaitable<Status> SqliteStore::Write(pipeline::Work work, pipeline::Rerun rerun) {
  auto submit = [&](Resume resume) {
    auto run = [&work](pipeline::Transaction& transaction, const Session&) { return work(transaction); };
    parts_->writer->Submit({run, std::move(resume), rerun == pipeline::Rerun::Yes});
  };
  co_return co_await Suspend(submit);
}

std::unique_ptr<pipeline::Rehearsed> SqliteStore::Rehearse(const pipeline::Work& work) {
  // Asked before the view is opened: what is committed between the two counts as changed.
  const std::int64_t commit = parts_->changes.commits();
  auto reader = parts_->TakeReader();
  Session session = parts_->SessionOf(*reader);
  auto rehearsal = std::make_unique<Rehearsal>(parts_->ViewOver(std::move(reader)), session, commit);
  try {
    if (!work(*rehearsal)) return nullptr;
  } catch (const std::exception&) { return nullptr; }  // a bug: it shows where the work is done in turn
  rehearsal->End();
  return rehearsal;
}

Awaitable<Status> SqliteStore::WriteRehearsed(pipeline::Work work,
                                              std::unique_ptr<pipeline::Rehearsed> rehearsed,
                                              std::shared_ptr<const pipeline::Keeping> of,
                                              pipeline::Haste haste) {
  auto* rehearsal = static_cast<Rehearsal*>(rehearsed.get());
  auto submit = [&](Resume resume) {
    auto run = [&](pipeline::Transaction& transaction, const Session& session) -> Status {
      if (of != nullptr && !of->IsNew()) return Ok();
      bool holds = rehearsal != nullptr && rehearsal->Holds(*session.changes);
      return holds ? rehearsal->Play(transaction, session) : work(transaction);
    };
    parts_->writer->Submit({run, std::move(resume), true, haste, of != nullptr ? of->seq() : 0});
  };
  co_return co_await Suspend(submit);
}

std::unique_ptr<pipeline::View> SqliteStore::Read() { return parts_->ViewOver(parts_->TakeReader()); }

bool SqliteStore::Accepting() const { return parts_->writer->accepting(); }

void SqliteStore::SetPagesMax(std::int64_t pages) { parts_->writer->SetPagesMax(pages); }

Result<ChainReport> SqliteStore::VerifyChains() {
  auto reader = parts_->TakeReader();
  Session session = parts_->SessionOf(*reader);
  ChainReport report;
  TRY(report.messages, CheckMessageChain(session, 0, INT64_MAX));
  TRY(report.steps, CheckStepChain(session, 0, INT64_MAX));
  TRY(report.audit, CheckAuditChain(session, 0, INT64_MAX));
  parts_->GiveBack(std::move(reader));
  return report;
}

}  // namespace passerelle::store
