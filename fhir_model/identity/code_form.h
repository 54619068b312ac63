#pragma once
// Codes that tell by their form whether they can be one of their system: LOINC and SNOMED CT end in a check digit, so a
// slip of the pen is seen without the content of either.
//
// Pure functions, safe from any thread.

#include <string_view>

namespace passerelle::identity {

// A number of at most seven digits, "-" and its check digit modulo 10: the code of a term.
bool LoincKeyAgrees(std::string_view code);

// Such a code, or one with letters: parts, lists, answers and provisional codes.
bool MayBeLoinc(std::string_view code);

// The identifier of a concept: 6 to 18 digits, with the partition of concepts, that end in a check digit (SNOMED CT
// Release File Specifications, 5.5), or an expression of such.
bool MayBeSnomed(std::string_view code);

// By the system's URI; of other systems nothing is known, and anything may be.
bool MayBeCodeOf(std::string_view system, std::string_view code);

}  // namespace passerelle::identity
