#pragma once
// Application errors of the French profile for documents that came by secure mail (CISIS_CDA_HL7_LPS 1.1):
// what stands in ERR-5 where the hospital's software, or we in its place, could not take a document (safety
// rule 15).

#include <string>
#include <string_view>

#include "fhir_model/base/error.h"
#include "mappers/hl7v2/delimiters.h"

namespace passerelle::hl7v2 {

bool IsLpsProfile(std::string_view profile);

// ERR-5, "904^INS différent^applicationErrorCondition"; 906 for what has no code of its own.
std::string ApplicationErrorOf(const Error& error, const Delimiters& delimiters);

}  // namespace passerelle::hl7v2
