#include "gateway/net/http_server.h"

#include <boost/asio/buffer.hpp>
#include <boost/beast/core/flat_buffer.hpp>
#include <boost/beast/http/parser.hpp>
#include <boost/beast/http/string_body.hpp>

#include "gateway/net/errors.h"
#include "gateway/net/framing_guard.h"

namespace passerelle::net {
namespace {

namespace asio = boost::asio;
namespace beast = boost::beast;
namespace http = beast::http;
using Clock = std::chrono::steady_clock;
using Parser = http::request_parser<http::string_body>;

constexpr std::size_t kReadBytes = 64 * 1024;
constexpr std::uint64_t kBodyBytesPerSecondMin = 1024;

std::string_view View(beast::string_view text) { return {text.data(), text.size()}; }

// One connection.
class Connection {
 public:
  Connection(Stream& stream, const HttpOptions& options, const HttpHandler& handler)
      : stream_(stream), options_(options), handler_(handler) {}

  Awaitable<void> Run() {
    while (true) {
      auto request = co_await ReadRequest();
      if (!request) {
        if (request.error().info != &errors::ConnectionLost) co_await Refuse(request.error());
        co_return;
      }
      bool head = request->method == "HEAD";
      HttpResponse response = co_await Handle(*std::move(request));
      bool close = !keep_alive_ || response.status >= 500;
      if (!co_await Send(response, head, close) || close) co_return;
    }
  }

 private:
  Awaitable<HttpResponse> Handle(HttpRequest request) {
    try {
      co_return co_await handler_(std::move(request));
    } catch (const std::exception&) {
      HttpResponse fault;
      fault.status = 500;
      co_return fault;
    }
  }

  Awaitable<Result<HttpRequest>> ReadRequest() {
    Parser parser;
    parser.header_limit(options_.header_bytes_max);
    parser.body_limit(options_.body_bytes_max);
    CO_CHECK_OK(co_await ReadHeaders(parser));
    keep_alive_ = parser.get().keep_alive();
    CO_CHECK_OK(CheckFraming(parser.get(), parser.get().version()));
    if (static_cast<std::size_t>(std::distance(parser.get().begin(), parser.get().end())) > options_.headers_max)
      co_return Error{errors::RequestMalformed, "too many headers"};
    if (auto length = parser.content_length(); length && *length > options_.body_bytes_max)
      co_return Error{errors::FrameTooLarge};
    if (beast::iequals(parser.get()[http::field::expect], "100-continue"))
      CO_CHECK_OK(co_await stream_.Write("HTTP/1.1 100 Continue\r\n\r\n", options_.write_timeout));
    CO_CHECK_OK(co_await ReadBody(parser));
    co_return Take(parser);
  }

  // Parses what is in the buffer; true when the parser wants more.
  Result<bool> Parse(Parser& parser) {
    beast::error_code wrong;
    std::size_t used = parser.put(buffer_.data(), wrong);
    buffer_.consume(used);
    if (wrong == http::error::need_more) return true;
    if (wrong == http::error::body_limit) return Error{errors::FrameTooLarge};
    if (wrong) return Error{errors::RequestMalformed, wrong.message()};
    return false;
  }

  Awaitable<Status> Fill(milliseconds timeout) {
    auto room = buffer_.prepare(kReadBytes);
    auto read = co_await stream_.ReadSome(static_cast<char*>(room.data()), room.size(), timeout);
    if (!read) co_return read.error();
    buffer_.commit(*read);
    co_return Ok();
  }

  static milliseconds Left(Clock::time_point end) {
    auto left = std::chrono::duration_cast<milliseconds>(end - Clock::now());
    return std::max(left, milliseconds(1));
  }

  Awaitable<Status> ReadHeaders(Parser& parser) {
    if (buffer_.size() == 0) {
      auto filled = co_await Fill(options_.idle_timeout);
      // An idle connection that ends, or is ended, is nobody's error.
      if (!filled) co_return Error{errors::ConnectionLost};
    }
    auto end = Clock::now() + options_.header_timeout;
    while (true) {
      CO_TRY(bool more, Parse(parser));
      if (parser.is_header_done()) co_return Ok();
      if (more || buffer_.size() == 0) CO_CHECK_OK(co_await Fill(Left(end)));
    }
  }

  Awaitable<Status> ReadBody(Parser& parser) {
    auto begun = Clock::now();
    std::uint64_t received = 0;
    while (!parser.is_done()) {
      std::size_t before = buffer_.size();
      if (before != 0) {
        CO_TRY(bool more, Parse(parser));
        if (parser.is_done()) break;
        if (!more && buffer_.size() != before) continue;
      }
      auto earned = milliseconds(received * 1000 / kBodyBytesPerSecondMin);
      CO_CHECK_OK(co_await Fill(Left(begun + options_.body_grace + earned)));
      received += buffer_.size();
    }
    co_return Ok();
  }

  HttpRequest Take(Parser& parser) {
    auto message = parser.release();
    HttpRequest request;
    request.method = std::string(View(message.method_string()));
    request.target = std::string(View(message.target()));
    for (const auto& field : message)
      request.headers.Add(std::string(View(field.name_string())), std::string(View(field.value())));
    request.body = std::move(message.body());
    request.peer = stream_.peer();
    return request;
  }

  Awaitable<void> Refuse(const Error& error) {
    HttpResponse response;
    if (options_.refuse) {
      response = options_.refuse(error);
    } else {
      response.status = error.info->http_status;
      response.headers.Set("Content-Type", "text/plain; charset=utf-8");
      response.body = std::string(error.info->en) + "\n";
    }
    (void)co_await Send(response, false, true);
  }

  // False when the connection has to end; so it does where a large body breaks off.
  Awaitable<bool> Send(const HttpResponse& response, bool head, bool close) {
    std::string out = "HTTP/1.1 " + std::to_string(response.status) + " " +
                      std::string(View(http::obsolete_reason(static_cast<http::status>(response.status)))) + "\r\n";
    for (const auto& [name, value] : response.headers.all()) out += name + ": " + value + "\r\n";
    bool bodiless = response.status == 204 || response.status == 304;
    auto size = response.large != nullptr ? response.large->size() : response.body.size();
    if (!bodiless) out += "Content-Length: " + std::to_string(size) + "\r\n";
    out += close ? "Connection: close\r\n\r\n" : "\r\n";
    if (!head && !bodiless) out += response.body;
    auto written = co_await stream_.Write(out, options_.write_timeout);
    if (!written || head || bodiless || response.large == nullptr) co_return written.has_value();
    auto sent = co_await WriteAll(stream_, *response.large, options_.write_timeout);
    co_return sent.has_value();
  }

  Stream& stream_;
  const HttpOptions& options_;
  const HttpHandler& handler_;
  beast::flat_buffer buffer_;
  bool keep_alive_ = true;
};

}  // namespace

Result<std::unique_ptr<Listener>> ListenHttp(asio::any_io_executor executor, const HttpOptions& options,
                                             HttpHandler handler) {
  return Listen(std::move(executor), options.listen, [options, handler](Stream& stream) -> Awaitable<void> {
    Connection connection(stream, options, handler);
    co_await connection.Run();
  });
}

}  // namespace passerelle::net
