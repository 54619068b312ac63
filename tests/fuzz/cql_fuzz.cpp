// Any text is CQL, ELM or neither: what is read of it ends, and a quoted name is read as it was.
// The first byte says as what the text is read.

#include <cstdint>
#include <cstdlib>
#include <string>

#include "fhir_model/base/digest.h"
#include "fhir_model/json/json.h"
#include "profiles/validator/cql_library.h"

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  using namespace passerelle;
  constexpr const char* kTypes[] = {"text/cql", "application/elm+xml", "application/elm+json"};
  if (size == 0) return 0;
  std::string text(reinterpret_cast<const char*>(data) + 1, size - 1);
  auto tree =
      json::Parse(R"({"resourceType":"Library","name":"L","content":[{"contentType":")" +
                      std::string(kTypes[data[0] % 3]) + R"(","data":")" + EncodeBase64(text) + R"("}]})",
                  kWireLimits);
  if (!tree) return 0;
  validator::CqlLibrary library;
  library.Read(*tree, node::kRoot);
  if (!library.known || !library.names.contains("L")) std::abort();
  (void)validator::ReadCqlName(text, false);
  for (const auto& name : library.defined) {
    std::string quoted;
    for (char c : name) quoted += c == '"' || c == '\\' ? std::string{'\\', c} : std::string(1, c);
    auto read = validator::ReadCqlName("L.\"" + quoted + "\"", false);
    if (!read || read->library != "L" || read->name != name) std::abort();
  }
  return 0;
}
