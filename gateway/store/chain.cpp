#include "gateway/store/chain.h"

namespace passerelle::store {

ChainLink& ChainLink::Add(std::string_view field) {
  fields_ += std::to_string(field.size());
  fields_ += ':';
  fields_ += field;
  return *this;
}

std::string ChainLink::Hash() const {
  Sha256Digest digest = Sha256(fields_);
  return {reinterpret_cast<const char*>(digest.data()), digest.size()};
}

namespace {

Result<std::string> HashOr(Query& row) {
  if (row.Next()) return row.String(0);
  CHECK_OK(row.Ended());
  return std::string(32, '\0');
}

std::string KeyOf(std::string_view table) { return table == "message" ? "seq" : "id"; }

}  // namespace

Result<std::string> LastHash(Database& database, std::string_view table) {
  std::string_view sql = table == "message" ? "SELECT hash FROM message ORDER BY seq DESC LIMIT 1"
                         : table == "step"  ? "SELECT hash FROM step ORDER BY id DESC LIMIT 1"
                                            : "SELECT hash FROM audit ORDER BY id DESC LIMIT 1";
  Query row(database, sql);
  return HashOr(row);
}

Result<std::string> HashBefore(Database& database, std::string_view table, std::int64_t id) {
  std::string key = KeyOf(table);
  Query row(
      database,
      "SELECT hash FROM " + std::string(table) + " WHERE " + key + " <= ? ORDER BY " + key + " DESC LIMIT 1",
      id);
  return HashOr(row);
}

Result<ChainCheck> CheckChain(Query& rows, int columns, std::string previous) {
  ChainCheck check;
  while (rows.Next()) {
    ++check.rows;
    check.last = rows.Int(columns);
    ChainLink link(previous);
    for (int i = 0; i < columns; ++i) link.Add(rows.Text(i));
    bool follows = rows.Text(columns + 1) == previous && rows.Text(columns + 2) == link.Hash();
    if (!follows) {
      check.broken_at = check.last;
      return check;
    }
    previous = rows.String(columns + 2);
  }
  CHECK_OK(rows.Ended());
  return check;
}

}  // namespace passerelle::store
