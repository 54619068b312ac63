// The MLLP framer takes any bytes, and gives the same frames however they are cut into reads.

#include <cstdint>
#include <cstdlib>
#include <string_view>
#include <vector>

#include "gateway/net/mllp_framer.h"

namespace {

constexpr std::size_t kFrameBytesMax = 4096;  // small, so that oversize frames come up

std::vector<std::string> FramesOf(std::string_view bytes, std::size_t step) {
  passerelle::net::MllpFramer framer(kFrameBytesMax);
  passerelle::net::MllpFrame frame;
  std::vector<std::string> frames;
  auto note = [&] { frames.push_back(frame.bytes + (frame.incomplete ? "!" : ".")); };
  for (std::size_t at = 0; at < bytes.size(); at += step) {
    framer.Feed(bytes.substr(at, step));
    while (framer.Next(frame))
      if (!frame.truncated) note();
  }
  if (framer.Finish(frame)) note();
  return frames;
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  std::string_view bytes(reinterpret_cast<const char*>(data), size);
  if (size > kFrameBytesMax) return 0;  // where an oversize frame is noticed depends on the reads
  if (FramesOf(bytes, size + 1) != FramesOf(bytes, 1)) std::abort();
  return 0;
}
