#pragma once
// Abridger: a message of any format without its long base64 values, made in one pass while the bytes come.
//
// A scan of 100 MB in a message of 3 kB is carried, not read: whoever reads the message needs its other
// fields. So each run of base64 characters beyond kLongBase64Min is taken out, and a token stands in its
// place that is valid base64 itself. What was there is known by its place in the message, its length and the
// hashes of what it decodes to. The same run always has the same token, and nothing else has it: the token is
// the SHA-256 of what the run decodes to.
//
// Memory is that of the abridged text. One Abridger is for one thread at a time.

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "fhir_model/base/digest.h"

namespace passerelle {

inline constexpr std::size_t kAbridgedMin = 1u << 20;     // smaller messages are read as they are
inline constexpr std::size_t kLongBase64Min = 64u << 10;  // shorter runs stay

// A value that was taken out. It has no white space and no escape sequences within.
struct LongBase64 {
  std::uint64_t offset = 0, length = 0;  // of its characters, padding included, in the message
  std::uint64_t bytes = 0;               // that it decodes to
  Sha1Digest sha1{};                     // of those
  std::string token;

  // The closing '=' that strict base64 wants and the sender left out.
  std::string_view MissingPadding() const { return std::string_view("==").substr(0, (4 - length % 4) % 4); }
};

class Abridger {
 public:
  void Add(std::string_view bytes);
  void End();  // no more bytes: now the rest may be asked

  const std::string& text() const { return text_; }
  std::string TakeText() { return std::move(text_); }
  const std::vector<LongBase64>& values() const { return values_; }
  // False: a long run is no base64 (its length, its padding). Then the message is only what it is as a whole.
  bool faithful() const { return faithful_; }

 private:
  void AddRun(std::string_view run);
  void AddOther(char c);
  void EndValue();

  std::string text_;
  std::vector<LongBase64> values_;
  bool faithful_ = true;
  std::uint64_t offset_ = 0;   // of the next byte
  std::size_t run_begin_ = 0;  // in text_: of the run that the last byte belonged to
  bool taking_ = false;        // the run is long: its characters go to decoder_, not to text_
  LongBase64 value_;
  Base64Decoder decoder_;
  Sha256Stream sha256_;
  Sha1Stream sha1_;
  std::string decoded_;
};

}  // namespace passerelle
