#include "gateway/inputs/folder/folder_watcher.h"

#include <algorithm>
#include <array>
#include <boost/asio/co_spawn.hpp>
#include <boost/asio/detached.hpp>
#include <boost/asio/redirect_error.hpp>
#include <boost/asio/use_awaitable.hpp>
#include <fstream>

#include "gateway/inputs/errors.h"

namespace passerelle::inputs {

namespace asio = boost::asio;
namespace fs = std::filesystem;
using pipeline::Frame;
using pipeline::Wholeness;

namespace {

constexpr std::array<std::string_view, 3> kPassedOver = {".part", ".tmp", ".labels"};
constexpr std::size_t kEvidenceBytes = 64 * 1024;  // of a file that is too large

bool IsForUs(const fs::directory_entry& entry) {
  std::error_code failed;
  std::string name = entry.path().filename();
  return entry.is_regular_file(failed) && !name.starts_with('.') &&
         std::none_of(kPassedOver.begin(), kPassedOver.end(), [&](auto end) { return name.ends_with(end); });
}

fs::path Beside(fs::path file, std::string_view ending) { return file += ending; }

template <class Work>
Awaitable<std::invoke_result_t<Work&>> On(asio::any_io_executor executor, Work& work) {
  auto run = [&work]() -> Awaitable<std::invoke_result_t<Work&>> { co_return work(); };
  co_return co_await asio::co_spawn(executor, run, asio::use_awaitable);
}

}  // namespace

Status FolderWatcher::Open() {
  for (auto sub : {"processed", "refused"}) {
    std::error_code failed;
    fs::create_directories(parts_.folder / sub, failed);
    if (failed) return Error{errors::FolderUnusable, failed.message(), {parts_.folder.string()}};
  }
  return Ok();
}

void FolderWatcher::Start() { asio::co_spawn(parts_.network, Watch(), asio::detached); }

void FolderWatcher::Stop() {
  stopping_ = true;
  timer_.cancel();
}

Awaitable<void> FolderWatcher::Watch() {
  while (!stopping_) {
    busy_ = true;
    auto list = [this] { return List(); };
    for (const auto& file : co_await On(parts_.workers, list)) {
      if (stopping_ || !parts_.pipeline.Accepting()) break;
      if (!co_await TakeOne(file)) break;
    }
    busy_ = false;
    if (stopping_) co_return;
    boost::system::error_code ignored;
    timer_.expires_after(parts_.interval);
    co_await timer_.async_wait(asio::redirect_error(asio::use_awaitable, ignored));
  }
}

// Oldest first, then by name.
std::vector<fs::path> FolderWatcher::List() const {
  std::vector<std::pair<fs::file_time_type, fs::path>> found;
  std::error_code failed;
  for (const auto& entry : fs::directory_iterator(parts_.folder, failed))
    if (IsForUs(entry)) found.emplace_back(entry.last_write_time(failed), entry.path());
  std::sort(found.begin(), found.end());
  std::vector<fs::path> files;
  for (auto& [time, file] : found) files.push_back(std::move(file));
  return files;
}

FolderWatcher::Found FolderWatcher::Read(const fs::path& file) const {
  Found found{file, {}, {}, false};
  std::error_code failed;
  found.too_large = fs::file_size(file, failed) > parts_.file_bytes_max;
  std::ifstream in(file, std::ios::binary);
  found.bytes.resize(found.too_large ? kEvidenceBytes
                                     : static_cast<std::size_t>(fs::file_size(file, failed)));
  in.read(found.bytes.data(), std::ssize(found.bytes));
  if (!in) found.bytes.clear();
  std::ifstream labels(Beside(file, ".labels"));
  for (std::string label; labels >> label;) found.labels.push_back(label);
  return found;
}

// False when the store has trouble: the file stays and is tried again.
Awaitable<bool> FolderWatcher::TakeOne(fs::path file) {
  auto read = [&] { return Read(file); };
  Found found = co_await On(parts_.workers, read);
  if (found.bytes.empty()) co_return true;  // gone again, or not readable yet
  Frame frame;
  frame.feed = frame.sender = parts_.name;
  frame.labels = std::move(found.labels);
  frame.peer.loopback = true;
  frame.bytes = std::move(found.bytes);
  frame.wholeness = found.too_large ? Wholeness::Beginning : Wholeness::Whole;
  frame.received = parts_.now();
  auto reply = co_await parts_.pipeline.Process(std::move(frame));
  if (reply.trouble) co_return false;
  bool accepted = reply.answer.http_status < 300;
  auto move_away = [&] {
    MoveAway(file, accepted, reply.answer.bytes);
    return true;
  };
  co_return co_await On(parts_.workers, move_away);
}

void FolderWatcher::MoveAway(const fs::path& file, bool accepted, const std::string& outcome) const {
  fs::path to = parts_.folder / (accepted ? "processed" : "refused") / file.filename();
  std::error_code failed;
  if (!accepted) std::ofstream(Beside(to, ".outcome.json"), std::ios::binary) << outcome;
  fs::rename(Beside(file, ".labels"), Beside(to, ".labels"), failed);
  fs::rename(file, to, failed);
}

}  // namespace passerelle::inputs
