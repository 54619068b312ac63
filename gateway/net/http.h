#pragma once
// HTTP as the other rooms see it: plain values, no Beast. The server reads a whole request within the limits
// before it calls the handler; the handler's answer is written as it is. Header names are case-insensitive.

#include <cstdint>
#include <functional>
#include <memory>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "gateway/net/awaitable.h"
#include "gateway/net/source.h"

namespace passerelle::net {

class Headers {
 public:
  void Add(std::string name, std::string value) { all_.emplace_back(std::move(name), std::move(value)); }
  void Set(std::string_view name, std::string value);      // replaces all of that name
  std::string_view Get(std::string_view name) const;       // the first, or empty
  bool Has(std::string_view name) const;
  const std::vector<std::pair<std::string, std::string>>& all() const { return all_; }

 private:
  std::vector<std::pair<std::string, std::string>> all_;
};

// Who is at the other end of a connection.
struct Peer {
  std::string address;      // "127.0.0.1"
  std::uint16_t port = 0;
  bool loopback = false;
  bool tls = false;
  std::string certificate_name;  // subject alternative name of a verified client certificate, or empty
};

struct HttpRequest {
  std::string method;  // "GET"
  std::string target;  // "/fhir/Patient?_id=1", as sent
  Headers headers;
  std::string body;
  Peer peer;

  std::string_view Path() const { return std::string_view(target).substr(0, target.find('?')); }
  std::string_view Query() const {
    auto mark = target.find('?');
    return mark == target.npos ? std::string_view() : std::string_view(target).substr(mark + 1);
  }
};

struct HttpResponse {
  int status = 200;
  Headers headers;
  std::string body;
  std::shared_ptr<Source> large;  // what is sent in place of `body`, where it is too large for memory
};

// Never throws for what a client can do; an exception becomes 500 and closes the connection.
using HttpHandler = std::function<Awaitable<HttpResponse>(HttpRequest)>;

}  // namespace passerelle::net
