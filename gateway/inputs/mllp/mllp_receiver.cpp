#include "gateway/inputs/mllp/mllp_receiver.h"

namespace passerelle::inputs {

using pipeline::Wholeness;

namespace {

Wholeness WholenessOf(const net::MllpFrame& frame) {
  if (frame.truncated) return Wholeness::Beginning;
  return frame.incomplete ? Wholeness::Unfinished : Wholeness::Whole;
}

}  // namespace

Awaitable<std::string> MllpReceiver::Receive(net::MllpFrame received, net::Peer peer) {
  pipeline::Frame frame;
  frame.feed = feed_;
  frame.sender = peer.certificate_name.empty() ? feed_ : peer.certificate_name;
  frame.wholeness = WholenessOf(received);
  frame.bytes = std::move(received.bytes);
  frame.peer = std::move(peer);
  frame.received = now_();
  auto reply = co_await pipeline_.Process(std::move(frame));
  co_return reply.trouble ? std::string() : std::move(reply.answer.bytes);
}

}  // namespace passerelle::inputs
