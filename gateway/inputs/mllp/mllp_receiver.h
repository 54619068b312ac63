#pragma once
// MllpReceiver: takes the frames of one feed through the pipeline and gives back the acknowledgements.

#include <chrono>
#include <functional>
#include <memory>
#include <string>

#include "gateway/net/mllp.h"
#include "gateway/pipeline/pipeline.h"

namespace passerelle::inputs {

class MllpReceiver {
 public:
  struct Parts {
    pipeline::Pipeline& pipeline;  // outlives the listener
    std::string feed;
    std::function<std::string()> now;                                        // ISO 8601 UTC with milliseconds
    std::function<void(std::chrono::steady_clock::duration)> answered = {};  // how long a frame took
  };
  explicit MllpReceiver(Parts parts) : parts_(std::move(parts)) {}

  // One connection, which ends before the receiver does. Its answers are the acknowledgement's bytes; empty
  // where none is due or nothing could be kept: the sender then repeats.
  std::unique_ptr<net::MllpConversation> Begin(net::Peer peer) const;

 private:
  class Conversation;
  const Parts parts_;
};

}  // namespace passerelle::inputs
