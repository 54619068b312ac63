#include "gateway/store/spooled_body.h"

#include <boost/asio/post.hpp>

#include "gateway/store/errors.h"
#include "gateway/store/suspend.h"

namespace passerelle::store {

namespace fs = std::filesystem;

namespace {

constexpr std::size_t kReadBytes = 256u << 10;
constexpr std::uint64_t kRoomInterval = 4u << 20;  // bytes written between two looks at the disk

}  // namespace

Result<std::unique_ptr<SpooledBody>> SpooledBody::Make(const SpoolPlace& place, std::uint64_t number) {
  std::unique_ptr<SpooledBody> made(
      new SpooledBody(place.folder / std::to_string(number), O_RDWR | O_CREAT | O_TRUNC, place));
  if (made->file_.number < 0) return Failure("creation of a spool file");
  return made;
}

Result<std::unique_ptr<SpooledBody>> SpooledBody::Open(const fs::path& file) {
  std::unique_ptr<SpooledBody> opened(new SpooledBody(file, O_RDONLY, {}));
  opened->name_.clear();
  if (opened->file_.number < 0) return Error{errors::StoreCorrupt, "the file of a body is missing"};
  for (;;) {
    TRY(auto bytes, opened->Read(opened->size_, kReadBytes));
    if (bytes.empty()) return opened;
    opened->Note(bytes);
  }
}

SpooledBody::~SpooledBody() {
  if (!name_.empty()) ::unlink(name_.c_str());
}

Status SpooledBody::CheckRoom() {
  if (size_ != 0 && size_ - room_checked_at_ < kRoomInterval) return Ok();
  room_checked_at_ = size_;
  std::error_code failed;
  auto space = fs::space(place_.folder, failed);
  if (!failed && space.available < (place_.free_mib_min << 20))
    return Error{errors::StoreFull, "free_mib_min"};
  return Ok();
}

void SpooledBody::Note(std::string_view bytes) {
  size_ += bytes.size();
  hash_.Add(bytes);
  abridger_.Add(bytes);
}

Status SpooledBody::Take(std::string_view bytes) {
  CHECK_OK(CheckRoom());
  CHECK_OK(WriteAll(file_.number, bytes));
  Note(bytes);
  return Ok();
}

Awaitable<Status> SpooledBody::Append(std::string_view bytes) {
  auto take = [&](Resume resume) {
    boost::asio::post(place_.files, [this, bytes, resume = std::move(resume)] { resume(Take(bytes)); });
  };
  co_return co_await Suspend(take);
}

std::string SpooledBody::End() {
  auto digest = hash_.Finish();
  sha256_.assign(reinterpret_cast<const char*>(digest.data()), digest.size());
  abridger_.End();
  return abridger_.TakeText();
}

Status SpooledBody::KeepIn(const Bodies& bodies) {
  if (name_.empty()) return Ok();  // it is a body already
  if (::fsync(file_.number) != 0) return Failure("sync of a body");
  std::string hex = Hex(sha256_);
  auto marker = place_.folder / hex;
  if (::rename(name_.c_str(), marker.c_str()) != 0) return Failure("naming of a body");
  name_.clear();
  return bodies.Link(hex, marker);
}

void SpooledBody::Kept() {
  if (!place_.folder.empty()) ::unlink((place_.folder / Hex(sha256_)).c_str());
}

Status DropLeftovers(const fs::path& folder, const Bodies& bodies,
                     const std::function<Result<bool>(std::string_view sha256)>& is_kept) {
  std::error_code failed;
  for (const auto& left : fs::directory_iterator(folder, failed)) {
    const std::string name = left.path().filename().string();
    if (auto sha256 = BytesOfHex(name); sha256 && sha256->size() == sizeof(Sha256Digest)) {
      TRY(bool kept, is_kept(*sha256));
      if (!kept) bodies.Drop(name);
    }
    ::unlink(left.path().c_str());
  }
  return Ok();
}

}  // namespace passerelle::store
