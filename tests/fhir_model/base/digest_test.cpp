// Hashes against published vectors; base64 as senders really write it; UTF-8 at its edges.

#include "fhir_model/base/digest.h"

#include <catch2/catch.hpp>

namespace passerelle {
namespace {

TEST_CASE("SHA-256 and HMAC give the published values", "[base]") {
  CHECK(Sha256Hex("abc") == "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad");
  auto mac = HmacSha256("Jefe", "what do ya want for nothing?");  // RFC 4231, case 2
  CHECK(Hex({reinterpret_cast<const char*>(mac.data()), 4}) == "5bdcc146");
  Sha256Stream stream;
  stream.Add("a");
  stream.Add("bc");
  CHECK(stream.Finish() == Sha256("abc"));
}

TEST_CASE("base64 goes both ways", "[base]") {
  for (std::string text : {"", "f", "fo", "foo", "foob", "fooba", "foobar"}) {
    auto decoded = DecodeBase64(EncodeBase64(text));
    REQUIRE(decoded);
    CHECK(*decoded == text);
  }
}

TEST_CASE("base64 without padding or with line breaks is read and said", "[base]") {
  Base64Notes notes;
  CHECK(*DecodeBase64("Zm9vYg", &notes) == "foob");
  CHECK(notes.unpadded);
  CHECK(*DecodeBase64("Zm9v\r\nYmFy", &notes) == "foobar");
  CHECK(notes.white_space);
  CHECK_FALSE(notes.unpadded);
}

TEST_CASE("base64 of impossible length or letters is refused", "[base]") {
  CHECK_FALSE(DecodeBase64("Zm9vY"));
  CHECK_FALSE(DecodeBase64("Zm9v*mFy"));
  CHECK_FALSE(DecodeBase64("Zg==Zg=="));
  CHECK_FALSE(DecodeBase64("Zm9v="));
}

TEST_CASE("a name-based UUID says version 8", "[base]") {
  auto uuid = UuidFromDigest(Sha256("x"));
  REQUIRE(uuid.size() == 36);
  CHECK(uuid[14] == '8');
  CHECK(std::string("89ab").find(uuid[19]) != std::string::npos);
}

TEST_CASE("UTF-8 is checked to its edges", "[base]") {
  CHECK_FALSE(FindInvalidUtf8("plain text, longer than eight bytes, \xC3\xA9t\xC3\xA9 \xF0\x9F\x98\x80"));
  CHECK(FindInvalidUtf8("abcdefgh\xC3") == 8);
  CHECK(FindInvalidUtf8("\xC0\xAF") == 0);
  CHECK(FindInvalidUtf8("\xED\xA0\x80") == 0);
  CHECK(FindInvalidUtf8("\xF4\x90\x80\x80") == 0);
  CHECK(FindInvalidUtf8("\xE0\x9F\xBF") == 0);
  std::string out;
  AppendUtf8(0x1F600, out);
  CHECK_FALSE(FindInvalidUtf8(out));
}

TEST_CASE("a key that is kept gives the same as the key each time") {
  for (std::string key : {std::string(), std::string("Jefe"), std::string(64, 'k'), std::string(131, '\xAA')})
    for (std::string text : {std::string(), std::string("what do ya want for nothing?"), std::string(1000, 't')}) {
      HmacKey kept(key);
      CHECK(kept.Of(text) == HmacSha256(key, text));
      CHECK(kept.Of(text) == HmacSha256(key, text));
    }
}

}  // namespace
}  // namespace passerelle
