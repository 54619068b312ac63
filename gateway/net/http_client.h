#pragma once
// HTTP client: one request, one answer, over a connection of its own. TLS is always verified.

#include <memory>
#include <string>

#include "gateway/net/stream.h"

namespace passerelle::net {

// "https://host:port/path" in its parts; the port defaults by scheme (80, 443, 2575 for mllp and mllps).
struct Url {
  std::string scheme, host, path;  // path with its query, "/" when empty
  std::uint16_t port = 0;
  bool secure() const { return scheme == "https" || scheme == "mllps"; }
};
Result<Url> ParseUrl(std::string_view text);

struct HttpCall {
  std::string method = "GET";
  Url url;
  Headers headers;  // Host and Content-Length are added
  std::string body;
  std::shared_ptr<Source> large;  // what is sent in place of `body`, where it is too large for memory
  std::shared_ptr<TlsContext> tls;  // for https; see MakeClientTls
  milliseconds connect_timeout{5'000};
  milliseconds total_timeout{30'000};  // of a large body for each piece, and then for the answer
  std::uint64_t answer_bytes_max = 32u << 20;
};

// ConnectionFailed, ConnectionLost, AnswerTooLate, AnswerMalformed; any HTTP status is an answer.
Awaitable<Result<HttpResponse>> Call(HttpCall call);

}  // namespace passerelle::net
