#pragma once
// MLLP over a Stream: a server that answers frame by frame in order, and a client.

#include <functional>
#include <memory>
#include <string>

#include "gateway/net/mllp_framer.h"
#include "gateway/net/stream.h"

namespace passerelle::net {

struct MllpOptions {
  ListenOptions listen;
  std::size_t frame_bytes_max = 16u << 20;
  milliseconds frame_timeout{30'000};  // from VT to FS; between frames a feed may be silent for ever
  milliseconds write_timeout{30'000};
};

// Gives the acknowledgement for a frame; empty: none is sent. Frames of one connection come one after the other.
using MllpHandler = std::function<Awaitable<std::string>(MllpFrame frame, const Peer& peer)>;

// One connection, as who takes large frames in parts sees it; a call comes when the one before has returned.
class MllpConversation {
 public:
  virtual ~MllpConversation() = default;
  // The first or next part, of kPartBytes and more, of a frame that goes on. An error ends the connection.
  virtual Awaitable<Status> TakePart(std::string part) = 0;
  // What is left of the frame, or all of it where it was small, answered as by an MllpHandler.
  virtual Awaitable<std::string> Take(MllpFrame frame) = 0;
};
using MllpConversations = std::function<std::unique_ptr<MllpConversation>(const Peer& peer)>;
inline constexpr std::size_t kPartBytes = 1u << 20;

// While options.listen.accepting says no, connections are kept but not read.
Result<std::unique_ptr<Listener>> ListenMllp(boost::asio::any_io_executor executor, const MllpOptions& options,
                                             MllpHandler handler);
Result<std::unique_ptr<Listener>> ListenMllp(boost::asio::any_io_executor executor, const MllpOptions& options,
                                             MllpConversations begin);

// Sends one message over an open stream and waits for the frame that answers it.
Awaitable<Result<std::string>> ExchangeMllp(Stream& stream, std::string_view message, milliseconds timeout);
Awaitable<Result<std::string>> ExchangeMllp(Stream& stream, Source& message, milliseconds timeout);

}  // namespace passerelle::net
