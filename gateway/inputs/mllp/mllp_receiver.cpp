#include "gateway/inputs/mllp/mllp_receiver.h"

#include "mappers/hl7v2/batch.h"
#include "mappers/hl7v2/peek.h"

namespace passerelle::inputs {

using pipeline::Frame;
using pipeline::Reply;
using pipeline::Wholeness;

namespace {

Wholeness WholenessOf(const net::MllpFrame& frame) {
  if (frame.truncated) return Wholeness::Beginning;
  return frame.incomplete ? Wholeness::Unfinished : Wholeness::Whole;
}

// The envelope of the answer; BHS-12 names the batch it answers.
std::string WrapAnswers(const hl7v2::Batch& batch, const std::string& answers, std::size_t count) {
  std::string out;
  if (!batch.file_id.empty()) out += "FHS|^~\\&||||||||||" + batch.file_id + "\r";
  out += "BHS|^~\\&||||||||||" + batch.batch_id + "\r" + answers + "BTS|" + std::to_string(count) + "\r";
  if (!batch.file_id.empty()) out += "FTS|1\r";
  return out;
}

}  // namespace

Awaitable<std::string> MllpReceiver::Receive(net::MllpFrame frame, net::Peer peer) {
  Wholeness wholeness = WholenessOf(frame);
  if (wholeness == Wholeness::Whole && hl7v2::IsBatch(frame.bytes))
    co_return co_await ReceiveBatch(std::move(frame.bytes), peer);
  auto reply = co_await ReceiveOne(std::move(frame.bytes), wholeness, peer);
  co_return reply.trouble ? std::string() : std::move(reply.answer.bytes);
}

Awaitable<Reply> MllpReceiver::ReceiveOne(std::string bytes, Wholeness wholeness, const net::Peer& peer) {
  Frame frame;
  frame.feed = feed_name_;
  frame.sender = peer.certificate_name.empty() ? feed_name_ : peer.certificate_name;
  frame.peer = peer;
  frame.bytes = std::move(bytes);
  frame.wholeness = wholeness;
  frame.received = now_();
  // A frame without a usable header is decided before it is answered: its sender has to hear of it now.
  if (feed_.acknowledge_on_commit && wholeness == Wholeness::Whole &&
      hl7v2::CheckHeader(hl7v2::Peek(frame.bytes)))
    frame.commit_answer = input_.RespondToReceipt(frame);
  co_return co_await pipeline_.Process(std::move(frame));
}

Awaitable<std::string> MllpReceiver::ReceiveBatch(std::string bytes, const net::Peer& peer) {
  Issues issues;
  auto batch = hl7v2::SplitBatch(bytes, issues);
  if (batch.messages.empty()) {
    auto reply = co_await ReceiveOne(std::move(bytes), Wholeness::Whole, peer);
    co_return reply.trouble ? std::string() : std::move(reply.answer.bytes);
  }
  std::string answers;
  std::size_t count = 0;
  for (auto message : batch.messages) {
    auto reply = co_await ReceiveOne(std::string(message), Wholeness::Whole, peer);
    if (reply.trouble) co_return std::string();  // a repeat of the batch finds the first ones kept
    if (reply.answer.bytes.empty()) continue;
    answers += reply.answer.bytes;
    ++count;
  }
  co_return WrapAnswers(batch, answers, count);
}

}  // namespace passerelle::inputs
