#pragma once
// Names compared as people mean them: without case, accents, hyphens, apostrophes and doubled blanks.

#include <string>
#include <string_view>

namespace passerelle::requirements {

// "Éloïse d'Arc-Martin" is "ELOISE D ARC MARTIN". Takes UTF-8.
std::string Fold(std::string_view text);

}  // namespace passerelle::requirements
