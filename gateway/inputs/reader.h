#pragma once
// Reader: a frame's bytes as a Prepared, by the normaliser. All inputs share one; the tables behind it may be
// exchanged while messages are read: each message is read by the old ones or by the new ones. Safe from any thread.

#include <functional>
#include <memory>
#include <mutex>

#include "gateway/inputs/feed.h"
#include "gateway/pipeline/stages.h"
#include "mappers/normalise/normalise.h"

namespace passerelle::inputs {

class Reader {
 public:
  using Run = std::function<normalise::Normalised(std::string bytes, const normalise::Options& options)>;

  // `id_key` is the installation's secret for resource ids (safety rule 8).
  explicit Reader(std::string id_key) : id_key_(std::move(id_key)) {}

  // From now on; `digest` names the tables.
  void Use(Run run, std::string digest);
  std::string digest() const;

  // The bytes read as a message of that feed, in full.
  normalise::Normalised Normalise(std::string bytes, const Feed& feed) const;
  pipeline::Prepared Read(const pipeline::Frame& frame, const Feed& feed) const;

 private:
  normalise::Options OptionsFor(const Feed& feed, std::string scope, std::uint64_t size) const;
  normalise::Normalised Normalise(std::string bytes, const normalise::Options& options) const;
  Result<normalise::Normalised> NormaliseLarge(const pipeline::Spool& large, const std::string& abridged,
                                               normalise::Options options) const;

  const std::string id_key_;
  mutable std::mutex mutex_;
  std::shared_ptr<const Run> run_;
  std::string digest_;
};

}  // namespace passerelle::inputs
