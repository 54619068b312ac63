#include "gateway/api/users.h"

#include <argon2.h>

#include <algorithm>
#include <array>

#include "fhir_model/base/digest.h"
#include "fhir_model/base/errors.h"
#include "gateway/api/account_list.h"
#include "gateway/api/errors.h"

namespace passerelle::api {

namespace {

using List = AccountList<User>;
constexpr List::Member kOwn[] = {{"password", &User::password_hash}};
constexpr List kList = {"access.users", "users", kOwn};

constexpr std::size_t kPasswordBytesMin = 12, kPasswordBytesMax = 1024;
constexpr std::size_t kWordBytes = 32;
constexpr std::chrono::minutes kIdle{30};
constexpr int kFailuresMax = 5;
constexpr std::chrono::minutes kLock{1};

// OWASP's second recommendation: 19 MiB, two passes, one lane.
constexpr std::uint32_t kPasses = 2, kMemoryKib = 19 * 1024, kLanes = 1;
constexpr std::size_t kSaltBytes = 16, kHashBytes = 32;

bool PasswordAgrees(const std::string& hash, std::string_view password) {
  return password.size() <= kPasswordBytesMax &&
         argon2id_verify(hash.c_str(), password.data(), password.size()) == ARGON2_OK;
}

}  // namespace

Status Users::Load(pipeline::View& view) {
  TRY(auto stored, kList.Read(view));
  Take(std::move(stored));
  return Ok();
}

std::string Users::FirstToken(const Random& random) {
  std::lock_guard guard(mutex_);
  if (!users_.empty()) return {};
  if (first_token_.empty()) first_token_ = Hex(random(kWordBytes));
  return first_token_;
}

bool Users::IsFirstToken(std::string_view token) const {
  std::lock_guard guard(mutex_);
  return users_.empty() && !first_token_.empty() && Sha256(token) == Sha256(first_token_);
}

Result<std::string> Users::HashPassword(std::string_view password, const Random& random) {
  if (password.size() < kPasswordBytesMin || password.size() > kPasswordBytesMax)
    return Error{errors::PasswordWeak};
  std::string salt = random(kSaltBytes);
  std::string encoded(argon2_encodedlen(kPasses, kMemoryKib, kLanes, kSaltBytes, kHashBytes, Argon2_id),
                      '\0');
  int failed = argon2id_hash_encoded(kPasses, kMemoryKib, kLanes, password.data(), password.size(),
                                     salt.data(), salt.size(), kHashBytes, encoded.data(), encoded.size());
  if (failed != ARGON2_OK) return Error{errors::InternalFault, argon2_error_message(failed)};
  encoded.resize(encoded.find('\0'));
  return encoded;
}

Result<Session> Users::SignIn(std::string_view name, std::string_view password, const Random& random,
                              Time now) {
  std::optional<User> user;
  {
    std::lock_guard guard(mutex_);
    auto failures = failures_.find(name);
    if (failures != failures_.end() && failures->second.count >= kFailuresMax &&
        now - failures->second.last < kLock)
      return Error{errors::LoginLocked};
    for (const auto& known : users_)
      if (known.caller.name == name) user = known;
  }
  // Hashing takes as long for nobody as for somebody, and no lock is held meanwhile.
  static const std::string kNobody =
      *HashPassword("nobody's password", [](std::size_t n) { return std::string(n, 'x'); });
  bool agrees = PasswordAgrees(user ? user->password_hash : kNobody, password) && user;
  std::lock_guard guard(mutex_);
  if (!agrees) {
    if (failures_.size() > 10'000) failures_.clear();
    Failures& failures = failures_[std::string(name)];
    failures.count = now - failures.last < kLock ? failures.count + 1 : 1;
    failures.last = now;
    return Error{errors::LoginWrong};
  }
  if (auto it = failures_.find(name); it != failures_.end()) failures_.erase(it);
  std::erase_if(sessions_, [&](const auto& open) { return open.second.until < now; });
  Session session{Hex(random(kWordBytes)), Hex(random(kWordBytes)), user->caller};
  sessions_[Sha256Hex(session.word)] = {session, now + kIdle};
  return session;
}

std::optional<Session> Users::FindSession(std::string_view word, Time now) {
  std::lock_guard guard(mutex_);
  auto it = sessions_.find(Sha256Hex(word));
  if (it == sessions_.end() || it->second.until < now) return std::nullopt;
  it->second.until = now + kIdle;
  return it->second.session;
}

void Users::SignOut(std::string_view word) {
  std::lock_guard guard(mutex_);
  sessions_.erase(Sha256Hex(word));
}

std::vector<User> Users::All() const {
  std::lock_guard guard(mutex_);
  return users_;
}

Result<std::vector<User>> Users::Put(pipeline::Transaction& transaction, User user) const {
  return kList.Put(transaction, std::move(user));
}

Result<std::vector<User>> Users::Remove(pipeline::Transaction& transaction, std::string_view name) const {
  return kList.Remove(transaction, name);
}

// Whoever was removed or changed is signed out.
void Users::Take(std::vector<User> users) {
  std::lock_guard guard(mutex_);
  std::erase_if(sessions_, [&](const auto& open) {
    return std::none_of(users.begin(), users.end(), [&](const User& user) {
      return user.caller.name == open.second.session.caller.name &&
             user.caller.role == open.second.session.caller.role;
    });
  });
  users_ = std::move(users);
  if (!users_.empty()) first_token_.clear();
}

}  // namespace passerelle::api
