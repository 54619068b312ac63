// Requirement tables and mails: any text is read or told, none crashes.

#include <cstddef>
#include <cstdint>
#include <string>

#include "gateway/labelling/mail.h"
#include "profiles/requirements/requirement.h"

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  using namespace passerelle;
  std::string text(reinterpret_cast<const char*>(data), size);
  requirements::SourceFile file{"fuzz.req", text};
  [[maybe_unused]] auto catalogue = requirements::Catalogue::Compile(std::span(&file, 1));
  auto mail = labelling::ReadMail(text);
  [[maybe_unused]] bool whole = labelling::IsWhole(text);
  return 0;
}
