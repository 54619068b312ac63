#include "gateway/inputs/reader.h"

#include "gateway/inputs/errors.h"
#include "gateway/net/errors.h"
#include "gateway/pipeline/errors.h"
#include "mappers/hl7v2/errors.h"
#include "mappers/hl7v2/peek.h"

namespace passerelle::inputs {

using pipeline::Frame;
using pipeline::Prepared;
using pipeline::Wholeness;

const Feed& FeedOf(const Feeds& feeds, const Frame& frame) {
  static const Feed kNobody;
  auto it = feeds.find(frame.feed);
  return it == feeds.end() ? kNobody : it->second;
}

namespace {

// What the header says, where the rest will not be read.
void PeekInto(const Frame& frame, Prepared& prepared) {
  auto peeked = hl7v2::Peek(frame.bytes);
  if (!peeked.found) return;
  prepared.format = "hl7v2";
  prepared.control_id = peeked.control_id;
  prepared.event = peeked.event();
  prepared.processing_id = peeked.processing_id;
}

}  // namespace

Prepared Reader::Read(const Frame& frame, const Feed& feed) const {
  Prepared prepared;
  PeekInto(frame, prepared);
  // Half a message could still be read, as another message than the sender meant.
  if (frame.wholeness == Wholeness::Beginning) prepared.refusal = Error{errors::FrameTooLarge};
  if (frame.wholeness == Wholeness::Unfinished) prepared.refusal = Error{errors::FrameIncomplete};
  if (prepared.refusal) return prepared;
  if (prepared.format.empty())
    prepared.refusal = feed.mllp ? Error{errors::HeaderMissing} : Error{errors::FormatUnknown};
  return prepared;
}

}  // namespace passerelle::inputs
