#pragma once
// MllpReceiver: takes the frames of one feed through the pipeline and gives back the acknowledgement. A batch
// (FHS, BHS) is split: each message is kept and decided on its own, and the answer is a batch of their
// acknowledgements.

#include <functional>
#include <string>

#include "gateway/inputs/mllp/mllp_input.h"
#include "gateway/net/mllp.h"
#include "gateway/pipeline/pipeline.h"

namespace passerelle::inputs {

class MllpReceiver {
 public:
  // `now` gives ISO 8601 UTC with milliseconds. All must outlive the listener.
  MllpReceiver(pipeline::Pipeline& pipeline, const MllpInput& input, std::string feed_name, const Feed& feed,
               std::function<std::string()> now)
      : pipeline_(pipeline),
        input_(input),
        feed_name_(std::move(feed_name)),
        feed_(feed),
        now_(std::move(now)) {}

  // The acknowledgement's bytes; empty where none is due or nothing could be kept: the sender then repeats.
  Awaitable<std::string> Receive(net::MllpFrame frame, net::Peer peer);

 private:
  Awaitable<pipeline::Reply> ReceiveOne(std::string bytes, pipeline::Wholeness wholeness,
                                        const net::Peer& peer);
  Awaitable<std::string> ReceiveBatch(std::string bytes, const net::Peer& peer);

  pipeline::Pipeline& pipeline_;
  const MllpInput& input_;
  const std::string feed_name_;
  const Feed& feed_;
  const std::function<std::string()> now_;
};

}  // namespace passerelle::inputs
