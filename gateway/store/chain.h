#pragma once
// Chain: makes a table tamper-evident. Each row's hash is SHA-256 over the hash of the row before it and its
// own fields, each with its length in front; whoever changes, removes or inserts a row must change all that
// follow.

#include <cstdint>
#include <string>
#include <string_view>

#include "fhir_model/base/digest.h"
#include "gateway/store/sqlite.h"

namespace passerelle::store {

class ChainLink {
 public:
  explicit ChainLink(std::string_view previous_hash) { Add(previous_hash); }
  ChainLink& Add(std::string_view field);
  ChainLink& Add(std::int64_t number) { return Add(std::string_view(std::to_string(number))); }
  std::string Hash() const;  // 32 bytes

 private:
  std::string fields_;
};

// The hash of the last row of "message", "step" or "audit"; 32 zero bytes when it has none.
Result<std::string> LastHash(Database& database, std::string_view table);

// The hash of the row numbered `id`, else of the last one before it; 32 zero bytes where there is none.
Result<std::string> HashBefore(Database& database, std::string_view table, std::int64_t id);

// What a walk along a chain found.
struct ChainCheck {
  std::int64_t rows = 0;  // looked at
  std::int64_t last = 0;  // number of the last one
  std::int64_t broken_at =
      0;  // the first row that does not follow from the one before and its own fields; 0: none
};
// `rows` gives `columns` hashed fields, then the row's number, prev_hash and hash.
Result<ChainCheck> CheckChain(Query& rows, int columns, std::string previous);

}  // namespace passerelle::store
