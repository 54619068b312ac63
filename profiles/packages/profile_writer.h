#pragma once
// A spec::Profile as the bytes that the pack keeps (fhir_model/spec/profile_format.h).

#include <string>

#include "fhir_model/spec/profile.h"
#include "profiles/packages/strings.h"

namespace passerelle::packages {

std::string WriteProfile(spec::Profile profile, Strings& strings);

}  // namespace passerelle::packages
