#pragma once
// Reader: a frame's bytes as a Prepared, by the normaliser. All inputs share one; the tables behind it may be
// exchanged while messages are read. Safe from any thread.

#include <memory>

#include "gateway/inputs/feed.h"
#include "gateway/pipeline/stages.h"

namespace passerelle::inputs {

class Reader {
 public:
  pipeline::Prepared Read(const pipeline::Frame& frame, const Feed& feed) const;
};

}  // namespace passerelle::inputs
