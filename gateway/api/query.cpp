#include "gateway/api/query.h"

#include <charconv>
#include <cstdint>

namespace passerelle::api {
namespace {

int HexValue(char c) {
  if (c >= '0' && c <= '9') return c - '0';
  if (c >= 'a' && c <= 'f') return c - 'a' + 10;
  if (c >= 'A' && c <= 'F') return c - 'A' + 10;
  return -1;
}

bool IsUnreserved(char c) {
  return (c >= '0' && c <= '9') || (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || c == '-' || c == '.' ||
         c == '_' || c == '~';
}

}  // namespace

std::string PercentDecode(std::string_view text, bool plus_is_space) {
  std::string out;
  out.reserve(text.size());
  for (std::size_t i = 0; i < text.size(); ++i) {
    if (text[i] == '%' && i + 2 < text.size() && HexValue(text[i + 1]) >= 0 && HexValue(text[i + 2]) >= 0) {
      out += static_cast<char>(HexValue(text[i + 1]) * 16 + HexValue(text[i + 2]));
      i += 2;
    } else {
      out += text[i] == '+' && plus_is_space ? ' ' : text[i];
    }
  }
  return out;
}

std::string PercentEncode(std::string_view text) {
  constexpr std::string_view digits = "0123456789ABCDEF";
  std::string out;
  for (char c : text) {
    if (IsUnreserved(c)) {
      out += c;
    } else {
      auto byte = static_cast<std::uint8_t>(c);
      out += '%';
      out += digits[byte >> 4];
      out += digits[byte & 15];
    }
  }
  return out;
}

Parameters ParseQuery(std::string_view text) {
  Parameters all;
  while (!text.empty()) {
    auto end = text.find('&');
    std::string_view one = text.substr(0, end);
    text = end == text.npos ? std::string_view() : text.substr(end + 1);
    if (one.empty()) continue;
    auto equals = one.find('=');
    std::string_view value = equals == one.npos ? std::string_view() : one.substr(equals + 1);
    all.push_back({PercentDecode(one.substr(0, equals), true), PercentDecode(value, true)});
  }
  return all;
}

std::optional<std::string_view> Find(const Parameters& parameters, std::string_view name) {
  for (const auto& parameter : parameters)
    if (parameter.name == name) return std::string_view(parameter.value);
  return std::nullopt;
}

std::optional<std::int64_t> WholeNumber(std::string_view text, std::int64_t least, std::int64_t most) {
  std::int64_t number = 0;
  auto [end, failed] = std::from_chars(text.data(), text.data() + text.size(), number);
  if (failed != std::errc() || end != text.data() + text.size() || number < least || number > most)
    return std::nullopt;
  return number;
}

}  // namespace passerelle::api
