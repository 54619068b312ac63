#include "gateway/inputs/mllp/mllp_receiver.h"

namespace passerelle::inputs {

using pipeline::Wholeness;

namespace {

Wholeness WholenessOf(const net::MllpFrame& frame) {
  if (frame.truncated) return Wholeness::Beginning;
  return frame.incomplete ? Wholeness::Unfinished : Wholeness::Whole;
}

}  // namespace

class MllpReceiver::Conversation : public net::MllpConversation {
 public:
  Conversation(const Parts& parts, net::Peer peer) : parts_(parts), peer_(std::move(peer)) {}

  Awaitable<Status> TakePart(std::string part) override {
    if (spool_ == nullptr) { CO_TRY(spool_, parts_.pipeline.MakeSpool()); }
    co_return co_await spool_->Append(part);
  }

  Awaitable<std::string> Take(net::MllpFrame received) override {
    auto begun = std::chrono::steady_clock::now();
    pipeline::Frame frame;
    frame.feed = parts_.feed;
    frame.sender = peer_.certificate_name.empty() ? parts_.feed : peer_.certificate_name;
    frame.wholeness = WholenessOf(received);
    frame.peer = peer_;
    frame.received = parts_.now();
    frame.bytes = std::move(received.bytes);
    if (spool_ != nullptr && !co_await EndSpool(frame)) co_return std::string();
    auto reply = co_await parts_.pipeline.Process(std::move(frame));
    if (parts_.answered) parts_.answered(std::chrono::steady_clock::now() - begun);
    co_return reply.trouble ? std::string() : std::move(reply.answer.bytes);
  }

 private:
  // The bytes of `frame` are the rest of what was spooled. Of one that is not whole the beginning is kept, as
  // evidence.
  Awaitable<Status> EndSpool(pipeline::Frame& frame) {
    std::shared_ptr<pipeline::Spool> spool = std::move(spool_);
    if (frame.wholeness != Wholeness::Whole) {
      CO_TRY(frame.bytes, spool->Read(0, net::kEvidenceBytes));
      co_return Ok();
    }
    CO_CHECK_OK(co_await spool->Append(frame.bytes));
    frame.bytes = spool->End();
    frame.large = std::move(spool);
    co_return Ok();
  }

  const Parts& parts_;
  const net::Peer peer_;
  std::unique_ptr<pipeline::Spool> spool_;  // of the frame that is coming
};

std::unique_ptr<net::MllpConversation> MllpReceiver::Begin(net::Peer peer) const {
  return std::make_unique<Conversation>(parts_, std::move(peer));
}

}  // namespace passerelle::inputs
