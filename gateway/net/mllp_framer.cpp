#include "gateway/net/mllp_framer.h"

#include <utility>

namespace passerelle::net {
namespace {
constexpr std::string_view kMarks("\x0b\x1c", 2);
}

bool MllpFramer::Deliver(MllpFrame& frame, std::size_t size, bool incomplete) {
  frame = {buffer_.substr(0, size), false, incomplete, passed_over_};
  passed_over_ = 0;
  searched_ = 0;
  taken_ = 0;
  return true;
}

std::string MllpFramer::TakeBegun() {
  searched_ = 0;
  taken_ += buffer_.size();
  return std::exchange(buffer_, {});
}

bool MllpFramer::Next(MllpFrame& frame) {
  while (true) {
    if (!in_frame_) {
      auto start = buffer_.find(kFrameStart);
      auto garbage = start == buffer_.npos ? buffer_.size() : start;
      // The CR that ends the frame before, and line ends between frames, are no garbage.
      for (std::size_t i = 0; i < garbage; ++i)
        passed_over_ += !skipping_ && buffer_[i] != '\r' && buffer_[i] != '\n';
      buffer_.erase(0, start == buffer_.npos ? garbage : garbage + 1);
      if (start == buffer_.npos) return false;
      in_frame_ = true;
      skipping_ = false;
      searched_ = 0;
    }
    auto mark = buffer_.find_first_of(kMarks, searched_);
    if (mark == buffer_.npos) {
      searched_ = buffer_.size();
      if (taken_ + buffer_.size() <= frame_bytes_max_) return false;
      Deliver(frame, kEvidenceBytes, true);
      frame.truncated = true;
      buffer_.clear();
      in_frame_ = false;
      skipping_ = true;
      return true;
    }
    bool ended = buffer_[mark] == kFrameEnd;
    if (taken_ + mark > frame_bytes_max_) {
      Deliver(frame, kEvidenceBytes, !ended);
      frame.truncated = true;
    } else {
      Deliver(frame, mark, !ended);
    }
    buffer_.erase(0, ended ? mark + 1 : mark);
    in_frame_ = false;
    return true;
  }
}

bool MllpFramer::Finish(MllpFrame& frame) {
  if (!in_frame_ || taken_ + buffer_.size() == 0) return false;
  Deliver(frame, std::min(buffer_.size(), kEvidenceBytes), true);
  buffer_.clear();
  in_frame_ = false;
  return true;
}

std::string WrapMllp(std::string_view message) {
  std::string out;
  out.reserve(message.size() + 3);
  out += kFrameStart;
  out += message;
  out += kFrameEnd;
  out += '\r';
  return out;
}

}  // namespace passerelle::net
