#include "gateway/store/sqlite.h"

#include <sqlite3.h>

#include "gateway/store/errors.h"
#include "gateway/store/log_file.h"

namespace passerelle::store {
namespace {

// Searches make statements of many shapes; beyond this number the cache starts anew.
constexpr std::size_t kStatementsMax = 512;

// SQLITE_FULL is ENOSPC too: the unix layer says so. What is about the medium stops the store, the rest is a
// fault of ours. The text never quotes values: SQLite's messages name tables and columns only.
Error ErrorOf(int code, std::string_view text) {
  std::string detail = "SQLite " + std::to_string(code) + ": " + std::string(text);
  switch (code & 0xFF) {
    case SQLITE_FULL: return {errors::StoreFull, detail};
    case SQLITE_IOERR: return {errors::StoreBroken, detail};
    case SQLITE_CORRUPT:
    case SQLITE_NOTADB: return {errors::StoreCorrupt, detail};
    default: return {errors::StoreFault, detail};
  }
}

}  // namespace

Result<std::unique_ptr<Database>> Database::Open(const std::filesystem::path& file, Mode mode) {
  // The library's own count of its memory is a mutex around every allocation. Said once, before its first use.
  static const int kUncounted = sqlite3_config(SQLITE_CONFIG_MEMSTATUS, 0);
  (void)kUncounted;
  sqlite3* handle = nullptr;
  int flags = SQLITE_OPEN_NOMUTEX | SQLITE_OPEN_EXRESCODE;
  flags |= mode == Mode::Write ? SQLITE_OPEN_READWRITE | SQLITE_OPEN_CREATE : SQLITE_OPEN_READONLY;
  int outcome = sqlite3_open_v2(file.c_str(), &handle, flags, mode == Mode::Write ? GatheringVfs() : nullptr);
  std::unique_ptr<Database> database(new Database(handle));
  if (outcome != SQLITE_OK) return Error{errors::StoreUnopenable, file.string() + ": " + sqlite3_errmsg(handle)};
  sqlite3_busy_timeout(handle, 5'000);
  CHECK_OK(
      database->Execute("PRAGMA foreign_keys = OFF; PRAGMA temp_store = MEMORY; PRAGMA cache_size = -16384;"
                        "PRAGMA trusted_schema = OFF"));
  if (mode == Mode::Write)
    CHECK_OK(
        database->Execute("PRAGMA page_size = 4096; PRAGMA journal_mode = WAL; PRAGMA synchronous = FULL;"
                          "PRAGMA wal_autocheckpoint = 0; PRAGMA journal_size_limit = 67108864"));
  return database;
}

Database::~Database() {
  for (auto& [sql, cached] : statements_) sqlite3_finalize(cached.statement);
  sqlite3_close(handle_);
}

Status Database::Execute(const char* sql) {
  if (sqlite3_exec(handle_, sql, nullptr, nullptr, nullptr) != SQLITE_OK) return LastError();
  return Ok();
}

std::int64_t Database::last_row_id() const { return sqlite3_last_insert_rowid(handle_); }
int Database::changes() const { return sqlite3_changes(handle_); }
bool Database::in_transaction() const { return sqlite3_get_autocommit(handle_) == 0; }
Error Database::LastError() const {
  return ErrorOf(sqlite3_extended_errcode(handle_), sqlite3_errmsg(handle_));
}

sqlite3_stmt* Database::Prepare(std::string_view sql) {
  sqlite3_stmt* statement = nullptr;
  sqlite3_prepare_v3(handle_, sql.data(), static_cast<int>(sql.size()), SQLITE_PREPARE_PERSISTENT, &statement,
                     nullptr);
  return statement;
}

Database::Cached* Database::Borrow(std::string_view sql) {
  auto it = statements_.find(sql);
  if (it == statements_.end()) {
    if (statements_.size() >= kStatementsMax)
      std::erase_if(statements_, [](auto& entry) {
        if (!entry.second.in_use) sqlite3_finalize(entry.second.statement);
        return !entry.second.in_use;
      });
    sqlite3_stmt* statement = Prepare(sql);
    if (statement == nullptr) return nullptr;
    it = statements_.emplace(sql, Cached{statement, false}).first;
  }
  if (it->second.in_use) return nullptr;
  it->second.in_use = true;
  return &it->second;
}

Query::Query(Database& database, std::string_view sql, int)
    : database_(database),
      cached_(database.Borrow(sql)),
      statement_(cached_ != nullptr ? cached_->statement : database.Prepare(sql)),
      outcome_(statement_ != nullptr ? SQLITE_OK : SQLITE_ERROR) {}

Query::~Query() {
  if (cached_ == nullptr) {
    sqlite3_finalize(statement_);
    return;
  }
  sqlite3_reset(statement_);
  sqlite3_clear_bindings(statement_);
  cached_->in_use = false;
}

void Query::Bind(std::int64_t value) { sqlite3_bind_int64(statement_, ++bound_, value); }
void Query::Bind(double value) { sqlite3_bind_double(statement_, ++bound_, value); }
void Query::Bind(std::nullptr_t) { sqlite3_bind_null(statement_, ++bound_); }
void Query::Bind(std::string_view text) {
  sqlite3_bind_text64(statement_, ++bound_, text.empty() ? "" : text.data(), text.size(), SQLITE_TRANSIENT,
                      SQLITE_UTF8);
}
void Query::Bind(Blob blob) {
  sqlite3_bind_blob64(statement_, ++bound_, blob.bytes.empty() ? "" : blob.bytes.data(), blob.bytes.size(),
                      SQLITE_TRANSIENT);
}

bool Query::Next() {
  if (statement_ == nullptr) return false;
  outcome_ = sqlite3_step(statement_);
  return outcome_ == SQLITE_ROW;
}

Status Query::Ended() {
  if (outcome_ == SQLITE_DONE || outcome_ == SQLITE_ROW || (outcome_ == SQLITE_OK && statement_)) return Ok();
  return database_.LastError();
}

Status Query::Run() {
  while (Next()) {}
  return Ended();
}

std::int64_t Query::Int(int column) const { return sqlite3_column_int64(statement_, column); }
std::string_view Query::Text(int column) const {
  const void* bytes = sqlite3_column_blob(statement_, column);  // as stored: text is UTF-8 already
  return {static_cast<const char*>(bytes),
          static_cast<std::size_t>(sqlite3_column_bytes(statement_, column))};
}
bool Query::IsNull(int column) const { return sqlite3_column_type(statement_, column) == SQLITE_NULL; }

}  // namespace passerelle::store
