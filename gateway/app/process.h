#pragma once
// What the operating system should know of a process that holds patients' data.

#include <string>

#include "fhir_model/base/result.h"

namespace passerelle::app {

// No core dumps, nobody may attach, files are the owner's alone, as many descriptors as the system allows, a
// closed connection is no signal.
void HardenProcess();

// Random bytes of the system, and so many as hex.
std::string RandomBytes(std::size_t bytes);
std::string RandomHex(std::size_t bytes);

// The standing token in FOLDER/access-token (mode 0600), made at the first start.
struct AccessToken {
  std::string token, file;
};
Result<AccessToken> EnsureAccessToken(const std::string& folder);

}  // namespace passerelle::app
