#pragma once
// Users: people who sign in to the console. Passwords are kept as Argon2id hashes in the store's settings;
// the first user is made with a token that is good once. Sessions live in memory: after a restart people sign
// in again. Safe from any thread.

#include <chrono>
#include <functional>
#include <map>
#include <mutex>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "fhir_model/base/result.h"
#include "gateway/api/roles.h"
#include "gateway/pipeline/store.h"

namespace passerelle::api {

struct User {
  Caller caller;
  std::string password_hash;  // "$argon2id$..."
};

// What a signed-in browser holds: `word` in a cookie that scripts cannot read, `csrf` in what they send with
// a change.
struct Session {
  std::string word, csrf;
  Caller caller;
};

class Users {
 public:
  using Time = std::chrono::system_clock::time_point;
  using Random = std::function<std::string(std::size_t)>;

  Status Load(pipeline::View& view);
  // While there is nobody: the token with which the first admin may be made, the same until it was used.
  // Empty otherwise.
  std::string FirstToken(const Random& random);
  bool IsFirstToken(std::string_view token) const;

  // PasswordWeak, for passwords shorter than twelve characters.
  static Result<std::string> HashPassword(std::string_view password, const Random& random);

  // A new session; LoginWrong, whatever of the two is wrong; LoginLocked after several failures, for a
  // minute.
  Result<Session> SignIn(std::string_view name, std::string_view password, const Random& random, Time now);
  std::optional<Session> FindSession(std::string_view word, Time now);
  void SignOut(std::string_view word);

  std::vector<User> All() const;
  // As with Tokens: write within the transaction, take over once it is on disk.
  Result<std::vector<User>> Put(pipeline::Transaction& transaction, User user) const;
  Result<std::vector<User>> Remove(pipeline::Transaction& transaction, std::string_view name) const;
  void Take(std::vector<User> users);

 private:
  struct Open {
    Session session;
    Time until;
  };
  struct Failures {
    int count = 0;
    Time last;
  };
  mutable std::mutex mutex_;
  std::vector<User> users_;
  std::string first_token_;
  std::map<std::string, Open, std::less<>> sessions_;  // by the hash of their word
  std::map<std::string, Failures, std::less<>> failures_;
};

}  // namespace passerelle::api
