// Pace: the last minute of a way in.

#include "gateway/api/pace.h"

#include <catch2/catch.hpp>

namespace passerelle::api {
namespace {

using namespace std::chrono_literals;

TEST_CASE("what came in a second is told once the second is over, and forgotten after a minute") {
  Pace pace;
  Pace::Time begin(1000s);
  for (int i = 0; i < 99; ++i) pace.Note("lab", 3ms, begin);
  pace.Note("lab", 80ms, begin + 900ms);
  CHECK_FALSE(pace.Read("lab", begin).p99_ms);
  auto minute = pace.Read("lab", begin + 1s);
  REQUIRE(minute.per_second.size() == Pace::kSeconds);
  CHECK(minute.per_second.back() == 100);
  CHECK(minute.p99_ms == 5.0);
  pace.Note("lab", 80ms, begin + 1s);
  CHECK(pace.Read("lab", begin + 2s).p99_ms == 100.0);
  CHECK(pace.Read("lab", begin + 60s).per_second.front() == 100);
  CHECK(pace.Read("lab", begin + 61s).per_second.front() == 1);
  CHECK_FALSE(pace.Read("lab", begin + 500s).p99_ms);
  CHECK_FALSE(pace.Read("ward", begin).p99_ms);
}

}  // namespace
}  // namespace passerelle::api
