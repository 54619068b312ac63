#include "gateway/net/http_client.h"

#include <boost/beast/core/flat_buffer.hpp>
#include <boost/beast/http/parser.hpp>
#include <boost/beast/http/string_body.hpp>

#include <array>
#include <charconv>

#include "gateway/net/errors.h"

namespace passerelle::net {
namespace {

namespace beast = boost::beast;
namespace http = beast::http;
using Clock = std::chrono::steady_clock;

constexpr std::size_t kReadBytes = 64 * 1024;

struct SchemeRow {
  std::string_view name;
  std::uint16_t port;
};
constexpr std::array kSchemes = {SchemeRow{"http", 80}, SchemeRow{"https", 443}, SchemeRow{"mllp", 2575},
                                 SchemeRow{"mllps", 2575}};

std::string RequestText(const HttpCall& call) {
  std::string out = call.method + " " + call.url.path + " HTTP/1.1\r\nHost: " + call.url.host + ":" +
                    std::to_string(call.url.port) + "\r\nConnection: close\r\n";
  for (const auto& [name, value] : call.headers.all()) out += name + ": " + value + "\r\n";
  if (!call.body.empty() || call.method == "POST" || call.method == "PUT" || call.method == "PATCH")
    out += "Content-Length: " + std::to_string(call.large != nullptr ? call.large->size() : call.body.size()) + "\r\n";
  return out + "\r\n" + call.body;
}

HttpResponse Take(http::response_parser<http::string_body>& parser) {
  auto message = parser.release();
  HttpResponse response;
  response.status = static_cast<int>(message.result_int());
  for (const auto& field : message)
    response.headers.Add(std::string(field.name_string().data(), field.name_string().size()),
                         std::string(field.value().data(), field.value().size()));
  response.body = std::move(message.body());
  return response;
}

Awaitable<Result<HttpResponse>> ReadAnswer(Stream& stream, const HttpCall& call, Clock::time_point end) {
  http::response_parser<http::string_body> parser;
  parser.body_limit(call.answer_bytes_max);
  parser.eager(true);
  if (call.method == "HEAD") parser.skip(true);
  beast::flat_buffer buffer;
  while (!parser.is_done()) {
    beast::error_code wrong;
    if (buffer.size() != 0) {
      buffer.consume(parser.put(buffer.data(), wrong));
      if (wrong && wrong != http::error::need_more) co_return Error{errors::AnswerMalformed, wrong.message()};
      if (parser.is_done()) break;
    }
    auto left = std::chrono::duration_cast<milliseconds>(end - Clock::now());
    if (left <= milliseconds(0)) co_return Error{errors::AnswerTooLate};
    auto room = buffer.prepare(kReadBytes);
    auto read = co_await stream.ReadSome(static_cast<char*>(room.data()), room.size(), left);
    if (read) {
      buffer.commit(*read);
      continue;
    }
    if (read.error().info == &errors::SenderTooSlow) co_return Error{errors::AnswerTooLate};
    if (!parser.got_some()) co_return Error{errors::ConnectionLost};  // Beast asserts that there was a beginning
    parser.put_eof(wrong);
    if (wrong || !parser.is_done()) co_return Error{errors::ConnectionLost};
  }
  co_return Take(parser);
}

}  // namespace

Result<Url> ParseUrl(std::string_view text) {
  auto mark = text.find("://");
  if (mark == text.npos) return Error{errors::AddressMalformed};
  Url url;
  url.scheme = text.substr(0, mark);
  for (const auto& scheme : kSchemes)
    if (scheme.name == url.scheme) url.port = scheme.port;
  if (url.port == 0) return Error{errors::AddressMalformed, "unknown scheme"};
  auto rest = text.substr(mark + 3);
  auto slash = rest.find('/');
  auto authority = rest.substr(0, slash);
  url.path = slash == rest.npos ? "/" : rest.substr(slash);
  auto colon = authority.rfind(':');
  if (colon != authority.npos && authority.find(']', colon) == authority.npos) {
    auto port = authority.substr(colon + 1);
    auto [end, wrong] = std::from_chars(port.data(), port.data() + port.size(), url.port);
    if (wrong != std::errc() || end != port.data() + port.size()) return Error{errors::AddressMalformed};
    authority = authority.substr(0, colon);
  }
  if (authority.starts_with('[') && authority.ends_with(']')) authority = authority.substr(1, authority.size() - 2);
  url.host = authority;
  if (url.host.empty() || url.port == 0 || url.host.find('@') != url.host.npos) return Error{errors::AddressMalformed};
  return url;
}

Awaitable<Result<HttpResponse>> Call(HttpCall call) {
  auto end = Clock::now() + call.total_timeout;
  CO_TRY(auto stream, co_await Connect(call.url.host, call.url.port, call.url.secure() ? call.tls : nullptr,
                                       call.connect_timeout));
  CO_CHECK_OK(co_await stream->Write(RequestText(call), call.total_timeout));
  if (call.large != nullptr) {
    CO_CHECK_OK(co_await WriteAll(*stream, *call.large, call.total_timeout));
    end = Clock::now() + call.total_timeout;
  }
  auto answer = co_await ReadAnswer(*stream, call, end);
  stream->Abort();
  co_return answer;
}

}  // namespace passerelle::net
