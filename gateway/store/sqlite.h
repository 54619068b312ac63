#pragma once
// Database: one SQLite connection with its prepared statements, and Query: one use of a statement. Only the
// files of this room include it. A connection is for one thread at a time.

#include <cstdint>
#include <filesystem>
#include <memory>
#include <string>
#include <string_view>
#include <unordered_map>

#include "fhir_model/base/result.h"

struct sqlite3;
struct sqlite3_stmt;

namespace passerelle::store {

struct Blob {  // bytes to bind as they are
  std::string_view bytes;
};

class Database {
 public:
  enum class Mode { Write, Read };
  static Result<std::unique_ptr<Database>> Open(const std::filesystem::path& file, Mode mode);
  ~Database();
  Database(const Database&) = delete;
  Database& operator=(const Database&) = delete;

  // For pragmas and migrations: several statements, no values.
  Status Execute(const char* sql);
  std::int64_t last_row_id() const;
  int changes() const;
  bool in_transaction() const;
  sqlite3* handle() const { return handle_; }
  // What the last failed call of this connection was about, as a row of errors.def.
  Error LastError() const;

 private:
  friend class Query;
  explicit Database(sqlite3* handle) : handle_(handle) {}
  struct Cached {
    sqlite3_stmt* statement = nullptr;
    bool in_use = false;
  };
  sqlite3_stmt* Prepare(std::string_view sql);
  Cached* Borrow(std::string_view sql);  // nullptr: it is in use already, or wrong

  struct TextHash {
    using is_transparent = void;
    std::size_t operator()(std::string_view text) const { return std::hash<std::string_view>()(text); }
  };
  sqlite3* handle_;
  std::unordered_map<std::string, Cached, TextHash, std::equal_to<>> statements_;
};

// One run of a statement, its values bound in order. Text and blobs given are copied.
//
//     Query rows(db, "SELECT id FROM resource WHERE type = ?", type);
//     while (rows.Next()) Use(rows.Text(0));
//     CHECK_OK(rows.Ended());
class Query {
 public:
  template <class... Values>
  Query(Database& database, std::string_view sql, const Values&... values) : Query(database, sql, 0) {
    (Bind(values), ...);
  }
  ~Query();
  Query(const Query&) = delete;
  Query& operator=(const Query&) = delete;

  void Bind(std::int64_t value);
  void Bind(int value) { Bind(std::int64_t{value}); }
  void Bind(bool value) { Bind(std::int64_t{value}); }
  void Bind(double value);
  void Bind(std::string_view text);
  void Bind(const std::string& text) { Bind(std::string_view(text)); }
  void Bind(const char* text) { Bind(std::string_view(text)); }
  void Bind(Blob blob);
  void Bind(std::nullptr_t);

  bool Next();     // false at the end, and on an error
  Status Ended();  // the error that ended it, if one did
  Status Run();    // for statements without rows

  std::int64_t Int(int column) const;
  std::string_view Text(int column) const;  // valid until Next or the end
  std::string String(int column) const { return std::string(Text(column)); }
  bool IsNull(int column) const;

 private:
  Query(Database& database, std::string_view sql, int);

  Database& database_;
  Database::Cached* cached_;
  sqlite3_stmt* statement_;
  int bound_ = 0;
  int outcome_;
};

template <class... Values>
Status Run(Database& database, std::string_view sql, const Values&... values) {
  return Query(database, sql, values...).Run();
}

}  // namespace passerelle::store
