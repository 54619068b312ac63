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

using Sha1Digest = std::array<std::uint8_t, 20>;

Sha256Digest Sha256(std::string_view bytes);
Sha1Digest Sha1(std::string_view bytes);  // only where a standard asks for it (XDS hash)
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
std::optional<std::string> BytesOfHex(std::string_view hex);  // nothing where it is not what Hex writes
std::string Sha256Hex(std::string_view bytes);

// Hashes in pieces, for what does not stand in memory as a whole.
template <std::size_t kSize>
class HashStream {
 public:
  HashStream();
  ~HashStream();
  HashStream(HashStream&&) noexcept;
  HashStream& operator=(HashStream&&) noexcept;
  void Add(std::string_view bytes);
  std::array<std::uint8_t, kSize> Finish();

 private:
  struct State;
  std::unique_ptr<State> state_;
};
using Sha256Stream = HashStream<32>;
using Sha1Stream = HashStream<20>;

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

// The same in pieces, each of any length.
class Base64Decoder {
 public:
  // Appends what is decided by now to `out`. What is wrong is said by Finish.
  void Add(std::string_view text, std::string& out);
  Result<Base64Notes> Finish(std::string& out);
  std::size_t padding() const { return padding_; }  // '=' there were so far
  bool padded() const { return padding_ > 0; }

 private:
  std::size_t AddQuads(std::string_view text, std::string& out);
  void AddOne(char c, std::string& out);

  std::uint32_t bits_ = 0;
  std::uint64_t read_ = 0, letters_ = 0, wrong_at_ = 0;
  std::size_t padding_ = 0;
  bool white_space_ = false;
};

// How many of the 64 letters that base64 is written in the text begins with; '=' is none.
std::size_t Base64Letters(std::string_view text);

// "xxxxxxxx-xxxx-8xxx-yxxx-xxxxxxxxxxxx": the first 128 bits of `digest` as a version 8 UUID (RFC 9562, 5.8).
std::string UuidFromDigest(const Sha256Digest& digest);

// Offset of the first byte that is not well-formed UTF-8 (RFC 3629), if any.
std::optional<std::size_t> FindInvalidUtf8(std::string_view bytes);
// Appends a code point as UTF-8.
void AppendUtf8(std::uint32_t code_point, std::string& out);

}  // namespace passerelle
