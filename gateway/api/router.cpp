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

Result<Caller> Identify(const Services& services, const net::HttpRequest& http) {
  constexpr std::string_view kBearer = "Bearer ";
  auto authorization = http.headers.Get("Authorization");
  if (authorization.starts_with(kBearer)) {
    auto caller = services.tokens.Find(authorization.substr(kBearer.size()));
    if (!caller) return Error{errors::TokenWrong};
    return *std::move(caller);
  }
  if (services.open && http.peer.loopback) return Caller{"loopback", Role::Admin, {}, false, true};
  return Error{errors::TokenMissing};
}

Awaitable<Response> Answer(Request& request, const Route& route) {
  if (!route.anyone) {
    CO_TRY(request.caller, Identify(request.services, request.http));
    if (!route.roles.Has(request.caller.role)) co_return Error{errors::RoleForbidden};
  }
  co_return co_await route.handler(request);
}

// On the workers; the caller's executor goes on with the answer.
Awaitable<net::HttpResponse> Serve(const Services& services, State& state, net::HttpRequest http) {
  auto begun = std::chrono::steady_clock::now();
  Found found = FindRoute(http.method, http.Path());
  Request request{services, state, std::move(http), {}, std::move(found.caught), {}};
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
