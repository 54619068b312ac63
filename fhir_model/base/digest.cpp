#include "fhir_model/base/digest.h"

// The plain SHA-256 functions: their state is a struct that can be copied, which the newer interface
// allocates anew for each text.
#define OPENSSL_SUPPRESS_DEPRECATED
#include <openssl/evp.h>
#include <openssl/hmac.h>
#include <openssl/sha.h>

#include <algorithm>
#include <bit>
#include <cassert>
#include <cstring>

#include "fhir_model/base/errors.h"

namespace passerelle {
namespace {

const unsigned char* Bytes(std::string_view text) {
  return reinterpret_cast<const unsigned char*>(text.data());
}

constexpr std::string_view kAlphabet = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";
// Twelve bits are two letters.
constexpr auto kPairs = [] {
  std::array<std::array<char, 2>, 4096> pairs{};
  for (std::size_t i = 0; i < pairs.size(); ++i) pairs[i] = {kAlphabet[i >> 6], kAlphabet[i & 63]};
  return pairs;
}();
constexpr std::uint8_t kBlank = 0xFE, kOther = 0xFF;

constexpr std::array<std::uint8_t, 256> MakeReverse() {
  std::array<std::uint8_t, 256> reverse{};
  for (auto& value : reverse) value = kOther;
  for (std::size_t i = 0; i < kAlphabet.size(); ++i)
    reverse[static_cast<unsigned char>(kAlphabet[i])] = static_cast<std::uint8_t>(i);
  for (char c : {' ', '\t', '\r', '\n'}) reverse[static_cast<unsigned char>(c)] = kBlank;
  return reverse;
}
constexpr auto kReverse = MakeReverse();

template <std::size_t N>
std::array<std::uint8_t, N> Digest(const EVP_MD* kind, std::string_view bytes) {
  std::array<std::uint8_t, N> out{};
  unsigned int size = 0;
  [[maybe_unused]] int ok = EVP_Digest(bytes.data(), bytes.size(), out.data(), &size, kind, nullptr);
  assert(ok == 1 && size == N);
  return out;
}

}  // namespace

Sha256Digest Sha256(std::string_view bytes) { return Digest<32>(EVP_sha256(), bytes); }
Sha1Digest Sha1(std::string_view bytes) { return Digest<20>(EVP_sha1(), bytes); }

Sha256Digest HmacSha256(std::string_view key, std::string_view bytes) {
  Sha256Digest out{};
  unsigned int size = 0;
  HMAC(EVP_sha256(), key.data(), static_cast<int>(key.size()), Bytes(bytes), bytes.size(), out.data(), &size);
  assert(size == out.size());
  return out;
}

// RFC 2104: H(key ^ opad, H(key ^ ipad, text)).
struct HmacKey::State {
  SHA256_CTX inner, outer;
};

HmacKey::HmacKey(std::string_view key) {
  std::array<unsigned char, SHA256_CBLOCK> block{};
  if (key.size() > block.size())
    SHA256(Bytes(key), key.size(), block.data());
  else
    std::copy(key.begin(), key.end(), block.begin());
  auto state = std::make_shared<State>();
  auto begin = [&](SHA256_CTX& context, unsigned char pad) {
    auto padded = block;
    for (auto& byte : padded) byte ^= pad;
    SHA256_Init(&context);
    SHA256_Update(&context, padded.data(), padded.size());
  };
  begin(state->inner, 0x36);
  begin(state->outer, 0x5C);
  state_ = std::move(state);
}

Sha256Digest HmacKey::Of(std::string_view bytes) const {
  Sha256Digest digest{};
  SHA256_CTX context = state_->inner;
  SHA256_Update(&context, bytes.data(), bytes.size());
  SHA256_Final(digest.data(), &context);
  context = state_->outer;
  SHA256_Update(&context, digest.data(), digest.size());
  SHA256_Final(digest.data(), &context);
  return digest;
}

std::string Hex(std::string_view bytes) {
  constexpr std::string_view digits = "0123456789abcdef";
  std::string out;
  out.reserve(bytes.size() * 2);
  for (unsigned char c : bytes) {
    out += digits[c >> 4];
    out += digits[c & 15];
  }
  return out;
}

std::optional<std::string> BytesOfHex(std::string_view hex) {
  if (hex.size() % 2 != 0) return std::nullopt;
  std::string bytes;
  auto digit = [](char c) { return std::string_view("0123456789abcdef").find(c); };
  for (std::size_t i = 0; i < hex.size(); i += 2) {
    auto high = digit(hex[i]), low = digit(hex[i + 1]);
    if (high == std::string_view::npos || low == std::string_view::npos) return std::nullopt;
    bytes += static_cast<char>(high << 4 | low);
  }
  return bytes;
}

std::string Sha256Hex(std::string_view bytes) {
  auto digest = Sha256(bytes);
  return Hex({reinterpret_cast<const char*>(digest.data()), digest.size()});
}

template <std::size_t kSize>
struct HashStream<kSize>::State {
  EVP_MD_CTX* context = EVP_MD_CTX_new();
  ~State() { EVP_MD_CTX_free(context); }
};

template <std::size_t kSize>
HashStream<kSize>::HashStream() : state_(std::make_unique<State>()) {
  EVP_DigestInit_ex(state_->context, kSize == 32 ? EVP_sha256() : EVP_sha1(), nullptr);
}
template <std::size_t kSize>
HashStream<kSize>::~HashStream() = default;
template <std::size_t kSize>
HashStream<kSize>::HashStream(HashStream&&) noexcept = default;
template <std::size_t kSize>
HashStream<kSize>& HashStream<kSize>::operator=(HashStream&&) noexcept = default;

template <std::size_t kSize>
void HashStream<kSize>::Add(std::string_view bytes) {
  EVP_DigestUpdate(state_->context, bytes.data(), bytes.size());
}
template <std::size_t kSize>
std::array<std::uint8_t, kSize> HashStream<kSize>::Finish() {
  std::array<std::uint8_t, kSize> out{};
  unsigned int size = 0;
  EVP_DigestFinal_ex(state_->context, out.data(), &size);
  return out;
}

template class HashStream<32>;
template class HashStream<20>;

void EncodeBase64(std::string_view bytes, char* out) {
  const unsigned char* in = Bytes(bytes);
  std::size_t left = bytes.size();
  for (; left >= 8; left -= 6, in += 6, out += 8) {  // six of eight bytes read at once
    std::uint64_t word;
    std::memcpy(&word, in, 8);
    if constexpr (std::endian::native == std::endian::little) word = __builtin_bswap64(word);
    auto put = [&](int pair) {
      std::memcpy(out + 2 * pair, kPairs[word >> (52 - 12 * pair) & 4095].data(), 2);
    };
    put(0), put(1), put(2), put(3);  // a loop would not be unrolled
  }
  for (; left >= 3; left -= 3, in += 3, out += 4) {
    const std::uint32_t bits = std::uint32_t{in[0]} << 16 | std::uint32_t{in[1]} << 8 | in[2];
    std::memcpy(out, kPairs[bits >> 12].data(), 2);
    std::memcpy(out + 2, kPairs[bits & 4095].data(), 2);
  }
  if (left == 0) return;
  const std::uint32_t bits = std::uint32_t{in[0]} << 16 | (left == 2 ? std::uint32_t{in[1]} << 8 : 0);
  std::memcpy(out, kPairs[bits >> 12].data(), 2);
  out[2] = left == 2 ? kAlphabet[bits >> 6 & 63] : '=';
  out[3] = '=';
}

std::string EncodeBase64(std::string_view bytes) {
  std::string out(Base64Size(bytes.size()), '\0');
  EncodeBase64(bytes, out.data());
  return out;
}

std::size_t Base64Letters(std::string_view text) {
  auto is_letter = [](char c) { return kReverse[static_cast<unsigned char>(c)] < 64; };
  return static_cast<std::size_t>(std::find_if_not(text.begin(), text.end(), is_letter) - text.begin());
}

void Base64Decoder::Add(std::string_view text, std::string& out) {
  while (!text.empty()) {
    if (letters_ % 4 == 0 && padding_ == 0) text.remove_prefix(AddQuads(text, out));
    if (text.empty()) return;
    AddOne(text.front(), out);
    text.remove_prefix(1);
  }
}

// As many whole groups of four letters as stand first.
std::size_t Base64Decoder::AddQuads(std::string_view text, std::string& out) {
  std::array<char, 3 * 1024> three;
  std::size_t read = 0, made = 0;
  for (; text.size() - read >= 4; read += 4) {
    auto at = [&](std::size_t i) {
      return std::uint32_t{kReverse[static_cast<unsigned char>(text[read + i])]};
    };
    const std::uint32_t a = at(0), b = at(1), c = at(2), d = at(3);
    if ((a | b | c | d) >= 64) break;
    const std::uint32_t bits = a << 18 | b << 12 | c << 6 | d;
    three[made] = static_cast<char>(bits >> 16);
    three[made + 1] = static_cast<char>(bits >> 8);
    three[made + 2] = static_cast<char>(bits);
    if ((made += 3) < three.size()) continue;
    out.append(three.data(), made);
    made = 0;
  }
  out.append(three.data(), made);
  read_ += read, letters_ += read;
  return read;
}

void Base64Decoder::AddOne(char c, std::string& out) {
  ++read_;
  auto value = kReverse[static_cast<unsigned char>(c)];
  if (value == kBlank) {
    white_space_ = true;
  } else if (c == '=' && padding_ < 2) {
    ++padding_;
  } else if (value == kOther || padding_ != 0) {
    if (wrong_at_ == 0) wrong_at_ = read_;
  } else {
    bits_ = (bits_ << 6) | value;
    if (++letters_ % 4 != 0) return;
    const char three[] = {static_cast<char>(bits_ >> 16), static_cast<char>(bits_ >> 8),
                          static_cast<char>(bits_)};
    out.append(three, sizeof three);
    bits_ = 0;
  }
}

Result<Base64Notes> Base64Decoder::Finish(std::string& out) {
  if (wrong_at_ != 0) return Error{errors::Base64Malformed, "character " + std::to_string(wrong_at_)};
  std::size_t rest = letters_ % 4;
  if (rest == 1) return Error{errors::Base64Malformed, "length 4n+1"};
  if (rest == 2) out += static_cast<char>(bits_ >> 4);
  if (rest == 3) {
    out += static_cast<char>(bits_ >> 10);
    out += static_cast<char>(bits_ >> 2);
  }
  if ((rest == 0 && padding_ != 0) || (rest != 0 && padding_ > 4 - rest))
    return Error{errors::Base64Malformed, "too much padding"};
  return Base64Notes{white_space_, rest != 0 && padding_ != 4 - rest};
}

Result<std::string> DecodeBase64(std::string_view text, Base64Notes* notes) {
  Base64Decoder decoder;
  std::string out;
  out.reserve(text.size() / 4 * 3 + 3);
  decoder.Add(text, out);
  TRY(auto found, decoder.Finish(out));
  if (notes != nullptr) *notes = found;
  return out;
}

std::string UuidFromDigest(const Sha256Digest& digest) {
  std::array<std::uint8_t, 16> b{};
  std::memcpy(b.data(), digest.data(), b.size());
  b[6] = static_cast<std::uint8_t>((b[6] & 0x0F) | 0x80);
  b[8] = static_cast<std::uint8_t>((b[8] & 0x3F) | 0x80);
  constexpr std::string_view digits = "0123456789abcdef";
  std::string text(36, '-');
  char* at = text.data();
  for (std::size_t i = 0; i < b.size(); ++i) {
    if (i == 4 || i == 6 || i == 8 || i == 10) ++at;
    *at++ = digits[b[i] >> 4];
    *at++ = digits[b[i] & 15];
  }
  return text;
}

namespace {

// How many bytes from `p` on are ASCII, counted in blocks of eight.
std::size_t AsciiBlocks(const unsigned char* p, std::size_t size) {
  constexpr std::uint64_t tops = 0x8080808080808080u;
  auto word = [&](std::size_t at) {
    std::uint64_t eight;
    std::memcpy(&eight, p + at, 8);
    return eight;
  };
  std::size_t i = 0;
  while (size - i >= 32 && ((word(i) | word(i + 8) | word(i + 16) | word(i + 24)) & tops) == 0) i += 32;
  while (size - i >= 8 && (word(i) & tops) == 0) i += 8;
  return i;
}

}  // namespace

std::optional<std::size_t> FindInvalidUtf8(std::string_view bytes) {
  const auto* p = Bytes(bytes);
  std::size_t i = 0, size = bytes.size();
  while (i < size) {
    if (std::size_t ascii = AsciiBlocks(p + i, size - i); ascii != 0) {
      i += ascii;
      continue;
    }
    std::uint8_t c = p[i];
    std::size_t more = c < 0x80                 ? 0
                       : c >= 0xC2 && c <= 0xDF ? 1
                       : (c & 0xF0) == 0xE0     ? 2
                       : c >= 0xF0 && c <= 0xF4 ? 3
                                                : 9;
    if (more == 9 || size - i <= more) return i;
    for (std::size_t k = 1; k <= more; ++k)
      if ((p[i + k] & 0xC0) != 0x80) return i;
    std::uint8_t second = more > 0 ? p[i + 1] : 0;
    bool overlong = (c == 0xE0 && second < 0xA0) || (c == 0xF0 && second < 0x90);
    bool beyond = (c == 0xED && second > 0x9F) || (c == 0xF4 && second > 0x8F);
    if (overlong || beyond) return i;
    i += more + 1;
  }
  return std::nullopt;
}

void AppendUtf8(std::uint32_t c, std::string& out) {
  auto add = [&](std::uint32_t byte) { out += static_cast<char>(byte); };
  if (c < 0x80) {
    add(c);
  } else if (c < 0x800) {
    add(0xC0 | (c >> 6)), add(0x80 | (c & 0x3F));
  } else if (c < 0x10000) {
    add(0xE0 | (c >> 12)), add(0x80 | ((c >> 6) & 0x3F)), add(0x80 | (c & 0x3F));
  } else {
    add(0xF0 | (c >> 18)), add(0x80 | ((c >> 12) & 0x3F)), add(0x80 | ((c >> 6) & 0x3F)),
        add(0x80 | (c & 0x3F));
  }
}

}  // namespace passerelle
