// Settings: defaults that are safe, and errors that say where.

#include "gateway/app/settings.h"

#include <catch2/catch.hpp>

#include "gateway/app/errors.h"

namespace passerelle::app {
namespace {

const ErrorInfo* Refusal(std::string_view text) {
  auto settings = ParseSettings(text, "t.toml");
  return settings ? nullptr : settings.error().info;
}

TEST_CASE("without a file the gateway listens on loopback in a test environment", "[app]") {
  auto settings = LoadSettings(std::nullopt);
  REQUIRE(settings);
  CHECK(settings->environment == access::Environment::Test);
  CHECK(settings->feeds.at(0).listen.port == 2575);
  CHECK(settings->http.listen.port == 8080);
  CHECK(settings->http.listen.IsLoopback());
  CHECK_FALSE(settings->http.open);
}

TEST_CASE("an unknown key is an error with file and line", "[app]") {
  auto settings = ParseSettings("data = \"x\"\n[http]\nlisten = \"127.0.0.1:1\"\nlissen = 2\n", "t.toml");
  REQUIRE_FALSE(settings);
  CHECK(settings.error().info == &errors::SettingUnknown);
  CHECK(settings.error().place.path == "t.toml");
  CHECK(settings.error().place.line == 4);
}

TEST_CASE("what is no TOML is an error with its place", "[app]") {
  auto settings = ParseSettings("data = \n", "t.toml");
  REQUIRE_FALSE(settings);
  CHECK(settings.error().info == &errors::SettingsUnreadable);
  CHECK(settings.error().place.line == 1);
}

TEST_CASE("configurations that would not be safe are refused", "[app]") {
  // Each with all that is asked for but one thing.
  const std::string stated = "environment = \"test\"\n", off_loopback = "[http]\nlisten = \"10.0.0.1:80\"\n",
                    tls = "tls_cert = \"c\"\ntls_key = \"k\"\n";
  CHECK(Refusal(stated + off_loopback + tls) == nullptr);
  CHECK(Refusal(stated + off_loopback + tls + "access = \"open\"\n") == &errors::SettingsUnsafe);
  CHECK(Refusal(stated + off_loopback) == &errors::SettingsUnsafe);
  CHECK(Refusal(off_loopback + tls) == &errors::SettingsUnsafe);
  CHECK(Refusal("[[feed]]\nname = \"a\"\nlisten = \"10.0.0.1:80\"\n") == &errors::SettingsUnsafe);
  CHECK(Refusal("[[feed]]\nname=\"a\"\nlisten=\"127.0.0.1:80\"\nack=\"commit\"\nprofile=\"CISIS_CDA_HL7_V2\"\n") ==
        &errors::SettingsUnsafe);
  CHECK(Refusal("[[target]]\nname=\"dmp\"\nurl=\"https://x\"\nproduction=true\n") == &errors::SettingsUnsafe);
}

TEST_CASE("a bench is apart from the record and never in production", "[app]") {
  CHECK(Refusal("[bench]\ndata = \"bench\"\n") == nullptr);
  CHECK(Refusal("[bench]\nlisten = \"127.0.0.1:1\"\n") == &errors::SettingInvalid);
  CHECK(Refusal("data = \"here\"\n[bench]\ndata = \"here\"\n") == &errors::SettingsUnsafe);
  CHECK(Refusal("environment = \"production\"\n[bench]\ndata = \"bench\"\n") == &errors::SettingsUnsafe);
  CHECK(Refusal("[bench]\ndata = \"bench\"\nlisten = \"0.0.0.0:1\"\n") == &errors::SettingsUnsafe);
}

TEST_CASE("a wrong value says what it may be", "[app]") {
  auto settings = ParseSettings("environment = \"prod\"\n", "t.toml");
  REQUIRE_FALSE(settings);
  CHECK(settings.error().detail.find("\"test\" or \"production\"") != std::string::npos);
  CHECK(Refusal("[mllp]\nlisten = \"nowhere\"\n") == &errors::SettingInvalid);
  CHECK(Refusal("[mllp]\nframe_mib_max = 500\n") == &errors::SettingInvalid);
}

TEST_CASE("feeds, targets and authorities are read", "[app]") {
  auto settings = ParseSettings(R"(
environment = "test"
[[feed]]
name = "sgl"
listen = "127.0.0.1:0"
fictitious = true
authorities = {"CHU-X" = "urn:oid:1.2.3"}
[[target]]
name = "store"
url = "http://127.0.0.1:9/fhir"
write = "post-if-none-exist"
)", "t.toml");
  REQUIRE(settings);
  CHECK(settings->feeds.at(0).name == "sgl");
  CHECK(settings->feeds.at(0).authorities.at("CHU-X") == "urn:oid:1.2.3");
  CHECK(settings->targets.at(0).write == "post-if-none-exist");
}

}  // namespace
}  // namespace passerelle::app
