#include "gateway/net/stream.h"

#include <boost/asio/co_spawn.hpp>
#include <boost/asio/connect.hpp>
#include <boost/asio/detached.hpp>
#include <boost/asio/ip/tcp.hpp>
#include <boost/asio/ip/network_v4.hpp>
#include <boost/asio/redirect_error.hpp>
#include <boost/asio/ssl/host_name_verification.hpp>
#include <boost/asio/ssl/stream.hpp>
#include <boost/asio/steady_timer.hpp>
#include <boost/asio/use_awaitable.hpp>
#include <boost/asio/write.hpp>
#include <netinet/tcp.h>

#include <algorithm>
#include <map>
#include <set>

#include "gateway/net/errors.h"
#include "gateway/net/tls.h"

namespace passerelle::net {
namespace {

namespace asio = boost::asio;
using asio::ip::tcp;
using boost::system::error_code;

constexpr milliseconds kHandshakeTimeout{10'000};
constexpr milliseconds kGoodbyeTimeout{2'000};
constexpr milliseconds kNotAccepting{10};  // until it is looked again whether connections may come in

// Ends a socket's operation after a time, by cancelling it; says afterwards whether that happened.
class Deadline {
 public:
  Deadline(tcp::socket& socket, milliseconds timeout) : timer_(socket.get_executor()) {
    if (timeout == kNoTimeout) return;
    timer_.expires_after(timeout);
    timer_.async_wait([&socket, passed = passed_](error_code cancelled) {
      if (cancelled) return;
      *passed = true;
      error_code ignored;
      socket.cancel(ignored);
    });
  }
  ~Deadline() { timer_.cancel(); }
  bool passed() const { return *passed_; }

 private:
  asio::steady_timer timer_;
  std::shared_ptr<bool> passed_ = std::make_shared<bool>(false);
};

Error FailureOf(const Deadline& deadline, const error_code& wrong) {
  if (deadline.passed()) return Error{errors::SenderTooSlow};
  return Error{errors::ConnectionLost, wrong.message()};
}

// Dead peers are noticed though idle feeds are legal (engine rule "half-open TCP").
void KeepAlive(tcp::socket& socket) {
  error_code ignored;
  socket.set_option(tcp::no_delay(true), ignored);
  socket.set_option(asio::socket_base::keep_alive(true), ignored);
  auto set = [&](int option, int value) {
    ::setsockopt(socket.native_handle(), IPPROTO_TCP, option, &value, sizeof value);
  };
  set(TCP_KEEPIDLE, 60);
  set(TCP_KEEPINTVL, 10);
  set(TCP_KEEPCNT, 3);
  set(TCP_USER_TIMEOUT, 30'000);
}

Peer PeerOf(const tcp::socket& socket) {
  error_code ignored;
  auto end = socket.remote_endpoint(ignored);
  return {end.address().to_string(), end.port(), end.address().is_loopback(), false, {}};
}

class PlainStream : public Stream {
 public:
  explicit PlainStream(tcp::socket socket) : socket_(std::move(socket)), peer_(PeerOf(socket_)) {}

  Awaitable<Result<std::size_t>> ReadSome(char* into, std::size_t size, milliseconds timeout) override {
    Deadline deadline(socket_, timeout);
    error_code wrong;
    auto read = co_await socket_.async_read_some(asio::buffer(into, size),
                                                 asio::redirect_error(asio::use_awaitable, wrong));
    if (wrong) co_return FailureOf(deadline, wrong);
    co_return read;
  }
  Awaitable<Status> Write(std::string_view bytes, milliseconds timeout) override {
    Deadline deadline(socket_, timeout);
    error_code wrong;
    co_await asio::async_write(socket_, asio::buffer(bytes.data(), bytes.size()),
                               asio::redirect_error(asio::use_awaitable, wrong));
    if (wrong) co_return FailureOf(deadline, wrong);
    co_return Ok();
  }
  Awaitable<void> Close() override {
    error_code ignored;
    socket_.shutdown(tcp::socket::shutdown_both, ignored);
    socket_.close(ignored);
    co_return;
  }
  void Abort() override {
    error_code ignored;
    socket_.close(ignored);
  }
  const Peer& peer() const override { return peer_; }

 private:
  tcp::socket socket_;
  Peer peer_;
};

class TlsStream : public Stream {
 public:
  TlsStream(tcp::socket socket, std::shared_ptr<TlsContext> tls)
      : tls_(std::move(tls)), stream_(std::move(socket), tls_->context), peer_(PeerOf(stream_.next_layer())) {
    peer_.tls = true;
  }

  Awaitable<Status> Handshake(asio::ssl::stream_base::handshake_type side, const std::string& host) {
    Deadline deadline(stream_.next_layer(), kHandshakeTimeout);
    error_code wrong;
    if (side == asio::ssl::stream_base::client) {
      SSL_set_tlsext_host_name(stream_.native_handle(), host.c_str());
      stream_.set_verify_callback(asio::ssl::host_name_verification(host), wrong);
    }
    co_await stream_.async_handshake(side, asio::redirect_error(asio::use_awaitable, wrong));
    if (wrong) co_return FailureOf(deadline, wrong);
    peer_.certificate_name = CertificateName(stream_.native_handle());
    if (!tls_->names.empty() &&
        std::find(tls_->names.begin(), tls_->names.end(), peer_.certificate_name) == tls_->names.end())
      co_return Error{errors::TlsUnusable, "the client's certificate names nobody that may come in"};
    co_return Ok();
  }
  Awaitable<Result<std::size_t>> ReadSome(char* into, std::size_t size, milliseconds timeout) override {
    Deadline deadline(stream_.next_layer(), timeout);
    error_code wrong;
    auto read = co_await stream_.async_read_some(asio::buffer(into, size),
                                                 asio::redirect_error(asio::use_awaitable, wrong));
    if (wrong) co_return FailureOf(deadline, wrong);
    co_return read;
  }
  Awaitable<Status> Write(std::string_view bytes, milliseconds timeout) override {
    Deadline deadline(stream_.next_layer(), timeout);
    error_code wrong;
    co_await asio::async_write(stream_, asio::buffer(bytes.data(), bytes.size()),
                               asio::redirect_error(asio::use_awaitable, wrong));
    if (wrong) co_return FailureOf(deadline, wrong);
    co_return Ok();
  }
  Awaitable<void> Close() override {
    Deadline deadline(stream_.next_layer(), kGoodbyeTimeout);
    error_code ignored;
    co_await stream_.async_shutdown(asio::redirect_error(asio::use_awaitable, ignored));
    stream_.next_layer().close(ignored);
  }
  void Abort() override {
    error_code ignored;
    stream_.next_layer().close(ignored);
  }
  const Peer& peer() const override { return peer_; }

 private:
  std::shared_ptr<TlsContext> tls_;
  asio::ssl::stream<tcp::socket> stream_;
  Peer peer_;
};

bool InRange(const asio::ip::address& address, const std::string& cidr) {
  error_code wrong;
  auto slash = cidr.find('/');
  if (address.is_v4() && slash != cidr.npos) {
    auto network = asio::ip::make_network_v4(cidr, wrong);
    if (wrong) return false;
    auto host = asio::ip::make_network_v4(address.to_v4(), 32);
    return host.is_subnet_of(network) || host.network() == network.network();
  }
  auto exact = asio::ip::make_address(cidr.substr(0, slash), wrong);
  return !wrong && exact == address;
}

// Shared by the listener and its connections, so that either may end first.
struct Connections {
  std::set<Stream*> streams;
  std::map<std::string, std::size_t> per_peer;
};

class TcpListener : public Listener {
 public:
  TcpListener(asio::any_io_executor executor, ListenOptions options, Serve serve)
      : acceptor_(executor), pause_(executor), options_(std::move(options)), serve_(std::move(serve)) {}

  Status Open() {
    error_code wrong;
    auto address = asio::ip::make_address(options_.host == "localhost" ? "127.0.0.1" : options_.host, wrong);
    auto bad = [&] {
      return Error{errors::PortUnusable, options_.host + ":" + std::to_string(options_.port) + ": " + wrong.message()};
    };
    if (wrong) return bad();
    tcp::endpoint endpoint(address, options_.port);
    acceptor_.open(endpoint.protocol(), wrong);
    if (!wrong) acceptor_.set_option(tcp::acceptor::reuse_address(true), wrong);
    if (!wrong) acceptor_.bind(endpoint, wrong);
    if (!wrong) acceptor_.listen(asio::socket_base::max_listen_connections, wrong);
    if (wrong) return bad();
    port_ = acceptor_.local_endpoint().port();
    asio::co_spawn(acceptor_.get_executor(), Accept(), asio::detached);
    return Ok();
  }
  std::uint16_t port() const override { return port_; }
  std::size_t connections() const override { return connections_->streams.size(); }
  void Stop() override {
    stopped_ = true;
    error_code ignored;
    acceptor_.close(ignored);
    pause_.cancel();
  }
  void AbortAll() override {
    for (Stream* stream : connections_->streams) stream->Abort();
  }

 private:
  Awaitable<void> Pause(milliseconds time) {
    error_code ignored;
    pause_.expires_after(time);
    co_await pause_.async_wait(asio::redirect_error(asio::use_awaitable, ignored));
  }

  Awaitable<void> Accept() {
    while (!stopped_) {
      if (options_.accepting && !options_.accepting()) {
        co_await Pause(kNotAccepting);
        continue;
      }
      error_code wrong;
      auto socket = co_await acceptor_.async_accept(asio::redirect_error(asio::use_awaitable, wrong));
      if (stopped_) co_return;
      if (wrong) {
        co_await Pause(milliseconds(50));  // out of descriptors: later ones may be free again
        continue;
      }
      if (!MayEnter(socket)) continue;  // closed by its destructor
      KeepAlive(socket);
      asio::co_spawn(acceptor_.get_executor(), Run(std::move(socket), options_.tls, serve_, connections_),
                     asio::detached);
    }
  }

  bool MayEnter(const tcp::socket& socket) const {
    error_code wrong;
    auto address = socket.remote_endpoint(wrong).address();
    if (wrong || connections_->streams.size() >= options_.connections_max) return false;
    auto it = connections_->per_peer.find(address.to_string());
    if (it != connections_->per_peer.end() && it->second >= options_.connections_per_peer_max) return false;
    return options_.peers.empty() || std::any_of(options_.peers.begin(), options_.peers.end(),
                                                 [&](const auto& cidr) { return InRange(address, cidr); });
  }

  // Static: goes on when the listener is gone.
  static Awaitable<void> Run(tcp::socket socket, std::shared_ptr<TlsContext> tls, Serve serve,
                             std::shared_ptr<Connections> connections) {
    std::unique_ptr<Stream> stream;
    TlsStream* secure = nullptr;
    if (tls) {
      auto made = std::make_unique<TlsStream>(std::move(socket), tls);
      secure = made.get();
      stream = std::move(made);
    } else {
      stream = std::make_unique<PlainStream>(std::move(socket));
    }
    connections->streams.insert(stream.get());
    std::string address = stream->peer().address;
    ++connections->per_peer[address];
    try {
      Status ready = Ok();
      if (secure != nullptr) ready = co_await secure->Handshake(asio::ssl::stream_base::server, {});
      if (ready) co_await serve(*stream);
    } catch (const std::exception&) {
      // A fault of ours ends this connection and no other.
    }
    connections->streams.erase(stream.get());
    if (--connections->per_peer[address] == 0) connections->per_peer.erase(address);
    co_await stream->Close();
  }

  tcp::acceptor acceptor_;
  asio::steady_timer pause_;
  ListenOptions options_;
  Serve serve_;
  std::shared_ptr<Connections> connections_ = std::make_shared<Connections>();
  std::uint16_t port_ = 0;
  bool stopped_ = false;
};

}  // namespace

Awaitable<Status> WriteAll(Stream& stream, Source& source, milliseconds timeout) {
  for (;;) {
    CO_TRY(auto piece, source.Next());
    if (piece.empty()) co_return Ok();
    CO_CHECK_OK(co_await stream.Write(piece, timeout));
  }
}

Result<std::unique_ptr<Listener>> Listen(asio::any_io_executor executor, const ListenOptions& options, Serve serve) {
  auto listener = std::make_unique<TcpListener>(std::move(executor), options, std::move(serve));
  CHECK_OK(listener->Open());
  return std::unique_ptr<Listener>(std::move(listener));
}

Awaitable<Result<std::unique_ptr<Stream>>> Connect(std::string host, std::uint16_t port,
                                                   std::shared_ptr<TlsContext> tls, milliseconds timeout) {
  auto executor = co_await asio::this_coro::executor;
  tcp::resolver resolver(executor);
  error_code wrong;
  auto failure = [&](const std::string& why) {
    return Error{errors::ConnectionFailed, host + ":" + std::to_string(port) + ": " + why};
  };
  auto found = co_await resolver.async_resolve(host, std::to_string(port),
                                               asio::redirect_error(asio::use_awaitable, wrong));
  if (wrong) co_return failure(wrong.message());
  tcp::socket socket(executor);
  bool connected = false;
  for (const auto& entry : found) {
    error_code ignored;
    socket.close(ignored);
    socket.open(entry.endpoint().protocol(), ignored);
    Deadline deadline(socket, timeout);
    wrong = {};
    co_await socket.async_connect(entry.endpoint(), asio::redirect_error(asio::use_awaitable, wrong));
    connected = !wrong;
    if (connected) break;
  }
  if (!connected) co_return failure(wrong.message());
  KeepAlive(socket);
  if (!tls) co_return std::unique_ptr<Stream>(std::make_unique<PlainStream>(std::move(socket)));
  auto stream = std::make_unique<TlsStream>(std::move(socket), tls);
  auto ready = co_await stream->Handshake(asio::ssl::stream_base::client, host);
  if (!ready) co_return failure(ready.error().detail);
  co_return std::unique_ptr<Stream>(std::move(stream));
}

}  // namespace passerelle::net
