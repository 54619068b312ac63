#pragma once
// HTTP/1.1 server over a Stream. Whole requests in, whole answers out; keep-alive; every limit stated here.

#include <functional>
#include <memory>

#include "gateway/net/stream.h"

namespace passerelle::net {

struct HttpOptions {
  ListenOptions listen;
  std::uint32_t header_bytes_max = 16 * 1024;
  std::size_t headers_max = 100;
  std::uint64_t body_bytes_max = 16u << 20;
  milliseconds idle_timeout{60'000};    // between requests
  milliseconds header_timeout{10'000};  // from the first byte of a request to the end of its headers
  milliseconds body_grace{5'000};       // then a body must bring a KiB per second
  milliseconds write_timeout{30'000};
  // Words a refusal the server makes by itself; without it the body is the error's sentence as plain text.
  std::function<HttpResponse(const Error&)> refuse;
};

Result<std::unique_ptr<Listener>> ListenHttp(boost::asio::any_io_executor executor, const HttpOptions& options,
                                             HttpHandler handler);

}  // namespace passerelle::net
