// CheckFraming against requests that Boost 1.81's parser lets through.

#include "gateway/net/framing_guard.h"

#include <boost/beast/http/parser.hpp>
#include <boost/beast/http/string_body.hpp>
#include <catch2/catch.hpp>

namespace passerelle::net {
namespace {

namespace http = boost::beast::http;

Status Check(std::string_view version, std::string_view headers) {
  std::string text = "POST / HTTP/" + std::string(version) + "\r\n" + std::string(headers) + "\r\n";
  http::request_parser<http::string_body> parser;
  boost::system::error_code wrong;
  parser.put(boost::asio::buffer(text), wrong);
  REQUIRE(parser.is_header_done());
  return CheckFraming(parser.get(), parser.get().version());
}

TEST_CASE("one clear way to frame the body passes", "[net]") {
  CHECK(Check("1.1", "Host: a\r\nContent-Length: 3\r\n"));
  CHECK(Check("1.1", "Host: a\r\nTransfer-Encoding: Chunked\r\n"));
  CHECK(Check("1.0", "Content-Length: 3\r\n"));
  CHECK(Check("1.1", "Host: a\r\n"));
}

TEST_CASE("framings that two parsers may read differently are refused", "[net]") {
  CHECK_FALSE(Check("1.1", "Host: a\r\nTransfer-Encoding: identity\r\n"));
  CHECK_FALSE(Check("1.1", "Host: a\r\nTransfer-Encoding: chunked, identity\r\n"));
  CHECK_FALSE(Check("1.1", "Host: a\r\nTransfer-Encoding: identity\r\nContent-Length: 3\r\n"));
  CHECK_FALSE(Check("1.1", "Host: a\r\nContent-Length: 3\r\nContent-Length: 3\r\n"));
  CHECK_FALSE(Check("1.0", "Host: a\r\nTransfer-Encoding: chunked\r\n"));
  CHECK_FALSE(Check("1.1", "Content-Length: 3\r\n"));
  CHECK_FALSE(Check("1.1", "Host: a\r\nHost: b\r\n"));
}

}  // namespace
}  // namespace passerelle::net
