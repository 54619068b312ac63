#pragma once
// Code systems that are grammars or registers rather than lists in a package: UCUM, BCP 47, MIME types, ISO
// 4217 and 3166, time zones, URIs. Of SNOMED CT and LOINC the form alone, which tells what is no code of them.

#include <string_view>

#include "profiles/terminology/terminology.h"

namespace passerelle::terminology {

using Grammar = Answer (*)(std::string_view code);

// nullptr for a system that is none of them.
Grammar FindGrammar(std::string_view system);

}  // namespace passerelle::terminology
