#include "fhir_model/base/signature.h"

#include <openssl/evp.h>
#include <openssl/rand.h>

#include <algorithm>
#include <array>

#include "fhir_model/base/digest.h"
#include "fhir_model/base/errors.h"

namespace passerelle {
namespace {

using Key = std::shared_ptr<EVP_PKEY>;
using Context = std::unique_ptr<EVP_MD_CTX, decltype(&EVP_MD_CTX_free)>;
constexpr std::size_t kSeedBytes = 32, kSignatureBytes = 64;

const unsigned char* Bytes(std::string_view text) {
  return reinterpret_cast<const unsigned char*>(text.data());
}
unsigned char* Bytes(std::string& text) { return reinterpret_cast<unsigned char*>(text.data()); }

std::string HeaderOf(std::string_view public_key, std::string_view type) {
  return "{\"alg\":\"EdDSA\",\"typ\":\"" + std::string(type) + "\",\"kid\":\"" + KeyId(public_key) + "\"}";
}

}  // namespace

std::string EncodeBase64Url(std::string_view bytes) {
  auto text = EncodeBase64(bytes);
  while (text.ends_with('=')) text.pop_back();
  std::replace(text.begin(), text.end(), '+', '-');
  std::replace(text.begin(), text.end(), '/', '_');
  return text;
}

std::optional<std::string> DecodeBase64Url(std::string_view text) {
  if (text.find_first_of("+/= \r\n\t") != text.npos) return std::nullopt;
  std::string usual(text);
  std::replace(usual.begin(), usual.end(), '-', '+');
  std::replace(usual.begin(), usual.end(), '_', '/');
  auto bytes = DecodeBase64(usual);
  // One text for one value: no stray bits in the last character.
  if (!bytes || EncodeBase64Url(*bytes) != text) return std::nullopt;
  return *std::move(bytes);
}

Result<SigningKey> SigningKey::FromSeed(std::string_view seed) {
  if (seed.size() != kSeedBytes) return Error{errors::KeyUnusable, "a signing key is 32 bytes"};
  Key raw(EVP_PKEY_new_raw_private_key(EVP_PKEY_ED25519, nullptr, Bytes(seed), seed.size()), EVP_PKEY_free);
  SigningKey key;
  key.seed_ = seed;
  key.public_key_.resize(kSeedBytes);
  std::size_t size = kSeedBytes;
  if (!raw || EVP_PKEY_get_raw_public_key(raw.get(), Bytes(key.public_key_), &size) != 1)
    return Error{errors::KeyUnusable};
  key.key_ = raw;
  return key;
}

Result<SigningKey> SigningKey::Generate() {
  std::string seed(kSeedBytes, '\0');
  if (RAND_bytes(Bytes(seed), static_cast<int>(seed.size())) != 1) return Error{errors::KeyUnusable};
  return FromSeed(seed);
}

std::string SigningKey::Sign(std::string_view message) const {
  Context context(EVP_MD_CTX_new(), EVP_MD_CTX_free);
  std::string signature(kSignatureBytes, '\0');
  std::size_t size = signature.size();
  EVP_DigestSignInit(context.get(), nullptr, nullptr, nullptr, static_cast<EVP_PKEY*>(key_.get()));
  EVP_DigestSign(context.get(), Bytes(signature), &size, Bytes(message), message.size());
  return signature;
}

bool SignatureHolds(std::string_view public_key, std::string_view message, std::string_view signature) {
  if (public_key.size() != kSeedBytes || signature.size() != kSignatureBytes) return false;
  Key key(EVP_PKEY_new_raw_public_key(EVP_PKEY_ED25519, nullptr, Bytes(public_key), public_key.size()),
          EVP_PKEY_free);
  Context context(EVP_MD_CTX_new(), EVP_MD_CTX_free);
  return key && EVP_DigestVerifyInit(context.get(), nullptr, nullptr, nullptr, key.get()) == 1 &&
         EVP_DigestVerify(context.get(), Bytes(signature), signature.size(), Bytes(message),
                          message.size()) == 1;
}

std::string SignJws(const SigningKey& key, std::string_view type, std::string_view payload) {
  auto signed_part = EncodeBase64Url(HeaderOf(key.public_key(), type)) + "." + EncodeBase64Url(payload);
  return signed_part + "." + EncodeBase64Url(key.Sign(signed_part));
}

std::optional<std::string> OpenJws(std::string_view public_key, std::string_view type, std::string_view jws) {
  auto first = jws.find('.'), second = jws.find('.', first == jws.npos ? first : first + 1);
  if (second == jws.npos) return std::nullopt;
  // The header is ours to the byte: no other algorithm can be talked into it.
  if (jws.substr(0, first) != EncodeBase64Url(HeaderOf(public_key, type))) return std::nullopt;
  auto signature = DecodeBase64Url(jws.substr(second + 1));
  if (!signature || !SignatureHolds(public_key, jws.substr(0, second), *signature)) return std::nullopt;
  return DecodeBase64Url(jws.substr(first + 1, second - first - 1));
}

std::string KeyId(std::string_view public_key) {
  auto digest = Sha256(public_key);
  return EncodeBase64Url({reinterpret_cast<const char*>(digest.data()), 16});
}

}  // namespace passerelle
