#include "gateway/app/evidence_folder.h"

#include <fcntl.h>
#include <sys/file.h>
#include <unistd.h>

#include <algorithm>
#include <filesystem>

#include "fhir_model/base/digest.h"
#include "fhir_model/base/errors.h"
#include "gateway/app/command.h"
#include "gateway/labelling/errors.h"
#include "gateway/labelling/label.h"

namespace passerelle::app {
namespace {

namespace fs = std::filesystem;

const std::string kRevocations = "revoked.jws";

// An open file that is closed, and with that unlocked, at the end.
class File {
 public:
  File(const std::string& path, int flags, int mode)
      : descriptor_(::open(path.c_str(), flags | O_CLOEXEC, mode)) {}
  ~File() {
    if (descriptor_ >= 0) ::close(descriptor_);
  }
  File(const File&) = delete;
  File& operator=(const File&) = delete;

  bool Lock() { return descriptor_ >= 0 && ::flock(descriptor_, LOCK_EX) == 0; }
  // All of it and on the disk; else the file is as it was.
  bool Add(std::string_view text) {
    auto before = descriptor_ < 0 ? -1 : ::lseek(descriptor_, 0, SEEK_END);
    if (before < 0) return false;
    if (::write(descriptor_, text.data(), text.size()) == std::ssize(text) && ::fsync(descriptor_) == 0)
      return true;
    [[maybe_unused]] int undone = ::ftruncate(descriptor_, before);
    return false;
  }

 private:
  int descriptor_;
};

File LockOf(const std::string& folder) { return {folder + "/ledger.lock", O_RDWR | O_CREAT, 0644}; }

Status WriteWhole(const std::string& path, std::string_view text, int mode) {
  auto temporary = path + ".part";
  bool written = File(temporary, O_WRONLY | O_CREAT | O_TRUNC, mode).Add(text);
  if (!written || ::rename(temporary.c_str(), path.c_str()) != 0) return Error{errors::FileUnwritable, path};
  return Ok();
}

}  // namespace

Result<EvidenceFolder> EvidenceFolder::Open(const std::string& folder) {
  std::error_code none;
  fs::create_directories(folder, none);
  File lock(LockOf(folder));  // several runs may open a new folder at once
  if (!lock.Lock()) return Error{errors::FileUnwritable, folder};
  std::string key_file = folder + "/bench-key";
  if (!fs::exists(key_file, none)) {
    TRY(auto made, SigningKey::Generate());
    CHECK_OK(WriteWhole(key_file, EncodeBase64Url(made.seed()), 0600));
    CHECK_OK(WriteWhole(folder + "/bench-key.pub", EncodeBase64Url(made.public_key()), 0644));
  }
  TRY(auto text, ReadFile(key_file));
  TRY(auto key, SigningKey::FromSeed(DecodeBase64Url(text).value_or("")));
  EvidenceFolder evidence(folder, std::move(key));
  TRY(auto state, evidence.ReadAgain());
  (void)state;
  return evidence;
}

Result<labelling::LedgerState> EvidenceFolder::ReadAgain() {
  std::error_code none;
  bool ledger = fs::exists(folder_ + "/ledger.ndjson", none),
       head = fs::exists(folder_ + "/ledger.head", none);
  if (!ledger && !head) return labelling::VerifyLedger("");
  if (!ledger || !head)
    return Error{errors::LedgerBroken,
                 ledger ? "its signed head is gone" : "the ledger is gone, its head is there"};
  TRY(ledger_, ReadFile(folder_ + "/ledger.ndjson"));
  TRY(auto signed_head, ReadFile(folder_ + "/ledger.head"));
  TRY(auto state, labelling::VerifyLedger(ledger_));
  CHECK_OK(labelling::VerifyHead(key_.public_key(), signed_head, state));
  return state;
}

Status EvidenceFolder::Append(const std::vector<labelling::Evidence>& evidence) {
  File lock(LockOf(folder_));
  if (!lock.Lock()) return Error{errors::FileUnwritable, folder_};
  TRY(auto state, ReadAgain());
  std::string added;
  for (const auto& line : evidence) added += labelling::LedgerLine(line, state) + "\n";
  if (!File(folder_ + "/ledger.ndjson", O_WRONLY | O_CREAT | O_APPEND, 0644).Add(added))
    return Error{errors::FileUnwritable, "ledger.ndjson"};
  ledger_ += added;
  return WriteWhole(folder_ + "/ledger.head", labelling::SignHead(key_, state), 0644);
}

Status EvidenceFolder::Keep(const std::string& name, std::string_view text) const {
  std::error_code none;
  fs::create_directories(fs::path(folder_ + "/" + name).parent_path(), none);
  return WriteWhole(folder_ + "/" + name, text, 0644);
}

Result<std::vector<std::string>> EvidenceFolder::Revoked() const {
  std::error_code none;
  if (!fs::exists(folder_ + "/" + kRevocations, none)) return std::vector<std::string>();
  TRY(auto list, ReadFile(folder_ + "/" + kRevocations));
  return labelling::OpenRevocations(key_.public_key(), list);
}

Status EvidenceFolder::Revoke(const std::vector<std::string>& ids, std::string_view time) const {
  TRY(auto all, Revoked());
  for (const auto& id : ids)
    if (std::ranges::find(all, id) == all.end()) all.push_back(id);
  return Keep(kRevocations, labelling::SignRevocations(key_, all, time));
}

}  // namespace passerelle::app
