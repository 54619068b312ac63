// MllpFramer: frames however the bytes come.

#include "gateway/net/mllp_framer.h"

#include <catch2/catch.hpp>
#include <vector>

namespace passerelle::net {
namespace {

std::vector<MllpFrame> Frames(MllpFramer& framer) {
  std::vector<MllpFrame> frames;
  MllpFrame frame;
  while (framer.Next(frame)) frames.push_back(frame);
  return frames;
}

TEST_CASE("several messages in one read are several frames", "[net]") {
  MllpFramer framer(100);
  framer.Feed("\x0b" "A\x1c\r\x0b" "B\x1c\r");
  auto frames = Frames(framer);
  REQUIRE(frames.size() == 2);
  CHECK(frames[0].bytes == "A");
  CHECK(frames[1].bytes == "B");
  CHECK(frames[1].passed_over == 0);
}

TEST_CASE("one message in many reads is one frame", "[net]") {
  MllpFramer framer(100);
  std::string bytes = WrapMllp("MSH|^~\\&|");
  for (std::size_t i = 0; i + 2 < bytes.size(); ++i) {
    framer.Feed(bytes.substr(i, 1));
    CHECK(Frames(framer).empty());
  }
  framer.Feed(bytes.substr(bytes.size() - 2));
  CHECK(Frames(framer).at(0).bytes == "MSH|^~\\&|");
}

TEST_CASE("of a large frame what is there can be taken, and the rest is the frame", "[net]") {
  MllpFramer framer(20);
  framer.Feed("\x0b" "0123456");
  CHECK(Frames(framer).empty());
  CHECK(framer.begun_bytes() == 7);
  CHECK(framer.TakeBegun() == "0123456");
  CHECK(framer.InFrame());
  framer.Feed("789\x1c\r\x0b" "NEXT\x1c\r");
  auto frames = Frames(framer);
  REQUIRE(frames.size() == 2);
  CHECK(frames[0].bytes == "789");
  CHECK_FALSE(frames[0].incomplete);
  CHECK(frames[1].bytes == "NEXT");
  CHECK(framer.begun_bytes() == 0);
}

TEST_CASE("what was taken counts: such a frame can be too large, or end too early", "[net]") {
  MllpFramer framer(10);
  framer.Feed("\x0b" "0123456789");
  CHECK(Frames(framer).empty());
  framer.TakeBegun();
  MllpFrame frame;
  SECTION("too large") {
    framer.Feed("x");
    REQUIRE(framer.Next(frame));
    CHECK(frame.truncated);
  }
  SECTION("ended with the connection") {
    REQUIRE(framer.Finish(frame));
    CHECK(frame.incomplete);
    CHECK(frame.bytes.empty());
  }
}

TEST_CASE("garbage between frames is passed over and counted", "[net]") {
  MllpFramer framer(100);
  framer.Feed(std::string("x\0y", 3) + "\r\n\x0b" "A\x1c");
  auto frames = Frames(framer);
  REQUIRE(frames.size() == 1);
  CHECK(frames[0].passed_over == 3);
}

TEST_CASE("a frame that never ended does not cost the next one", "[net]") {
  MllpFramer framer(100);
  framer.Feed("\x0b" "broken\x0b" "whole\x1c\r");
  auto frames = Frames(framer);
  REQUIRE(frames.size() == 2);
  CHECK(frames[0].bytes == "broken");
  CHECK(frames[0].incomplete);
  CHECK(frames[1].bytes == "whole");
  CHECK_FALSE(frames[1].incomplete);
}

TEST_CASE("an oversize frame is reported once, with its beginning", "[net]") {
  MllpFramer framer(kEvidenceBytes * 2);
  framer.Feed("\x0b");
  for (int i = 0; i < 40; ++i) framer.Feed(std::string(kEvidenceBytes / 8, 'x'));
  framer.Feed("\x1c\r\x0b" "next\x1c\r");
  auto frames = Frames(framer);
  REQUIRE(frames.size() == 2);
  CHECK(frames[0].truncated);
  CHECK(frames[0].bytes.size() == kEvidenceBytes);
  CHECK(frames[1].bytes == "next");
}

TEST_CASE("what was begun when the stream ends is an incomplete frame", "[net]") {
  MllpFramer framer(100);
  framer.Feed("\x0b" "MSH|");
  MllpFrame frame;
  CHECK_FALSE(framer.Next(frame));
  REQUIRE(framer.Finish(frame));
  CHECK(frame.bytes == "MSH|");
  CHECK(frame.incomplete);
  CHECK_FALSE(framer.Finish(frame));
}

}  // namespace
}  // namespace passerelle::net
