#include "mappers/hl7v2/delimiters.h"

#include <algorithm>
#include <string>

#include "mappers/hl7v2/errors.h"

namespace passerelle::hl7v2 {
namespace {

constexpr std::size_t kNameLength = 3;

bool MayDelimit(char c) {
  auto byte = static_cast<unsigned char>(c);
  bool letter = (c >= 'A' && c <= 'Z') || (c >= 'a' && c <= 'z') || (c >= '0' && c <= '9');
  return byte > 0x20 && byte < 0x7F && !letter && c != '"';
}

void Assign(Delimiters& d, std::string_view characters) {
  char* slots[] = {&d.component, &d.repetition, &d.escape, &d.subcomponent, &d.truncation};
  for (char* slot : slots) *slot = 0;
  for (std::size_t i = 0; i < characters.size(); ++i) *slots[i] = characters[i];
  if (characters.size() == 3 && d.escape != '\\') std::swap(d.escape, d.subcomponent);
}

Error Wrong(const ErrorInfo& info, std::string detail, std::uint32_t column) {
  return Error(info, std::move(detail), {column == 4 ? "MSH-1" : "MSH-2", 1, column});
}

}  // namespace

std::string_view EncodingCharacters(std::string_view header) {
  if (header.size() <= kNameLength) return {};
  auto rest = header.substr(kNameLength + 1);
  const char ends[] = {header[kNameLength], '\r', '\n'};
  return rest.substr(0, rest.find_first_of(std::string_view(ends, 3)));
}

Result<Delimiters> ReadDelimiters(std::string_view header) {
  Delimiters d;
  if (header.size() <= kNameLength || header[kNameLength] == '\r' || header[kNameLength] == '\n')
    return Wrong(errors::DelimitersMissing, "MSH-1", 4);
  d.field = header[kNameLength];
  if (!MayDelimit(d.field)) return Wrong(errors::DelimitersInvalid, "MSH-1 is a letter, a digit or a control", 4);

  auto written = EncodingCharacters(header);
  if (written.empty()) return Wrong(errors::DelimitersMissing, "MSH-2", 5);
  std::string characters(written.substr(0, 16));
  if (auto at = characters.find(kSmallTilde); at != characters.npos) {
    characters.replace(at, kSmallTilde.size(), "~");
    d.repetition_is_u02dc = true;
  }
  if (characters.size() > 5)
    return Wrong(errors::DelimitersInvalid, "MSH-2 has more than 5 characters", 5);
  if (!std::all_of(characters.begin(), characters.end(), MayDelimit))
    return Wrong(errors::DelimitersInvalid, "MSH-2 holds a letter, a digit or a character beyond ASCII", 5);
  std::string sorted = characters + d.field;
  std::sort(sorted.begin(), sorted.end());
  if (std::adjacent_find(sorted.begin(), sorted.end()) != sorted.end())
    return Wrong(errors::DelimitersInvalid, "two delimiters are the same character", 5);
  Assign(d, characters);
  d.named = static_cast<int>(characters.size());
  return d;
}

}  // namespace passerelle::hl7v2
