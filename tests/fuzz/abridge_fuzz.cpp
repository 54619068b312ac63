// The abridger: with its values put back, the abridged message is the message, however the bytes came.

#include <algorithm>
#include <cstdint>
#include <cstdlib>

#include "fhir_model/base/abridge.h"

namespace {

using passerelle::Abridger;

// Each pair of bytes is a letter and how often it comes: long runs of a short input.
std::string Expanded(const std::uint8_t* data, std::size_t size) {
  std::string message;
  for (std::size_t i = 0; i + 1 < size && message.size() < (1u << 20); i += 2)
    message.append(std::size_t{data[i + 1]} * data[i + 1] + 1, static_cast<char>(data[i]));
  return message;
}

Abridger Run(std::string_view message, std::size_t piece) {
  Abridger abridger;
  for (; !message.empty(); message.remove_prefix(std::min(piece, message.size())))
    abridger.Add(message.substr(0, piece));
  abridger.End();
  return abridger;
}

std::string PutBack(const Abridger& abridger, std::string_view message) {
  std::string_view text = abridger.text();
  std::string out;
  for (const auto& value : abridger.values()) {
    auto at = text.find(value.token);
    if (at == text.npos) std::abort();
    out.append(text.substr(0, at)).append(message.substr(value.offset, value.length));
    text.remove_prefix(at + value.token.size());
  }
  return out.append(text);
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  const std::string message = Expanded(data, size);
  const Abridger whole = Run(message, message.size() + 1), pieces = Run(message, 1000);
  if (PutBack(whole, message) != message) std::abort();
  if (whole.text() != pieces.text() || whole.faithful() != pieces.faithful()) std::abort();
  for (const auto& value : whole.values()) {
    auto decoded = passerelle::DecodeBase64(std::string_view(message).substr(value.offset, value.length));
    if (whole.faithful() && (!decoded || decoded->size() != value.bytes)) std::abort();
  }
  return 0;
}
