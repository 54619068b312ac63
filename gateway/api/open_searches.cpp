#include "gateway/api/open_searches.h"

namespace passerelle::api {

void OpenSearches::Keep(std::string word, OpenSearch search, Time now) {
  std::lock_guard guard(mutex_);
  while (!oldest_first_.empty() &&
         (oldest_first_.size() >= kSearchesMax || oldest_first_.front().until < now)) {
    by_word_.erase(oldest_first_.front().word);
    oldest_first_.pop_front();
  }
  oldest_first_.push_back({word, std::move(search), now + kLifetime});
  by_word_[std::move(word)] = std::prev(oldest_first_.end());
}

std::optional<OpenSearch> OpenSearches::Find(std::string_view word, Time now) const {
  std::lock_guard guard(mutex_);
  auto it = by_word_.find(word);
  if (it == by_word_.end() || it->second->until < now) return std::nullopt;
  return it->second->search;
}

}  // namespace passerelle::api
