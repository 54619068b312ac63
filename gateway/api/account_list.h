#pragma once
// AccountList: people and tokens, as the store keeps them: a list in one of its settings, each row a caller
// and one or two members of its own. A change is written within a transaction and gives the new list, to be
// taken over once it is on disk.

#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "fhir_model/base/limits.h"
#include "fhir_model/json/json.h"
#include "gateway/api/json_writer.h"
#include "gateway/api/roles.h"
#include "gateway/pipeline/store.h"

namespace passerelle::api {

void WriteKeptCaller(const Caller& caller, JsonWriter& out);  // members of an object
// Nothing for a role that there is no more.
std::optional<Caller> ReadKeptCaller(const node::Tree& tree, node::NodeIndex row);

// `Account` has a caller, whose name is unique in the list, and texts.
template <class Account>
struct AccountList {
  struct Member {
    std::string_view name;
    std::string Account::* text;
  };
  std::string_view setting, name;
  std::span<const Member> own;

  Result<std::vector<Account>> Read(pipeline::View& view) const {
    TRY(auto text, view.Setting(setting));
    std::vector<Account> all;
    if (!text) return all;
    TRY(auto tree, json::Parse(*std::move(text), kFileLimits));
    for (node::NodeIndex row : node::Children(tree, node::kRoot)) {
      auto caller = ReadKeptCaller(tree, row);
      if (!caller) continue;
      Account& account = all.emplace_back();
      account.caller = *std::move(caller);
      for (const auto& member : own) account.*member.text = tree.ChildText(row, member.name);
    }
    return all;
  }

  Result<std::vector<Account>> Put(pipeline::Transaction& transaction, Account account) const {
    TRY(auto all, Read(transaction));
    Erase(all, account.caller.name);
    all.push_back(std::move(account));
    CHECK_OK(Write(transaction, all));
    return all;
  }
  Result<std::vector<Account>> Remove(pipeline::Transaction& transaction, std::string_view who) const {
    TRY(auto all, Read(transaction));
    Erase(all, who);
    CHECK_OK(Write(transaction, all));
    return all;
  }

 private:
  static void Erase(std::vector<Account>& all, std::string_view who) {
    std::erase_if(all, [&](const Account& known) { return known.caller.name == who; });
  }
  Status Write(pipeline::Transaction& transaction, const std::vector<Account>& all) const {
    JsonWriter out;
    out.BeginObject().Key(name).BeginArray();
    for (const auto& account : all) {
      out.BeginObject();
      WriteKeptCaller(account.caller, out);
      for (const auto& member : own) out.Member(member.name, account.*member.text);
      out.EndObject();
    }
    return transaction.SetSetting(setting, out.EndArray().EndObject().Take());
  }
};

}  // namespace passerelle::api
