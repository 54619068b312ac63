#pragma once
// MLLP framing: <VT> message <FS> <CR>, taken out of a stream of bytes as they come (HL7 MLLP R1, C.4). Pure:
// no socket.
//
// Several messages may stand in one read and one message in many. What stands between frames is passed over
// and counted; a VT inside a frame that never ended begins a new one, so one broken frame does not cost the
// next. A missing CR after FS is tolerated. A frame beyond the limit is reported once, with its first 64 KiB
// as evidence.
//
// A frame that is too large for memory can be taken in parts: TakeBegun gives what is there of it, and what comes of it
// later is the rest.

#include <cstddef>
#include <string>
#include <string_view>

namespace passerelle::net {

inline constexpr char kFrameStart = '\x0b';
inline constexpr char kFrameEnd = '\x1c';
inline constexpr std::size_t kEvidenceBytes = 64 * 1024;

struct MllpFrame {
  std::string bytes;
  bool truncated = false;        // larger than the limit: `bytes` is its beginning
  bool incomplete = false;       // a new frame began, or the stream ended, before this one had its FS
  std::size_t passed_over = 0;   // bytes of garbage before it
};

class MllpFramer {
 public:
  explicit MllpFramer(std::size_t frame_bytes_max) : frame_bytes_max_(frame_bytes_max) {}

  void Feed(std::string_view bytes) { buffer_ += bytes; }
  // The next frame that is there as a whole; false when more bytes are needed.
  bool Next(MllpFrame& frame);
  // The stream ended: what was begun comes as an incomplete frame, if anything was.
  bool Finish(MllpFrame& frame);
  bool InFrame() const { return in_frame_; }
  // Of the frame that has begun and not ended: how much is there, and taking that out. Ask when Next said false.
  std::size_t begun_bytes() const { return in_frame_ ? buffer_.size() : 0; }
  std::string TakeBegun();

 private:
  bool Deliver(MllpFrame& frame, std::size_t size, bool incomplete);

  std::size_t frame_bytes_max_;
  std::string buffer_;
  std::size_t searched_ = 0;  // of buffer_, already looked at for the end
  std::size_t taken_ = 0;     // of the frame that has begun
  std::size_t passed_over_ = 0;
  bool in_frame_ = false;
  bool skipping_ = false;  // the rest of a frame that was too large
};

std::string WrapMllp(std::string_view message);

}  // namespace passerelle::net
