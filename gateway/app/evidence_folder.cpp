#include "gateway/app/evidence_folder.h"

#include <fcntl.h>
#include <sys/file.h>
#include <unistd.h>

#include <algorithm>
#include <filesystem>

#include "fhir_model/base/digest.h"
#include "fhir_model/base/errors.h"
#include "gateway/app/command.h"
#include "gateway/app/whole_file.h"
#include "gateway/labelling/errors.h"

namespace passerelle::app {
namespace {

namespace fs = std::filesystem;

constexpr std::string_view kLedger = "ledger.ndjson", kHead = "ledger.head",
                           kNextHead = "ledger.head.next",  // of an Append that is not through yet
    kRevocations = "revoked.jws", kPublicKey = "bench-key.pub";

// An open file that is closed, and with that unlocked, at the end.
class File {
 public:
  File(const std::string& path, int flags)
      : descriptor_(::open(path.c_str(), flags | O_CREAT | O_CLOEXEC, 0644)) {}
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
    [[maybe_unused]] bool undone = CutAt(before);
    return false;
  }
  bool CutAt(off_t size) { return ::ftruncate(descriptor_, size) == 0 && ::fsync(descriptor_) == 0; }

 private:
  int descriptor_;
};

File LockOf(const std::string& folder) { return {folder + "/ledger.lock", O_RDWR}; }

Error Unwritable(std::string_view what) { return Error{errors::FileUnwritable, std::string(what)}; }

}  // namespace

std::string EvidenceFolder::PathOf(std::string_view name) const { return folder_ + "/" + std::string(name); }

bool EvidenceFolder::Has(std::string_view name) const {
  std::error_code none;
  return fs::exists(PathOf(name), none);
}

Result<EvidenceFolder> EvidenceFolder::Open(const std::string& folder) {
  std::error_code none;
  fs::create_directories(folder, none);
  File lock(LockOf(folder));  // several runs may open a new folder at once
  if (!lock.Lock()) return Unwritable(folder);
  std::string key_file = folder + "/bench-key";
  if (!fs::exists(key_file, none)) {
    TRY(auto made, SigningKey::Generate());
    CHECK_OK(WriteWhole(key_file, EncodeBase64Url(made.seed()), 0600));
  }
  TRY(auto text, ReadFile(key_file));
  TRY(auto key, SigningKey::FromSeed(DecodeBase64Url(text).value_or("")));
  EvidenceFolder evidence(folder, std::move(key));
  if (!evidence.Has(kPublicKey))
    CHECK_OK(WriteWhole(evidence.PathOf(kPublicKey), EncodeBase64Url(evidence.key().public_key())));
  TRY(auto state, evidence.ReadAgain());
  (void)state;
  return evidence;
}

Result<labelling::LedgerState> EvidenceFolder::HeadIn(std::string_view name) const {
  TRY(auto signed_head, ReadFile(PathOf(name)));
  return labelling::OpenHead(key_.public_key(), signed_head);
}

Status EvidenceFolder::EndAppend() {
  if (!Has(kNextHead)) return Ok();
  TRY(auto next, HeadIn(kNextHead));
  std::string ledger;
  if (Has(kLedger)) { TRY(ledger, ReadFile(PathOf(kLedger))); }
  auto whole = labelling::BytesUpTo(next, ledger);
  if (whole && *whole == ledger.size()) return PutInPlace(PathOf(kNextHead), PathOf(kHead));
  std::size_t told = 0;
  if (Has(kHead)) {
    TRY(auto head, HeadIn(kHead));
    TRY(told, labelling::BytesUpTo(head, ledger));
  }
  std::error_code fault;
  if (!Has(kHead))
    fs::remove(PathOf(kLedger), fault);  // the first Append of all
  else if (!File(PathOf(kLedger), O_WRONLY).CutAt(static_cast<off_t>(told)))
    return Unwritable(kLedger);
  if (!fault) fs::remove(PathOf(kNextHead), fault);
  return fault ? Status(Unwritable(kLedger)) : Ok();
}

