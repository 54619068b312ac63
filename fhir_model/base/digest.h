#pragma once
// Hashes, keyed hashes, base64 and name-based UUIDs. Wraps OpenSSL, so that other rooms need not see it.

#include <array>
#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <string_view>

#include "fhir_model/base/result.h"

namespace passerelle {

using Sha256Digest = std::array<std::uint8_t, 32>;

Sha256Digest Sha256(std::string_view bytes);
std::array<std::uint8_t, 20> Sha1(std::string_view bytes);  // only where a standard asks for it (XDS hash)
Sha256Digest HmacSha256(std::string_view key, std::string_view bytes);

// The same for many texts under one key: what depends on the key alone is done once. Copies share it; safe
// from any thread.
class HmacKey {
 public:
  explicit HmacKey(std::string_view key);
  Sha256Digest Of(std::string_view bytes) const;

 private:
  struct State;
  std::shared_ptr<const State> state_;
};

std::string Hex(std::string_view bytes);
std::string Sha256Hex(std::string_view bytes);

// Hashes in pieces, for what does not stand in memory as a whole.
class Sha256Stream {
 public:
  Sha256Stream();
  ~Sha256Stream();
  void Add(std::string_view bytes);
  Sha256Digest Finish();

 private:
  struct State;
  std::unique_ptr<State> state_;
};

std::string EncodeBase64(std::string_view bytes);
// The same into `out`, which has room for Base64Size(bytes.size()) characters.
void EncodeBase64(std::string_view bytes, char* out);
constexpr std::size_t Base64Size(std::size_t bytes) { return (bytes + 2) / 3 * 4; }

// How far a text was from strict RFC 4648 base64.
struct Base64Notes {
  bool white_space = false;  // blanks and line breaks inside were passed over
  bool unpadded = false;     // the closing '=' were missing
};
// Refuses other characters and a length of 4n+1 (Base64Malformed, with the offset in `detail`).
Result<std::string> DecodeBase64(std::string_view text, Base64Notes* notes = nullptr);

// "xxxxxxxx-xxxx-8xxx-yxxx-xxxxxxxxxxxx": the first 128 bits of `digest` as a version 8 UUID (RFC 9562, 5.8).
std::string UuidFromDigest(const Sha256Digest& digest);

// Offset of the first byte that is not well-formed UTF-8 (RFC 3629), if any.
std::optional<std::size_t> FindInvalidUtf8(std::string_view bytes);
// Appends a code point as UTF-8.
void AppendUtf8(std::uint32_t code_point, std::string& out);

}  // namespace passerelle
