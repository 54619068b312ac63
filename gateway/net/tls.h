#pragma once
// The TLS context behind stream.h. Private to this room.

#include <boost/asio/ssl/context.hpp>
#include <string>
#include <vector>

#include "gateway/net/stream.h"

namespace passerelle::net {

class TlsContext {
 public:
  TlsContext() : context(boost::asio::ssl::context::tls) {}
  boost::asio::ssl::context context;
  std::vector<std::string> names;
};

// The first subject alternative name (DNS, mail or URI) of a verified peer certificate, else its common name.
std::string CertificateName(SSL* ssl);

}  // namespace passerelle::net
