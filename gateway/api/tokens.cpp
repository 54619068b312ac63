#include "gateway/api/tokens.h"

#include <algorithm>

#include "fhir_model/base/digest.h"
#include "fhir_model/base/limits.h"
#include "fhir_model/json/json.h"
#include "gateway/api/json_writer.h"

namespace passerelle::api {

namespace {

constexpr std::string_view kSetting = "access.tokens";

std::string ToJson(const std::vector<Token>& tokens) {
  JsonWriter out;
  out.BeginArray();
  for (const auto& token : tokens) {
    out.BeginObject();
    out.Member("sha256", token.sha256).Member("name", token.caller.name).Member("created", token.created);
    out.Member("role", RoleName(token.caller.role)).Member("patient", token.caller.patient);
    out.Member("representative", token.caller.representative).Member("may_delete", token.caller.may_delete);
    out.EndObject();
  }
  out.EndArray();
  return R"({"tokens":)" + out.Take() + "}";
}

Result<std::vector<Token>> FromJson(std::string text) {
  TRY(auto tree, json::Parse(std::move(text), kFileLimits));
  std::vector<Token> tokens;
  for (node::NodeIndex child : node::Children(tree, node::kRoot)) {
    auto role = RoleNamed(tree.ChildText(child, "role"));
    if (!role) continue;
    Caller caller{
        std::string(tree.ChildText(child, "name")), *role, std::string(tree.ChildText(child, "patient")),
        tree.ChildText(child, "representative") == "true", tree.ChildText(child, "may_delete") == "true"};
    tokens.push_back({std::string(tree.ChildText(child, "sha256")), std::move(caller),
                      std::string(tree.ChildText(child, "created"))});
  }
  return tokens;
}

Result<std::vector<Token>> Stored(pipeline::View& view) {
  TRY(auto text, view.Setting(kSetting));
  if (!text) return std::vector<Token>();
  return FromJson(*std::move(text));
}

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
  TRY(auto stored, Stored(view));
  Take(std::move(stored));
  return Ok();
}

std::vector<Token> Tokens::All() const {
  std::lock_guard guard(mutex_);
  return issued_;
}

Result<std::vector<Token>> Tokens::Issue(pipeline::Transaction& transaction, Token token) const {
  TRY(auto all, Stored(transaction));
  std::erase_if(all, [&](const Token& known) { return known.caller.name == token.caller.name; });
  all.push_back(std::move(token));
  CHECK_OK(transaction.SetSetting(kSetting, ToJson(all)));
  return all;
}

Result<std::vector<Token>> Tokens::Revoke(pipeline::Transaction& transaction, std::string_view name) const {
  TRY(auto all, Stored(transaction));
  std::erase_if(all, [&](const Token& known) { return known.caller.name == name; });
  CHECK_OK(transaction.SetSetting(kSetting, ToJson(all)));
  return all;
}

void Tokens::Take(std::vector<Token> issued) {
  std::lock_guard guard(mutex_);
  issued_ = std::move(issued);
}

}  // namespace passerelle::api
