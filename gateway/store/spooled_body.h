#pragma once
// SpooledBody: a pipeline::Spool as a file below `spool/`, which becomes a body (bodies.h) when its message
// is kept.
//
// Until the row that names it is committed, a second name of the file stands in `spool/`: its hash. So a
// process that dies in between leaves no body that nobody knows of (DropLeftovers).

#include <boost/asio/any_io_executor.hpp>
#include <filesystem>
#include <functional>
#include <memory>

#include "gateway/pipeline/spool.h"
#include "gateway/store/bodies.h"
#include "gateway/store/file.h"

namespace passerelle::store {

struct SpoolPlace {
  std::filesystem::path folder;
  std::uint64_t free_mib_min = 0;
  boost::asio::any_io_executor files;  // where it is written and hashed
};

class SpooledBody : public pipeline::Spool {
 public:
  // `number` is the file's name until it is kept.
  static Result<std::unique_ptr<SpooledBody>> Make(const SpoolPlace& place, std::uint64_t number);
  // A body that was kept, read through once.
  static Result<std::unique_ptr<SpooledBody>> Open(const std::filesystem::path& file);
  ~SpooledBody() override;

  Awaitable<Status> Append(std::string_view bytes) override;
  std::string End() override;
  std::uint64_t size() const override { return size_; }
  std::string_view sha256() const override { return sha256_; }
  const std::vector<LongBase64>& values() const override { return abridger_.values(); }
  bool faithful() const override { return abridger_.faithful(); }
  Result<std::string> Read(std::uint64_t offset, std::size_t size) const override {
    return ReadAt(file_.number, offset, size);
  }

  // Synced, and named as a body: a row that names it may be committed.
  Status KeepIn(const Bodies& bodies);
  // Such a row was committed.
  void Kept();

 private:
  SpooledBody(const std::filesystem::path& file, int flags, SpoolPlace place)
      : file_(file.c_str(), flags), name_(file), place_(std::move(place)) {}
  Status Take(std::string_view bytes);
  void Note(std::string_view bytes);
  Status CheckRoom();

  File file_;
  std::filesystem::path name_;  // empty: it is not ours to remove
  SpoolPlace place_;
  std::uint64_t size_ = 0, room_checked_at_ = 0;
  Sha256Stream hash_;
  std::string sha256_;
  Abridger abridger_;
};

// What a process that died left in `folder`: messages that never ended, and bodies that no row names.
// `is_kept` is asked by the hash (32 bytes).
Status DropLeftovers(const std::filesystem::path& folder, const Bodies& bodies,
                     const std::function<Result<bool>(std::string_view sha256)>& is_kept);

}  // namespace passerelle::store
