#pragma once
// MllpReceiver: takes the frames of one feed through the pipeline and gives back the acknowledgement.

#include <functional>
#include <string>

#include "gateway/net/mllp.h"
#include "gateway/pipeline/pipeline.h"

namespace passerelle::inputs {

class MllpReceiver {
 public:
  // `now` gives ISO 8601 UTC with milliseconds. The pipeline must outlive the listener.
  MllpReceiver(pipeline::Pipeline& pipeline, std::string feed, std::function<std::string()> now)
      : pipeline_(pipeline), feed_(std::move(feed)), now_(std::move(now)) {}

  // The acknowledgement's bytes; empty where none is due or nothing could be kept: the sender then repeats.
  Awaitable<std::string> Receive(net::MllpFrame frame, net::Peer peer);

 private:
  pipeline::Pipeline& pipeline_;
  const std::string feed_;
  const std::function<std::string()> now_;
};

}  // namespace passerelle::inputs
