#pragma once
// Stream: a byte stream, plain or TLS, with its type erased at the level of coroutines: what stands on it compiles in
// a second instead of twenty. Times out by itself: an operation that takes longer than allowed ends in SenderTooSlow.

#include <boost/asio/any_io_executor.hpp>
#include <chrono>
#include <cstddef>
#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "fhir_model/base/result.h"
#include "gateway/net/awaitable.h"
#include "gateway/net/http.h"
#include "gateway/net/source.h"

namespace passerelle::net {

using std::chrono::milliseconds;
inline constexpr milliseconds kNoTimeout{0};

class Stream {
 public:
  virtual ~Stream() = default;
  // At least one byte, or an Error: ConnectionLost at the end, SenderTooSlow after the time.
  virtual Awaitable<Result<std::size_t>> ReadSome(char* into, std::size_t size, milliseconds timeout) = 0;
  virtual Awaitable<Status> Write(std::string_view bytes, milliseconds timeout) = 0;
  // Says goodbye (TLS close_notify) and closes; never fails.
  virtual Awaitable<void> Close() = 0;
  virtual void Abort() = 0;  // closes at once, from any point; pending operations end
  virtual const Peer& peer() const = 0;
};

// All that a source gives; the time is for each piece.
Awaitable<Status> WriteAll(Stream& stream, Source& source, milliseconds timeout);

struct TlsFiles {
  std::string certificate, key;  // own, PEM; empty: none (a client without a certificate)
  std::string authority;         // whom to trust, PEM; empty: the system's, for a client; nobody, for a server
  std::vector<std::string> names;  // of client certificates that may come in; empty: all the authority vouches for
};

class TlsContext;  // OpenSSL's, shared by the connections of one listener or client
// Reads and checks the files now, so that a mistake shows at start.
Result<std::shared_ptr<TlsContext>> MakeServerTls(const TlsFiles& files);
Result<std::shared_ptr<TlsContext>> MakeClientTls(const TlsFiles& files);

// Whole days until the first certificate of a PEM file ends; nothing without a readable one.
std::optional<int> CertificateDaysLeft(const std::string& pem_file);

// Accepts connections and runs `serve` for each, detached, until Stop.
struct ListenOptions {
  std::string host = "127.0.0.1";
  std::uint16_t port = 0;
  std::shared_ptr<TlsContext> tls;
  std::size_t connections_max = 1024;
  std::size_t connections_per_peer_max = 256;
  std::vector<std::string> peers;    // CIDR that may connect; empty: all
  std::function<bool()> accepting;   // while false nothing is accepted; empty: always
};

class Listener {
 public:
  virtual ~Listener() = default;
  virtual std::uint16_t port() const = 0;      // the real one, when 0 was asked for
  virtual std::size_t connections() const = 0;
  virtual void Stop() = 0;                     // no new connections
  virtual void AbortAll() = 0;                 // ends those there are
};

using Serve = std::function<Awaitable<void>(Stream&)>;
// PortUnusable where the address is taken or not ours.
Result<std::unique_ptr<Listener>> Listen(boost::asio::any_io_executor executor, const ListenOptions& options,
                                         Serve serve);

// Connects, with TLS when a context is given (the certificate must name `host`).
Awaitable<Result<std::unique_ptr<Stream>>> Connect(std::string host, std::uint16_t port,
                                                   std::shared_ptr<TlsContext> tls, milliseconds timeout);

}  // namespace passerelle::net
