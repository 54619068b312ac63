#include <rapidjson/error/en.h>

#include <algorithm>
#include <optional>
#if defined(__SSE2__)
#include <emmintrin.h>
#endif

#include "fhir_model/base/digest.h"
#include "fhir_model/base/errors.h"
#include "fhir_model/json/builder.h"
#include "fhir_model/json/errors.h"
#include "fhir_model/json/json.h"

namespace passerelle::json {
namespace {

constexpr std::string_view kByteOrderMark = "\xEF\xBB\xBF";
// About what examples need; a hostile text cannot make us reserve much.
constexpr std::size_t kBytesPerNode = 50, kReservedNodesMax = 1u << 20;

constexpr unsigned kFlags =
    rapidjson::kParseInsituFlag | rapidjson::kParseNumbersAsStringsFlag | rapidjson::kParseIterativeFlag;

// One look at every byte. RapidJSON 1.1 compares with 0x19 where it means 0x1F, so its fast path lets 0x1A to
// 0x1F into strings; these bytes stand nowhere in JSON. What is not ASCII wants a closer look.
struct Glance {
  bool ascii = true;
  bool high_control = false;
};

Glance GlanceAt(std::string_view text) {
  Glance glance;
  std::size_t i = 0;
#if defined(__SSE2__)
  const __m128i low = _mm_set1_epi8(0x19), high = _mm_set1_epi8(0x20);
  __m128i controls = _mm_setzero_si128(), all = _mm_setzero_si128();
  for (; i + 16 <= text.size(); i += 16) {
    __m128i block = _mm_loadu_si128(reinterpret_cast<const __m128i*>(text.data() + i));
    controls = _mm_or_si128(controls, _mm_and_si128(_mm_cmpgt_epi8(block, low), _mm_cmplt_epi8(block, high)));
    all = _mm_or_si128(all, block);
  }
  glance.high_control = _mm_movemask_epi8(controls) != 0;
  glance.ascii = _mm_movemask_epi8(all) == 0;
#endif
  for (; i < text.size(); ++i) {
    glance.high_control |= text[i] > 0x19 && text[i] < 0x20;
    glance.ascii &= static_cast<unsigned char>(text[i]) < 0x80;
  }
  return glance;
}

Place PlaceIn(std::string_view text, std::size_t offset) {
  auto before = text.substr(0, offset);
  auto start = before.rfind('\n');
  return {{},
          static_cast<std::uint32_t>(std::count(before.begin(), before.end(), '\n')) + 1,
          static_cast<std::uint32_t>(offset - (start == before.npos ? 0 : start + 1)) + 1};
}

// Where a \uDC00 to \uDFFF stands without the half that comes before it: RapidJSON would make bytes of it
// that are no UTF-8. (It refuses the other half alone by itself.)
std::optional<std::size_t> FindLoneSurrogate(std::string_view text) {
  auto half = [&](std::size_t at) -> char {  // 'h' high, 'l' low, 0 neither
    if (at + 6 > text.size() || text[at] != '\\' || text[at + 1] != 'u' || (text[at + 2] | 0x20) != 'd')
      return 0;
    char c = static_cast<char>(text[at + 3] | 0x20);
    if (c == ('8' | 0x20) || c == ('9' | 0x20) || c == 'a' || c == 'b') return 'h';
    return c >= 'c' && c <= 'f' ? 'l' : static_cast<char>(0);
  };
  for (auto at = text.find('\\'); at != text.npos && at + 1 < text.size(); at = text.find('\\', at)) {
    char kind = half(at);
    if (kind == 'l') return at;
    at += kind == 'h' && half(at + 6) == 'l' ? 12 : 2;
  }
  return std::nullopt;
}

Status CheckBytes(std::string_view bytes, const Limits& limits) {
  if (bytes.size() > limits.input_bytes_max)
    return Error{errors::InputTooLarge, std::to_string(bytes.size()) + " bytes"};
  Glance glance = GlanceAt(bytes);
  if (!glance.ascii)
    if (auto at = FindInvalidUtf8(bytes))
      return Error{errors::Utf8Invalid, "byte " + std::to_string(*at + 1), PlaceIn(bytes, *at)};
  if (auto at = FindLoneSurrogate(bytes))
    return Error{errors::JsonMalformed, "half of a surrogate pair", PlaceIn(bytes, *at)};
  if (glance.high_control) {
    auto at = std::find_if(bytes.begin(), bytes.end(), [](char c) { return c > 0x19 && c < 0x20; });
    return Error{errors::JsonMalformed, "a control character",
                 PlaceIn(bytes, static_cast<std::size_t>(at - bytes.begin()))};
  }
  return Ok();
}

}  // namespace

Result<node::Tree> Parse(std::string bytes, const Limits& limits, const spec::Definitions* definitions) {
  CHECK_OK(CheckBytes(bytes, limits));
  // RapidJSON looks at whole aligned blocks of 16 bytes, also beyond the end of the text.
  bytes.reserve(bytes.size() + kSpareBytes);
  node::Tree tree(node::Format::Fhir);
  tree.Reserve(std::min(bytes.size() / kBytesPerNode, kReservedNodesMax));
  std::string_view source = tree.AdoptSource(std::move(bytes));
  // The tree owns these bytes and nobody else has seen them yet: reading in place may wear them.
  char* text = const_cast<char*>(source.data());
  if (source.starts_with(kByteOrderMark)) text += kByteOrderMark.size();
  const auto size = static_cast<std::size_t>(source.data() + source.size() - text);

  rapidjson::InsituStringStream stream(text);
  rapidjson::Reader reader;
  Builder builder(tree, limits, text, stream);
  auto result = reader.Parse<kFlags>(stream, builder);
  if (builder.error()) return *builder.error();
  if (result.IsError())
    return Error{errors::JsonMalformed, rapidjson::GetParseError_En(result.Code()),
                 builder.PlaceAt(std::min(result.Offset(), size))};
  if (stream.Tell() != size)
    return Error{errors::JsonMalformed, "a NUL byte", builder.PlaceAt(stream.Tell())};
  if (definitions != nullptr)
    if (auto shape = definitions->FindShape(tree.NameText(tree.root().resource)))
      definitions->Type(tree, node::kRoot, shape);
  return tree;
}

}  // namespace passerelle::json
