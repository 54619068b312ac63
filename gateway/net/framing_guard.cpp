#include "gateway/net/framing_guard.h"

#include <boost/beast/core/string.hpp>

#include "gateway/net/errors.h"

namespace passerelle::net {

namespace beast = boost::beast;
namespace http = beast::http;

Status CheckFraming(const http::fields& headers, unsigned version) {
  auto codings = headers.count(http::field::transfer_encoding);
  auto lengths = headers.count(http::field::content_length);
  if (codings + lengths > 1) return Error{errors::FrameAmbiguous, "more than one length header"};
  if (codings == 1) {
    if (version < 11) return Error{errors::FrameAmbiguous, "transfer coding in HTTP/1.0"};
    if (!beast::iequals(headers[http::field::transfer_encoding], "chunked"))
      return Error{errors::FrameAmbiguous, "a transfer coding other than chunked"};
  }
  if (version >= 11 && headers.count(http::field::host) != 1) return Error{errors::HostMissing};
  return Ok();
}

}  // namespace passerelle::net
