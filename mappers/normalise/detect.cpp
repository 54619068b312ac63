#include "fhir_model/base/digest.h"
#include "mappers/cda/cda.h"
#include "mappers/hl7v2/text.h"
#include "mappers/normalise/normalise.h"

namespace passerelle::normalise {
namespace {

bool IsMessageStart(std::string_view text) {
  return text.starts_with("MSH") || text.starts_with("msh") || text.starts_with("FHS") || text.starts_with("BHS");
}

// The first letter after a byte order mark and white space.
char FirstLetter(std::string_view bytes) {
  if (bytes.starts_with("\xEF\xBB\xBF")) bytes.remove_prefix(3);
  auto at = bytes.find_first_not_of(" \t\r\n");
  return at == bytes.npos ? '\0' : bytes[at];
}

}  // namespace

std::string_view FormatName(Format format) {
  switch (format) {
    case Format::Hl7v2: return "hl7v2";
    case Format::Cda: return "cda";
    case Format::Fhir: return "fhir";
    case Format::Unknown: break;
  }
  return {};
}

Format Detect(std::string_view bytes) {
  if (IsMessageStart(bytes.substr(std::min(bytes.size(), hl7v2::FindMessageStart(bytes)))))
    return Format::Hl7v2;
  if (hl7v2::DetectUtf16(bytes) && bytes.size() > 4) {
    // The letters of a header stand at every other byte.
    char first = bytes[0] == '\0' || bytes[0] == '\xFE' ? bytes[bytes[0] == '\xFE' ? 3 : 1]
                                                        : bytes[bytes[0] == '\xFF' ? 2 : 0];
    if (first == 'M' || first == 'F' || first == 'B') return Format::Hl7v2;
  }
  if (FirstLetter(bytes) == '{') return Format::Fhir;
  if (cda::LooksLikeCda(bytes)) return Format::Cda;
  if (FirstLetter(bytes) == '<') {
    constexpr std::size_t kPrologue = 4096;
    return bytes.substr(0, kPrologue).find("http://hl7.org/fhir") != bytes.npos ? Format::Fhir : Format::Cda;
  }
  return Format::Unknown;
}

}  // namespace passerelle::normalise
