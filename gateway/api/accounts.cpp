// Signing in, tokens and users.

#include "fhir_model/base/digest.h"
#include "fhir_model/base/limits.h"
#include "gateway/api/answers.h"
#include "gateway/api/errors.h"
#include "gateway/api/fhir/common.h"
#include "gateway/api/handlers.h"
#include "gateway/api/json_writer.h"

namespace passerelle::api {
namespace {

constexpr std::size_t kTokenBytes = 32;
constexpr std::size_t kNameBytesMax = 100;

Result<node::Tree> Body(const Request& request) { return json::Parse(request.http.body, kWireLimits); }

std::string Text(const node::Tree& tree, std::string_view member) {
  return std::string(tree.ChildText(node::kRoot, member));
}

// Names stand in addresses and in the audit: a user's or a system's, never a patient's.
Result<Caller> CallerOf(const node::Tree& tree, std::string name) {
  auto role = RoleNamed(Text(tree, "role"));
  if (!role) return Error{errors::ParameterInvalid, "role"};
  if (name.empty() || name.size() > kNameBytesMax) return Error{errors::ParameterInvalid, "name"};
  Caller caller{std::move(name), *role, Text(tree, "patient"), Text(tree, "representative") == "true",
                Text(tree, "may_delete") == "true"};
  bool of_patient = caller.patient.starts_with("Patient/") && fhir::IsId(caller.patient.substr(8));
  if ((*role == Role::Patient) != of_patient) return Error{errors::ParameterInvalid, "patient"};
  return caller;
}

void WriteCaller(const Caller& caller, JsonWriter& out) {
  out.Member("name", caller.name)
      .Member("role", RoleName(caller.role))
      .NullIfEmpty("patient", caller.patient);
  out.Member("representative", caller.representative).Member("may_delete", caller.may_delete);
}

pipeline::AuditEntry EntryOf(const Request& request, std::string action, std::string resource) {
  pipeline::AuditEntry entry;
  entry.who = request.caller.name;
  entry.action = std::move(action);
  entry.resource = std::move(resource);
  entry.purpose = request.Purpose();
  return entry;
}

using Work = std::function<Status(pipeline::Transaction&)>;

std::string CookieOf(const Request& request, std::string_view word, std::string_view age) {
  std::string cookie =
      std::string(kSessionCookie) + "=" + std::string(word) + "; Path=/; HttpOnly; SameSite=Strict";
  if (request.http.peer.tls) cookie += "; Secure";
  return cookie + std::string(age);
}

net::HttpResponse SessionAnswer(const Request& request, const Session& session) {
  JsonWriter out;
  out.BeginObject();
  WriteCaller(session.caller, out);
  auto response = JsonAnswer(200, out.Member("csrf", session.csrf).EndObject().Take());
  response.headers.Set("Set-Cookie", CookieOf(request, session.word, {}));
  return response;
}

Awaitable<Response> Open(Request& request, std::string name, std::string password) {
  const Services& services = request.services;
  auto session = services.users->SignIn(name, password, services.random_bytes, services.clock());
  request.caller.name = name.substr(0, kNameBytesMax);
  auto entry = EntryOf(request, session ? "sign-in" : "sign-in refused", {});
  Work work = [&entry](pipeline::Transaction& transaction) { return transaction.Audit(entry); };
  CO_CHECK_OK(co_await services.store.Write(work));
  if (!session) co_return session.error();
  co_return SessionAnswer(request, *session);
}

Awaitable<Status> PutUserIn(Request& request, User user) {
  const Services& services = request.services;
  std::vector<User> users;
  auto entry = EntryOf(request, "put user", user.caller.name);
  Work work = [&](pipeline::Transaction& transaction) -> Status {
    TRY(users, services.users->Put(transaction, std::move(user)));
    return transaction.Audit(entry);
  };
  CO_CHECK_OK(co_await services.store.Write(work));
  services.users->Take(std::move(users));
  co_return Ok();
}

}  // namespace

Awaitable<Response> SignIn(Request& request) {
  if (request.services.users == nullptr) co_return Error{errors::ServiceMissing};
  CO_TRY(auto body, Body(request));
  co_return co_await Open(request, Text(body, "name"), Text(body, "password"));
}

// The first admin, made by whoever has the token that the first start printed.
Awaitable<Response> FirstSignIn(Request& request) {
  Users* users = request.services.users;
  if (users == nullptr) co_return Error{errors::ServiceMissing};
  CO_TRY(auto body, Body(request));
  if (!users->IsFirstToken(Text(body, "token"))) co_return Error{errors::TokenWrong};
  CO_TRY(auto hash, Users::HashPassword(Text(body, "password"), request.services.random_bytes));
  std::string name = Text(body, "name");
  if (name.empty() || name.size() > kNameBytesMax) co_return Error{errors::ParameterInvalid, "name"};
  request.caller.name = name;
  User user{{name, Role::Admin, {}, false, false}, std::move(hash)};
  CO_CHECK_OK(co_await PutUserIn(request, std::move(user)));
  co_return co_await Open(request, std::move(name), Text(body, "password"));
}

Awaitable<Response> SignOut(Request& request) {
  if (request.services.users != nullptr) request.services.users->SignOut(request.session);
  net::HttpResponse response;
  response.status = 204;
  response.headers.Set("Set-Cookie", CookieOf(request, {}, "; Max-Age=0"));
  co_return response;
}

// Who the caller is; a browser that was reloaded learns its csrf word again.
Awaitable<Response> WhoAmI(Request& request) {
  if (!request.session.empty())
    if (auto session = request.services.users->FindSession(request.session, request.services.clock()))
      co_return SessionAnswer(request, *session);
  JsonWriter out;
  out.BeginObject();
  WriteCaller(request.caller, out);
  co_return JsonAnswer(200, out.EndObject().Take());
}

Awaitable<Response> ListTokens(Request& request) {
  JsonWriter out;
  out.BeginObject().Key("tokens").BeginArray();
  for (const auto& token : request.services.tokens.All()) {
    out.BeginObject();
    WriteCaller(token.caller, out);
    out.Member("created", token.created).EndObject();
  }
  co_return JsonAnswer(200, out.EndArray().EndObject().Take());
}

// The token's text is in this answer and nowhere else.
Awaitable<Response> IssueToken(Request& request) {
  const Services& services = request.services;
  CO_TRY(auto body, Body(request));
  CO_TRY(auto caller, CallerOf(body, Text(body, "name")));
  std::string text = Hex(services.random_bytes(kTokenBytes)), name = caller.name;
  Token token{Sha256Hex(text), std::move(caller), IsoNow(services)};
  std::vector<Token> tokens;
  auto entry = EntryOf(request, "issue token", name);
  Work work = [&](pipeline::Transaction& transaction) -> Status {
    TRY(tokens, services.tokens.Issue(transaction, token));
    return transaction.Audit(entry);
  };
  CO_CHECK_OK(co_await services.store.Write(work));
  services.tokens.Take(std::move(tokens));
  JsonWriter out;
  co_return JsonAnswer(201, out.BeginObject().Member("name", name).Member("token", text).EndObject().Take());
}

Awaitable<Response> RevokeToken(Request& request) {
  const Services& services = request.services;
  std::vector<Token> tokens;
  auto entry = EntryOf(request, "revoke token", request.caught[0]);
  Work work = [&](pipeline::Transaction& transaction) -> Status {
    TRY(tokens, services.tokens.Revoke(transaction, request.caught[0]));
    return transaction.Audit(entry);
  };
  CO_CHECK_OK(co_await services.store.Write(work));
  services.tokens.Take(std::move(tokens));
  net::HttpResponse response;
  response.status = 204;
  co_return response;
}

Awaitable<Response> ListUsers(Request& request) {
  if (request.services.users == nullptr) co_return Error{errors::ServiceMissing};
  JsonWriter out;
  out.BeginObject().Key("users").BeginArray();
  for (const auto& user : request.services.users->All()) {
    out.BeginObject();
    WriteCaller(user.caller, out);
    out.EndObject();
  }
  co_return JsonAnswer(200, out.EndArray().EndObject().Take());
}

Awaitable<Response> PutUser(Request& request) {
  if (request.services.users == nullptr) co_return Error{errors::ServiceMissing};
  CO_TRY(auto body, Body(request));
  CO_TRY(auto caller, CallerOf(body, request.caught[0]));
  CO_TRY(auto hash, Users::HashPassword(Text(body, "password"), request.services.random_bytes));
  User user{std::move(caller), std::move(hash)};
  CO_CHECK_OK(co_await PutUserIn(request, std::move(user)));
  net::HttpResponse response;
  response.status = 204;
  co_return response;
}

Awaitable<Response> RemoveUser(Request& request) {
  const Services& services = request.services;
  if (services.users == nullptr) co_return Error{errors::ServiceMissing};
  std::vector<User> users;
  auto entry = EntryOf(request, "remove user", request.caught[0]);
  Work work = [&](pipeline::Transaction& transaction) -> Status {
    TRY(users, services.users->Remove(transaction, request.caught[0]));
    return transaction.Audit(entry);
  };
  CO_CHECK_OK(co_await services.store.Write(work));
  services.users->Take(std::move(users));
  net::HttpResponse response;
  response.status = 204;
  co_return response;
}

}  // namespace passerelle::api
