#pragma once
// Signatures: Ed25519 (RFC 8032) and the compact JWS around it (RFC 7515, RFC 8037). Wraps OpenSSL.
//
// Deterministic: the same key and bytes give the same signature. Safe from any thread.

#include <memory>
#include <optional>
#include <string>
#include <string_view>

#include "fhir_model/base/result.h"

namespace passerelle {

std::string EncodeBase64Url(std::string_view bytes);  // without padding
std::optional<std::string> DecodeBase64Url(std::string_view text);

class SigningKey {
 public:
  // 32 secret bytes; KeyUnusable for any other length.
  static Result<SigningKey> FromSeed(std::string_view seed);
  // From the system's random numbers.
  static Result<SigningKey> Generate();

  const std::string& seed() const { return seed_; }
  const std::string& public_key() const { return public_key_; }  // 32 bytes
  std::string Sign(std::string_view message) const;              // 64 bytes

 private:
  std::string seed_, public_key_;
  std::shared_ptr<void> key_;
};

bool SignatureHolds(std::string_view public_key, std::string_view message, std::string_view signature);

// header.payload.signature, with {"alg":"EdDSA","typ":TYPE,"kid":KEY-ID}.
std::string SignJws(const SigningKey& key, std::string_view type, std::string_view payload);
// The payload, where the signature is this key's and the header says EdDSA and the type; nothing otherwise.
std::optional<std::string> OpenJws(std::string_view public_key, std::string_view type, std::string_view jws);
// How a key is named: the first 16 bytes of its SHA-256, base64url.
std::string KeyId(std::string_view public_key);

}  // namespace passerelle
