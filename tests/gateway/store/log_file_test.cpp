// The log that is written in long pieces (gateway/store/log_file.h): what is read, by whom, and what a crash
// finds.
#include <catch2/catch.hpp>
#include <filesystem>
#include <string>

#include "tests/gateway/store/fixture.h"

namespace {

using passerelle::store::Database;
using passerelle::store::Query;
using passerelle::store::Run;
using passerelle::store::TemporaryFolder;

constexpr int kRows =
    2'000;  // of 2 kB: more than one piece of the log, and more than the pages kept in memory

std::unique_ptr<Database> Opened(const std::filesystem::path& file, Database::Mode mode) {
  auto database = Database::Open(file, mode);
  REQUIRE(database);
  return *std::move(database);
}

void Fill(Database& database, int from, int to) {
  for (int i = from; i < to; ++i)
    REQUIRE(Run(database, "INSERT INTO t (k, v) VALUES (?, ?)", i,
                std::string(2'000, static_cast<char>('a' + i % 26))));
}

std::string Summary(Database& database) {
  Query rows(database, "SELECT count(*) || ' ' || coalesce(sum(unicode(v) * k), 0) FROM t");
  REQUIRE(rows.Next());
  return rows.String(0);
}

std::string Check(Database& database) {
  Query rows(database, "PRAGMA integrity_check");
  REQUIRE(rows.Next());
  return rows.String(0);
}

std::string Expected(int rows) {
  std::int64_t sum = 0;
  for (std::int64_t i = 0; i < rows; ++i) sum += ('a' + i % 26) * i;
  return std::to_string(rows) + " " + std::to_string(sum);
}

}  // namespace

TEST_CASE("a long transaction reads back its own pages, and others see them only once they are committed") {
  TemporaryFolder folder;
  auto writer = Opened(folder.path / "a.db", Database::Mode::Write);
  REQUIRE(writer->Execute("PRAGMA cache_size = 20; CREATE TABLE t (k INTEGER PRIMARY KEY, v TEXT)"));
  auto reader = Opened(folder.path / "a.db", Database::Mode::Read);

  REQUIRE(writer->Execute("BEGIN IMMEDIATE"));
  Fill(*writer, 0, kRows);
  CHECK(Summary(*writer) == Expected(kRows));
  CHECK(Summary(*reader) == "0 0");
  REQUIRE(writer->Execute("COMMIT"));
  CHECK(Summary(*reader) == Expected(kRows));

  REQUIRE(writer->Execute("BEGIN IMMEDIATE"));
  Fill(*writer, kRows, 2 * kRows);
  REQUIRE(writer->Execute("ROLLBACK"));
  CHECK(Summary(*writer) == Expected(kRows));
  CHECK(Summary(*reader) == Expected(kRows));
  CHECK(Check(*writer) == "ok");
}

TEST_CASE("what is committed is in the files, whatever becomes of the process") {
  TemporaryFolder folder, crashed;
  auto writer = Opened(folder.path / "a.db", Database::Mode::Write);
  REQUIRE(writer->Execute("CREATE TABLE t (k INTEGER PRIMARY KEY, v TEXT)"));
  for (int i = 0; i < 20; ++i) {
    REQUIRE(writer->Execute("BEGIN IMMEDIATE"));
    Fill(*writer, 100 * i, 100 * (i + 1));
    REQUIRE(writer->Execute("COMMIT"));
    for (const char* name : {"a.db", "a.db-wal"})
      std::filesystem::copy_file(folder.path / name, crashed.path / name,
                                 std::filesystem::copy_options::overwrite_existing);
    std::filesystem::remove(crashed.path / "a.db-shm");
    auto found = Opened(crashed.path / "a.db", Database::Mode::Write);
    CHECK(Summary(*found) == Expected(100 * (i + 1)));
    CHECK(Check(*found) == "ok");
  }
}
