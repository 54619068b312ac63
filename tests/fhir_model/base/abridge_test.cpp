#include "fhir_model/base/abridge.h"

#include <catch2/catch.hpp>

using namespace passerelle;

namespace {

std::string Document(std::size_t bytes) {
  std::string out(bytes, '\0');
  for (std::size_t i = 0; i < bytes; ++i) out[i] = static_cast<char>(i * 7919 >> 3);
  return out;
}

Abridger Abridged(std::string_view message, std::size_t piece) {
  Abridger abridger;
  for (; !message.empty(); message.remove_prefix(std::min(piece, message.size())))
    abridger.Add(message.substr(0, piece));
  abridger.End();
  return abridger;
}

}  // namespace

TEST_CASE("a long base64 value is taken out and found again by its place, however the bytes come") {
  const std::string document = Document(100'000), value = EncodeBase64(document);
  const std::string message =
      "OBX|1|ED|X||^application^pdf^Base64^" + value + "||||||F\rNTE|1||" + value + "\r";
  for (std::size_t piece : {1u, 7u, 65'536u, 1'000'000u}) {
    auto abridged = Abridged(message, piece);
    REQUIRE(abridged.faithful());
    REQUIRE(abridged.values().size() == 2);
    const auto& first = abridged.values()[0];
    CHECK(message.substr(first.offset, first.length) == value);
    CHECK(first.bytes == document.size());
    CHECK(first.sha1 == Sha1(document));
    CHECK(first.MissingPadding().empty());
    CHECK(abridged.text() ==
          "OBX|1|ED|X||^application^pdf^Base64^" + first.token + "||||||F\rNTE|1||" + first.token + "\r");
    CHECK(DecodeBase64(first.token)->size() == 32);
    CHECK(abridged.values()[1].token == first.token);
    CHECK(message.substr(abridged.values()[1].offset, value.size()) == value);
  }
}

TEST_CASE("what is short, or is no base64 by its letters, stays as it is") {
  std::string words;
  while (words.size() < 200'000) words += "word ";
  std::string shorter(kLongBase64Min - 1, 'A');
  std::string message = words + "|" + shorter + "|" + words;
  auto abridged = Abridged(message, 4096);
  CHECK(abridged.text() == message);
  CHECK(abridged.values().empty());
  CHECK(abridged.faithful());
}

TEST_CASE("a long run without its padding says what is missing") {
  std::string value = EncodeBase64(Document(99'998));
  REQUIRE(value.ends_with('='));
  auto abridged = Abridged(value.substr(0, value.find('=')), 4096);
  REQUIRE(abridged.values().size() == 1);
  CHECK(abridged.faithful());
  CHECK(std::string(value, 0, value.find('=')) + std::string(abridged.values()[0].MissingPadding()) == value);
}

TEST_CASE("a long run that cannot be decoded makes the abridged message unfaithful") {
  CHECK_FALSE(Abridged(std::string(100'001, 'A'), 4096).faithful());
  CHECK_FALSE(Abridged(std::string(100'000, 'A') + "=", 4096).faithful());
  auto two = Abridged(std::string(100'002, 'A') + "==" + std::string(100'000, 'B'), 4096);
  CHECK(two.faithful());
  CHECK(two.values().size() == 2);
}
