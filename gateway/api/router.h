#pragma once
// Router: from a method and a path to the function that answers, past the check of who may.

#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "gateway/api/request.h"
#include "gateway/net/awaitable.h"

namespace passerelle::api {

using Handler = Awaitable<Response> (*)(Request& request);

struct Route {
  std::string_view method;   // HEAD goes where GET goes
  std::string_view pattern;  // "/fhir/{type}/{id}"; "{*}" at the end catches the rest; literals before names
  Roles roles;               // nobody else may
  bool anyone = false;       // no token is asked
  Handler handler = nullptr;
};

inline constexpr std::string_view kSessionCookie = "passerelle_session";
std::string_view SessionCookie(const net::HttpRequest& request);  // its value, or empty

// The table, in routes.cpp.
std::span<const Route> Routes();

// Whether `path` is of that pattern; fills what the names caught.
bool Matches(std::string_view pattern, std::string_view path, std::vector<std::string>& caught);

}  // namespace passerelle::api
