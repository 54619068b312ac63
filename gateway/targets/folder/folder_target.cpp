#include "gateway/targets/folder/folder_target.h"

#include <fcntl.h>
#include <unistd.h>

#include <cerrno>
#include <cstring>
#include <filesystem>

#include "gateway/targets/errors.h"

namespace passerelle::targets {
namespace {

namespace fs = std::filesystem;
constexpr std::size_t kNumberWidth = 12;  // so that names sort as numbers do

Status WriteDurably(const fs::path& file, net::Source& source) {
  auto failure = [&] {  // of the folder: what is stopped by one cause is shown as one
    return Error{errors::TargetUnwilling, file.parent_path().string() + ": " + std::strerror(errno)};
  };
  int descriptor = ::open(file.c_str(), O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0640);
  if (descriptor < 0) return failure();
  Status status = Ok();
  for (bool more = true; status && more;) {
    auto piece = source.Next();
    if (!piece) status = piece.error();
    more = piece && !piece->empty();
    for (std::string_view bytes = more ? *piece : std::string_view(); status && !bytes.empty();) {
      auto written = ::write(descriptor, bytes.data(), bytes.size());
      if (written < 0)
        status = failure();
      else
        bytes.remove_prefix(static_cast<std::size_t>(written));
    }
  }
  if (status && ::fsync(descriptor) != 0) status = failure();
  ::close(descriptor);
  return status;
}

class FolderTarget : public Target {
 public:
  explicit FolderTarget(TargetOptions options) : options_(std::move(options)), folder_(options_.url) {}
  std::size_t at_once_max() const override { return 1; }

  Awaitable<Verdict> Deliver(const pipeline::Delivery& delivery) override {
    std::string number = std::to_string(delivery.id);
    if (number.size() < kNumberWidth) number.insert(0, kNumberWidth - number.size(), '0');
    fs::path temporary = folder_ / ("." + number + ".part");
    auto source = OpenLarge(options_, delivery);
    if (!source) co_return VerdictOf(Say::Unwilling, source.error());
    if (*source == nullptr) *source = net::SourceOf(delivery.payload);
    if (auto written = WriteDurably(temporary, **source); !written)
      co_return VerdictOf(Say::Unwilling, written.error());
    std::error_code failed;
    bool hl7 = std::string_view(delivery.payload).starts_with("MSH");
    fs::rename(temporary, folder_ / (number + (hl7 ? ".hl7" : ".json")), failed);
    if (failed)
      co_return VerdictOf(Say::Unwilling,
                          Error{errors::TargetUnwilling, folder_.string() + ": " + failed.message()});
    co_return Verdict{Say::Taken, 0, {}};
  }

 private:
  const TargetOptions options_;
  const fs::path folder_;
};

}  // namespace

Result<std::unique_ptr<Target>> MakeFolderTarget(const TargetOptions& options) {
  std::error_code failed;
  std::filesystem::create_directories(options.url, failed);
  if (failed) return Error{errors::TargetUnusable, options.name + ": " + options.url + ": " + failed.message()};
  return std::unique_ptr<Target>(std::make_unique<FolderTarget>(options));
}

}  // namespace passerelle::targets
