#include "gateway/api/tokens.h"

#include "fhir_model/base/digest.h"
#include "gateway/api/account_list.h"

namespace passerelle::api {

namespace {

using List = AccountList<Token>;
constexpr List::Member kOwn[] = {{"sha256", &Token::sha256}, {"created", &Token::created}};
constexpr List kList = {"access.tokens", "tokens", kOwn};

}  // namespace

void Tokens::SetStanding(std::string_view token) {
  std::lock_guard guard(mutex_);
  standing_[Sha256Hex(token)] = Caller{"standing token", Role::Admin, {}, false, true};
}

std::optional<Caller> Tokens::Find(std::string_view token) const {
  // Looking up a hash tells nothing of the token by its time.
  std::string hash = Sha256Hex(token);
  std::lock_guard guard(mutex_);
  if (auto it = standing_.find(hash); it != standing_.end()) return it->second;
  for (const auto& issued : issued_)
    if (issued.sha256 == hash) return issued.caller;
  return std::nullopt;
}

Status Tokens::Load(pipeline::View& view) {
  TRY(auto stored, kList.Read(view));
  Take(std::move(stored));
  return Ok();
}

std::vector<Token> Tokens::All() const {
  std::lock_guard guard(mutex_);
  return issued_;
}

Result<std::vector<Token>> Tokens::Issue(pipeline::Transaction& transaction, Token token) const {
  return kList.Put(transaction, std::move(token));
}

Result<std::vector<Token>> Tokens::Revoke(pipeline::Transaction& transaction, std::string_view name) const {
  return kList.Remove(transaction, name);
}

void Tokens::Take(std::vector<Token> issued) {
  std::lock_guard guard(mutex_);
  issued_ = std::move(issued);
}

}  // namespace passerelle::api