Result<labelling::LedgerState> EvidenceFolder::ReadAgain() {
  CHECK_OK(EndAppend());
  bool ledger = Has(kLedger), head = Has(kHead);
  if (!ledger && !head) return labelling::VerifyLedger("");
  if (!ledger || !head)
    return Error{errors::LedgerBroken,
                 ledger ? "its signed head is gone" : "the ledger is gone, its head is there"};
  TRY(ledger_, ReadFile(PathOf(kLedger)));
  TRY(auto signed_head, ReadFile(PathOf(kHead)));
  TRY(auto state, labelling::VerifyLedger(ledger_));
  CHECK_OK(labelling::VerifyHead(key_.public_key(), signed_head, state));
  return state;
}

Status EvidenceFolder::Append(const std::vector<labelling::Evidence>& evidence) {
  File lock(LockOf(folder_));
  if (!lock.Lock()) return Unwritable(folder_);
  TRY(auto state, ReadAgain());
  std::string added;
  for (const auto& line : evidence) added += labelling::LedgerLine(line, state) + "\n";
  CHECK_OK(WriteWhole(PathOf(kNextHead), labelling::SignHead(key_, state)));
  if (!File(PathOf(kLedger), O_WRONLY | O_APPEND).Add(added)) return Unwritable(kLedger);
  CHECK_OK(PutInPlace(PathOf(kNextHead), PathOf(kHead)));
  ledger_ += added;
  return Ok();
}

// One that was withdrawn makes room for another, but does not come back.
Status EvidenceFolder::HasRoomFor(const labelling::Label& wanted) const {
  TRY(auto revoked, Revoked());
  auto is_revoked = [&](const std::string& id) { return std::ranges::find(revoked, id) != revoked.end(); };
  if (is_revoked(wanted.id)) return Error{errors::LabelInvalid, "it was revoked: run again"};
  std::error_code fault;
  for (fs::directory_iterator at(PathOf("labels"), fault), end; !fault && at != end; at.increment(fault)) {
    auto jws = ReadFile(at->path().string());
    auto label = jws ? labelling::OpenLabel(key_.public_key(), *jws) : Result<labelling::Label>(jws.error());
    if (label && !is_revoked(label->id) && label->product == wanted.product &&
        label->version == wanted.version && label->suite == wanted.suite)
      return Error{errors::LabelInvalid, "this version has a label for this suite already: " + label->id};
  }
  if (fault) return Error{errors::FileUnreadable, PathOf("labels")};
  return Ok();
}

Result<std::string> EvidenceFolder::Grant(const Earn& earn) {
  File lock(LockOf(folder_));
  std::error_code fault;
  fs::create_directories(PathOf("labels"), fault);
  if (fault || !lock.Lock()) return Unwritable(folder_);
  TRY(auto state, ReadAgain());
  (void)state;
  TRY(auto label, earn(ledger_));
  CHECK_OK(HasRoomFor(label));
  auto file = PathOf("labels/" + label.id + ".jws");
  CHECK_OK(WriteWhole(file, labelling::SignLabel(key_, label)));
  return file;
}

Result<std::string> EvidenceFolder::Grant(const LabelOrder& order, std::string_view date) {
  CHECK_OK(labelling::CheckExpiry(order.expires, date));
  TRY(auto catalogue, requirements::Catalogue::Shipped());
  return Grant([&](std::string_view ledger) -> Result<labelling::Label> {
    TRY(auto label,
        labelling::LabelFrom(ledger, order.product, order.version, order.suite, catalogue, order.waivers));
    label.granted = date;
    label.expires = order.expires;
    label.url = order.url;
    return label;
  });
}

Result<std::vector<std::string>> EvidenceFolder::Revoked() const {
  if (!Has(kRevocations)) return std::vector<std::string>();
  TRY(auto list, ReadFile(PathOf(kRevocations)));
  return labelling::OpenRevocations(key_.public_key(), list);
}

Status EvidenceFolder::Revoke(const std::vector<std::string>& ids, std::string_view time) const {
  File lock(LockOf(folder_));
  if (!lock.Lock()) return Unwritable(folder_);
  TRY(auto all, Revoked());
  for (const auto& id : ids)
    if (std::ranges::find(all, id) == all.end()) all.push_back(id);
  return WriteWhole(PathOf(kRevocations), labelling::SignRevocations(key_, all, time));
}

}  // namespace passerelle::app
