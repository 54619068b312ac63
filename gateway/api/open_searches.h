#pragma once
// OpenSearches: searches whose further pages somebody may ask for. A page is named by an unguessable word, so
// that no identifier or name of a patient stands in its address (safety rule 19). Kept in memory for an hour;
// the oldest give way beyond a limit. Safe from any thread.

#include <chrono>
#include <cstddef>
#include <list>
#include <map>
#include <mutex>
#include <optional>
#include <string>
#include <string_view>

#include "gateway/api/query.h"

namespace passerelle::api {

struct OpenSearch {
  std::string caller;  // only who asked may go on
  std::string type;
  Parameters parameters;
};

class OpenSearches {
 public:
  using Time = std::chrono::system_clock::time_point;
  void Keep(std::string word, OpenSearch search, Time now);
  std::optional<OpenSearch> Find(std::string_view word, Time now) const;

 private:
  static constexpr std::size_t kSearchesMax = 20'000;
  static constexpr std::chrono::hours kLifetime{1};

  struct Kept {
    std::string word;
    OpenSearch search;
    Time until;
  };
  mutable std::mutex mutex_;
  std::list<Kept> oldest_first_;
  std::map<std::string, std::list<Kept>::iterator, std::less<>> by_word_;
};

}  // namespace passerelle::api
