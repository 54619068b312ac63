// Ed25519 and JWS: the vectors of the RFCs, and nothing that was touched holds.

#include "fhir_model/base/signature.h"

#include <catch2/catch.hpp>

#include "fhir_model/base/digest.h"

using namespace passerelle;

namespace {

std::string Unhex(std::string_view hex) {
  std::string out;
  for (std::size_t i = 0; i + 1 < hex.size(); i += 2)
    out += static_cast<char>(std::stoi(std::string(hex.substr(i, 2)), nullptr, 16));
  return out;
}

}  // namespace

TEST_CASE("the first vectors of RFC 8032, 7.1") {
  auto key = SigningKey::FromSeed(Unhex("9d61b19deffd5a60ba844af492ec2cc44449c5697b326919703bac031cae7f60"));
  REQUIRE(key);
  CHECK(Hex(key->public_key()) == "d75a980182b10ab7d54bfed3c964073a0ee172f3daa62325af021a68f707511a");
  CHECK(Hex(key->Sign("")) ==
        "e5564300c360ac729086e2cc806e828a84877f1eb8e5d974d873e065224901555fb8821590a33bacc61e39701cf9b46bd25b"
        "f5f0595bbe24655"
        "141438e7a100b");
  CHECK(SignatureHolds(key->public_key(), "", key->Sign("")));
  CHECK(!SignatureHolds(key->public_key(), "x", key->Sign("")));
}

TEST_CASE("a JWS opens with its key and type alone, and not after any byte was changed") {
  auto key = *SigningKey::FromSeed(std::string(32, 'k')), other = *SigningKey::FromSeed(std::string(32, 'o'));
  auto jws = SignJws(key, "note", "{\"a\":1}");
  CHECK(OpenJws(key.public_key(), "note", jws) == "{\"a\":1}");
  CHECK(!OpenJws(other.public_key(), "note", jws));
  CHECK(!OpenJws(key.public_key(), "letter", jws));
  for (std::size_t i = 0; i < jws.size(); ++i) {
    auto touched = jws;
    touched[i] = touched[i] == 'A' ? 'B' : 'A';
    CHECK(!OpenJws(key.public_key(), "note", touched));
  }
  CHECK(!OpenJws(key.public_key(), "note", ""));
  CHECK(!OpenJws(key.public_key(), "note", "a.b"));
}

TEST_CASE("a key is 32 bytes, and base64url has one text for one value") {
  CHECK(!SigningKey::FromSeed("short"));
  CHECK(EncodeBase64Url("\xfb\xff") == "-_8");
  CHECK(DecodeBase64Url("-_8") == "\xfb\xff");
  CHECK(!DecodeBase64Url("-_9"));
  CHECK(!DecodeBase64Url("+/8"));
}
