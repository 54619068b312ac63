#include "mappers/hl7v2/rewrite.h"

#include <catch2/catch.hpp>

#include "mappers/hl7v2/charset.h"
#include "mappers/hl7v2/errors.h"

namespace passerelle::hl7v2 {
namespace {

std::string Rewritten(std::string message) {
  auto written = Rewrite(std::move(message));
  REQUIRE(written);
  return *written;
}

TEST_CASE("delimiters of one's own become the usual ones, what they separated stays apart", "[rewrite]") {
  CHECK(Rewritten("MSH#:*?!#A#B#####ADT:A01#1#P#2.5\nPID#1##a:b*c|d&e\n") ==
        "MSH|^~\\&|A|B|||||ADT^A01|1|P|2.5\rPID|1||a^b~c\\F\\d\\T\\e\r");
}

TEST_CASE("another character set becomes UTF-8, and MSH-18 says so", "[rewrite]") {
  CHECK(Rewritten("MSH|^~\\&|A|B|||||ADT^A01|1|P|2.5||||||8859/15~8859/1|FRA\rPID|1||||ZO\xC9 \xA4\r") ==
        "MSH|^~\\&|A|B|||||ADT^A01|1|P|2.5||||||UNICODE UTF-8|FRA\rPID|1||||ZO\u00C9 \u20AC\r");
  CHECK(Rewritten("MSH|^~\\&|A|B|||||ADT^A01|1|P|2.5\rPID|1||||ZO\u00C9\r") ==
        "MSH|^~\\&|A|B|||||ADT^A01|1|P|2.5||||||UNICODE UTF-8\rPID|1||||ZO\u00C9\r");
}

TEST_CASE("what is in that form already stays as it is, escapes too", "[rewrite]") {
  const std::string message = "MSH|^~\\&|A|B|||||ADT^A01|1|P|2.5\rNTE|1||a\\.br\\b\\X41\\||\rZXX|1\r";
  CHECK(Rewritten(message) == message);
  CHECK(Rewritten("\x0B" + message + "\x1C\r") == message);
}

TEST_CASE("what is no message is not rewritten", "[rewrite]") {
  CHECK(Rewrite("PID|1").error().info == &errors::HeaderMissing);
}

}  // namespace
}  // namespace passerelle::hl7v2
