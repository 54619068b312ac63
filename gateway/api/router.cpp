#include "gateway/api/router.h"

#include <boost/asio/co_spawn.hpp>
#include <boost/asio/use_awaitable.hpp>

#include "fhir_model/base/errors.h"
#include "fhir_model/json/outcome.h"
#include "gateway/api/answers.h"
#include "gateway/api/errors.h"
#include "gateway/api/state.h"

namespace passerelle::api {

namespace asio = boost::asio;

namespace {

std::string_view TakeSegment(std::string_view& path) {
  auto end = path.find('/', 1);
  std::string_view segment = path.substr(1, end == path.npos ? path.npos : end - 1);
  path = end == path.npos ? std::string_view() : path.substr(end);
  return segment;
}

struct Found {
  const Route* route = nullptr;
  std::vector<std::string> caught;
  std::string allowed;  // methods of routes with that path, where none takes the request's
};

Found FindRoute(std::string_view method, std::string_view path) {
  Found found;
  if (path.size() > 1 && path.ends_with('/')) path.remove_suffix(1);
  if (method == "HEAD") method = "GET";
  for (const Route& route : Routes()) {
    std::vector<std::string> caught;
    if (!Matches(route.pattern, path, caught)) continue;
    if (route.method == method) return {&route, std::move(caught), {}};
    if (found.allowed.find(route.method) == found.allowed.npos)
      found.allowed += (found.allowed.empty() ? "" : ", ") + std::string(route.method);
  }
  return found;
}

// A cookie goes with every request a browser makes, also one that another site brought about: a change must
// carry what only our own pages know.
Status IdentifySession(Request& request) {
  const net::HttpRequest& http = request.http;
  request.session = SessionCookie(http);
  auto session = request.services.users->FindSession(request.session, request.services.clock());
  if (!session) return Error{errors::TokenWrong};
  bool reads = http.method == "GET" || http.method == "HEAD";
  if (!reads && http.headers.Get("X-CSRF-Token") != session->csrf) return Error{errors::CsrfMissing};
  request.caller = session->caller;
  return Ok();
}

Status Identify(Request& request) {
  constexpr std::string_view kBearer = "Bearer ";
  auto authorization = request.http.headers.Get("Authorization");
  if (authorization.starts_with(kBearer)) {
    auto caller = request.services.tokens.Find(authorization.substr(kBearer.size()));
    if (!caller) return Error{errors::TokenWrong};
    request.caller = *std::move(caller);
    return Ok();
  }
  if (request.services.users != nullptr && !SessionCookie(request.http).empty())
    return IdentifySession(request);
  if (!request.services.open || !request.http.peer.loopback) return Error{errors::TokenMissing};
  request.caller = Caller{"loopback", Role::Admin, {}, false, true};
  return Ok();
}

Awaitable<Response> Answer(Request& request, const Route& route) {
  if (!route.anyone) {
    CO_CHECK_OK(Identify(request));
    if (!route.roles.Has(request.caller.role)) co_return Error{errors::RoleForbidden};
  }
  co_return co_await route.handler(request);
}

// On the workers; the caller's executor goes on with the answer.
Awaitable<net::HttpResponse> Serve(const Services& services, State& state, net::HttpRequest http) {
  auto begun = std::chrono::steady_clock::now();
  Found found = FindRoute(http.method, http.Path());
  Request request{services, state, std::move(http), {}, std::move(found.caught), {}, {}};
  request.query = ParseQuery(request.http.Query());
  if (found.route == nullptr) {
    auto response =
        ErrorAnswer(request, found.allowed.empty() ? errors::RouteUnknown : errors::MethodNotAllowed);
    if (!found.allowed.empty()) response.headers.Set("Allow", found.allowed);
    co_return response;
  }
  auto answered = co_await Answer(request, *found.route);
  net::HttpResponse response = answered ? *std::move(answered) : ErrorAnswer(request, answered.error());
  state.traffic.Note(static_cast<std::size_t>(found.route - Routes().data()), response.status,
                     std::chrono::steady_clock::now() - begun);
  co_return response;
}

}  // namespace

std::string_view SessionCookie(const net::HttpRequest& request) {
  std::string_view cookies = request.headers.Get("Cookie");
  while (!cookies.empty()) {
    auto end = cookies.find(';');
    std::string_view one = cookies.substr(0, end);
    cookies = end == cookies.npos ? std::string_view() : cookies.substr(end + 1);
    while (one.starts_with(' ')) one.remove_prefix(1);
    if (one.starts_with(kSessionCookie) && one.substr(kSessionCookie.size()).starts_with('='))
      return one.substr(kSessionCookie.size() + 1);
  }
  return {};
}

bool Matches(std::string_view pattern, std::string_view path, std::vector<std::string>& caught) {
  while (!pattern.empty() && !path.empty()) {
    if (pattern == "/{*}") {
      caught.push_back(PercentDecode(path.substr(1), false));
      return true;
    }
    std::string_view expected = TakeSegment(pattern), given = TakeSegment(path);
    if (expected.starts_with('{')) {
      if (given.empty()) return false;
      caught.push_back(PercentDecode(given, false));
    } else if (expected != given) {
      return false;
    }
  }
  return pattern.empty() && path.empty();
}

net::HttpHandler MakeHandler(const Services& services) {
  auto state = std::make_shared<State>();
  return [&services, state](net::HttpRequest http) -> Awaitable<net::HttpResponse> {
    auto serve = Serve(services, *state, std::move(http));
    co_return co_await asio::co_spawn(services.workers, std::move(serve), asio::use_awaitable);
  };
}

net::HttpResponse RefusalOf(const Error& error) {
  return TextAnswer(error.info->http_status, "application/fhir+json;charset=utf-8", json::OutcomeJson(error));
}

}  // namespace passerelle::api
